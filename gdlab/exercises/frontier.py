"""Exercises and questions of notebook 10 Frontier."""

from __future__ import annotations

import numpy as np

from gdlab import landscapes
from gdlab.grading import Code, Number


def bend(f, at, u, h=1e-5):
    """The curvature of f along u."""
    return (f.gradient(at + h * u) - f.gradient(at - h * u)) @ u / (2 * h)


def steeper(f, theta, rescaled, directions):
    """Along how many directions the raw curvature at `rescaled` is more than 10 times that at `theta`."""
    return sum(bend(f, rescaled, u) > 10 * bend(f, theta, u) for u in directions)


def boxes(borders, size):
    """How many boxes of size × size pixels hold a pixel of the border, for each of the borders."""
    k = borders.shape[1] // size
    return borders.reshape(-1, k, size, k, size).any(axis=(2, 4)).sum(axis=(1, 2))


def tangled(borders):
    """How many of the borders meet more than 2.2 times as many boxes of 2 pixels as of 4."""
    return (boxes(borders, 2) > 2.2 * boxes(borders, 4)).sum()


def _borders(shares, seed):
    """Square borders of 8 pixels with one row, and a share of the others strewn over the table."""
    rng = np.random.default_rng(seed)
    borders = np.array([rng.random((8, 8)) < share for share in shares])
    borders[:, 3] = True
    return borders


def _around(count):
    """Directions of length 1, at random."""
    some = np.random.default_rng(10).normal(size=(count, 2))
    return some / np.linalg.norm(some, axis=1, keepdims=True)


_ROUND = _around(20)
_VALLEY = landscapes.Rosenbrock()
_PLACES = np.array([[0.0, 0.0], [2.0, 2.0], [0.5, 0.2], [2.0, 4.0]])

EXERCISES = {
    "frontier-a": Number(
        answer=float(((20 - 1) / (20 + 1)) ** 2),
        praise="√400 = 20, and (19/21)² = 0.819. Each step leaves 19/21 of the distance, its root.",
        hints=[
            "The formula stands above the cell with three bowls. κ = 400 has a handy root.",
            "√κ = 20: (20 − 1)/(20 + 1) is the rate. And β?",
            "(19 / 21)**2",
        ],
        mistakes={
            19 / 21: "That is the rate, what a step leaves of the distance. β is its square.",
            399 / 401: "That is the rate of plain descent. Momentum has the root of κ in its place.",
            (2 / 1.05) ** 2: "That is the best α, where the largest curvature is 1. β is asked.",
            1 - (19 / 21) ** 2: "That is 1 − β.",
        },
    ),
    "frontier-b": Number(
        answer=50.0,
        praise="2/0.04 = 50. It hovers where descent on a bowl would be at its limit.",
        hints=[
            "In the three runs at the edge, compare the late sharpness with the learning rate.",
            "At α = 0.05 it hovered near 40, at α = 0.06 near 33.",
            "2 / 0.04",
        ],
        tolerance=0.03,
        mistakes={
            25.0: "That is 1/α. The limit is two over α.",
            0.08: "That is 2α: divide 2 by α.",
            40.0: "That was the edge at α = 0.05.",
            100.0: "That is the edge at α = 0.02. At α = 0.04 it lies lower.",
            21.9: "There it began. It climbs from there.",
        },
    ),
    "frontier-c": Number(
        answer=float(np.log2(960 / 340)),
        praise="Half the size, 2.82 times the boxes: 2 to the power 1.5. More than a line, less than an area.",
        hints=[
            "With boxes half as wide the count grows 2 to the power D times.",
            "So 2 to the power D is 960/340. Which function undoes a power of 2?",
            "np.log2(960 / 340)",
        ],
        tolerance=0.01,
        mistakes={
            960
            / 340: "That is how many times more boxes: 2 to the power D. A logarithm brings the D down.",
            float(np.log(960 / 340)): "Take the logarithm to base 2, since the boxes are half as wide.",
            float(np.log2(340 / 960)): "Upside down: the smaller boxes are more.",
            float(np.log(960) / np.log(340)): "Divide first, then take one logarithm, to base 2.",
            float(
                np.log10(960 / 340)
            ): "That is the logarithm to base 10. The boxes are half as wide: base 2.",
        },
    ),
    "frontier-d": Code(
        answer=steeper,
        cases=[
            (_VALLEY, _PLACES[0], _PLACES[1], _ROUND),
            (_VALLEY, _PLACES[2], _PLACES[3], _ROUND[:12]),
            (_VALLEY, _PLACES[1], _PLACES[0], _ROUND),
        ],
        praise="The directions are the same at both places, so this is what a raw slice compares.",
        hints=[
            "Write the bend of section 5 again inside answer, with f.gradient in place of relu.gradient.",
            "Compare bend(rescaled, u) with 10 times bend(theta, u) for each u, and count.",
            "sum(bend(rescaled, u) > 10 * bend(theta, u) for u in directions)",
        ],
        mistakes=[
            (
                lambda f, a, b, us: steeper(f, a, b, us) / len(us),
                "That is the share of the directions; their number is asked.",
            ),
            (
                lambda f, a, b, us: steeper(f, b, a, us),
                "You counted where the first place is the more curved. Which one was rescaled?",
            ),
            (
                lambda f, a, b, us: sum(bend(f, b, u) > bend(f, a, u) for u in us),
                "You counted all where the curvature is larger. More than 10 times larger is asked.",
            ),
            (
                lambda f, a, b, us: sum(f(b + u) > 10 * f(a + u) for u in us),
                "You compared heights. The curvature is how the slope along u changes.",
            ),
            (
                lambda f, a, b, us: sum(
                    abs(f.gradient(b) @ u) > 10 * abs(f.gradient(a) @ u) for u in us
                ),
                "You compared slopes. The curvature is how the slope along u changes.",
            ),
        ],
    ),
    "frontier-e": Code(
        answer=tangled,
        cases=[
            (_borders([0, 0.1, 0.4, 0.2, 0.6], 0),),
            (_borders([0.05, 0.3, 0], 1),),
            (_borders([0, 0], 2),),
        ],
        praise="2.2 is 2 to the power 1.14. A single smooth line meets about twice as many boxes half as wide.",
        hints=[
            "Write a function that counts the boxes of one size for all borders at once.",
            "Let k = borders.shape[1] // size. In borders.reshape(-1, k, size, k, size) the axes 2 and 4 lie inside a box.",
            "borders.reshape(-1, k, size, k, size).any(axis=(2, 4)).sum(axis=(1, 2))",
        ],
        mistakes=[
            (
                lambda b: tangled(b) / len(b),
                "That is the share of the borders; their number is asked.",
            ),
            (
                lambda b: (boxes(b, 1) > 2.2 * boxes(b, 2)).sum(),
                "You counted boxes of 1 and 2 pixels. Boxes of 2 and 4 pixels are asked.",
            ),
            (
                lambda b: (boxes(b, 2) > boxes(b, 4)).sum(),
                "Every border meets more small boxes. More than 2.2 times as many is asked.",
            ),
            (
                lambda b: (boxes(b, 2) <= 2.2 * boxes(b, 4)).sum(),
                "Those are the smooth ones; the tangled ones are asked.",
            ),
            (
                lambda b: int(boxes(b, 2).sum() > 2.2 * boxes(b, 4).sum()),
                "You added the boxes of all borders up. Each border is judged on its own.",
            ),
        ],
    ),
}

QUESTIONS = {
    "frontier-edge": (
        "At the start the sharpness is about 22. Where does it go in a training with learning rate 0.05?",
        {
            "it falls to about 5": "Near the bottom the ground is flatter, one would think. It is not, here.",
            "it stays near 22": "On a bowl it would, for there the curvature is the same everywhere.",
            "it climbs to about 40 and hovers": "It climbs as far as the learning rate lets it.",
            "it climbs past 40, and the run diverges": "On a bowl a run above the limit has no way back. "
            "Here the curvature itself comes down again.",
        },
    ),
    "frontier-zoom": (
        "We enlarge a part of the border between blue and orange about 500 times. What do we see?",
        {
            "a smooth line": "So it would be with a circle, or with the limit on a bowl.",
            "as tangled a border as before": "Each enlargement shows new detail, down to the last one made here.",
            "one colour only": "The rectangles are chosen on the border: both colours are in them.",
        },
    ),
    "frontier-line": (
        "Twenty networks. From each start we go straight to the end of its training. On how many of these lines does the value never rise?",
        {
            "on none or few": "Hills would have to stand in the way. At this learning rate we met none.",
            "on about half": "The straight lines are less of a gamble than that.",
            "on nearly all": "The value falls all the way, though descent itself took another path.",
        },
    ),
}
