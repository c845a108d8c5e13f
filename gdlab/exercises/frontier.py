"""Exercises and questions of notebook 10 Frontier."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def normalized(direction, weights):
    """A direction whose columns, one a unit, are as long as those of the weights."""
    direction, weights = np.asarray(direction, dtype=float), np.asarray(weights, dtype=float)
    return direction * np.linalg.norm(weights, axis=0) / np.linalg.norm(direction, axis=0)


def boxes(border, size):
    """How many boxes of size × size pixels hold at least one pixel of the border."""
    border = np.asarray(border, dtype=bool)
    n = len(border) // size
    return int(border[: n * size, : n * size].reshape(n, size, n, size).any(axis=(1, 3)).sum())


def _drawn(seed, *shape):
    """Random numbers, the same for every reader."""
    return np.random.default_rng(seed).normal(size=shape)


_DIAGONAL = np.eye(8, dtype=bool)
_RING = np.zeros((8, 8), dtype=bool)
_RING[[1, 6], 1:7] = _RING[1:7, [1, 6]] = True

EXERCISES = {
    "frontier-a": Number(
        answer=float(((20 - 1) / (20 + 1)) ** 2),
        praise="√400 = 20, and (19/21)² = 0.819. Each step leaves 19/21 of the distance, its root.",
        hints=[
            "The formula stands above the three charts. κ = 400 has a handy root.",
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
            "In the two runs at the edge, compare the late sharpness with the learning rate.",
            "At α = 0.05 it hovered near 40, at α = 0.06 near 33.",
            "2 / 0.04",
        ],
        tolerance=0.1,
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
            "Boxes half as wide: a line needs twice as many, an area four times as many.",
            "2 to the power D is 960/340.",
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
        answer=normalized,
        cases=[
            (_drawn(1, 3, 2), _drawn(2, 3, 2) * [1, 5]),
            (_drawn(3, 2, 4), _drawn(4, 2, 4)),
        ],
        praise="Each unit's part of the direction is as long as the unit's own weights. Rescale the unit, "
        "and the direction follows.",
        hints=[
            "np.linalg.norm(weights, axis=0) gives the length of every column.",
            "Divide each column of the direction by its own length, then give it the weights' length.",
            "direction * np.linalg.norm(weights, axis=0) / np.linalg.norm(direction, axis=0)",
        ],
        mistakes=[
            (
                lambda d, w: d * np.linalg.norm(w) / np.linalg.norm(d),
                "One length for all: each unit, a column, needs its own.",
            ),
            (
                lambda d, w: d * np.linalg.norm(w, axis=0),
                "The direction's own length is still in it: divide by it.",
            ),
            (
                lambda d, w: d / np.linalg.norm(d, axis=0),
                "Now every column has length 1. It should have the length of the weights' column.",
            ),
            (
                lambda d, w: d * np.linalg.norm(w, axis=1)[:, None] / np.linalg.norm(d, axis=1)[:, None],
                "You took the rows. A unit's incoming weights are a column: axis=0.",
            ),
            (
                lambda d, w: d * np.linalg.norm(d, axis=0) / np.linalg.norm(w, axis=0),
                "Upside down: times the weights' length, divided by the direction's.",
            ),
        ],
    ),
    "frontier-e": Code(
        answer=boxes,
        cases=[(_DIAGONAL, 2), (_RING, 2), (_RING, 4), (_DIAGONAL, 1), (_drawn(5, 12, 12) > 1.3, 3)],
        praise="Count for several sizes, and the slope of the logarithms is the dimension.",
        hints=[
            "border.reshape(n, size, n, size) has the box's row, its column, and two axes inside the box.",
            "any(axis=(1, 3)) says of each box whether it holds a pixel of the border.",
            "n = len(border) // size; return border.reshape(n, size, n, size).any(axis=(1, 3)).sum()",
        ],
        mistakes=[
            (lambda b, s: b.sum(), "Those are the pixels of the border. A box counts once."),
            (lambda b, s: b.sum() / s**2, "A box that holds a single pixel counts in full."),
            (
                lambda b, s: b.reshape(len(b) // s, s, len(b) // s, s).any(axis=(1, 3)).mean(),
                "That is the share of the boxes; their number is asked.",
            ),
            (
                lambda b, s: b.reshape(len(b) // s, s, len(b) // s, s).all(axis=(1, 3)).sum(),
                "Those are the boxes that are full. One pixel is enough: any, not all.",
            ),
            (
                lambda b, s: b[::s, ::s].sum(),
                "You looked at one corner of each box. The border may pass elsewhere in it.",
            ),
        ],
    ),
}

QUESTIONS = {
    "frontier-edge": (
        "At the start the sharpness is about 20. The learning rate 0.05 has its limit at 40. Where does the sharpness go in training?",
        {
            "it falls": "Near the bottom the ground is flatter, one would think. It is not, here.",
            "it stays near 20": "On a bowl it would, for there the curvature is the same everywhere.",
            "it climbs to about 40 and hovers": "It climbs as far as the learning rate lets it.",
            "it climbs past 40, and the run diverges": "On a bowl a run above the limit has no way back. "
            "Here the curvature itself comes down again.",
        },
    ),
    "frontier-zoom": (
        "The map shows a border between blue and orange. We enlarge a part of it 500 times. What do we see?",
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
