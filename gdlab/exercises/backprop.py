"""Exercises and questions of notebook 08 Backpropagation."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number, Quantity


def backward(w, v, c, x, y):
    """The slopes of (v tanh(w x) + c v − y)² for w and for v."""
    h = np.tanh(w * x)
    slope = 2 * (v * h + c * v - y)
    return np.array([slope * v * (1 - h**2) * x, slope * (h + c)])


def _slip(bend=True, factor=2, weight=True, inputs=True, first=True, second=True):
    """The same with a part left out on the way back."""

    def wrong(w, v, c, x, y):
        h = np.tanh(w * x)
        slope = factor * (v * h + c * v - y)
        left = slope * (v if weight else 1) * (1 - h**2 if bend else 1) * (x if inputs else 1)
        return np.array([left, slope * (first * h + second * c)])

    return wrong


def _once(w, v, c, x, y):
    """The backward pass of a forward pass without c v."""
    return backward(w, v, 0, x, y)


EXERCISES = {
    "backprop-a": Number(
        answer=float(backward(0.125, 2.0, 0.0, 4.0, 0.5)[0]),
        praise="Four factors in a row: 2(ŷ − y), then v, then 1 − h², then x.",
        hints=[
            "Go row by row: each needs the slope from a row above.",
            "At h: 2 · 0.8485 = 1.697. At a: (1 − 0.4621²) · 1.697.",
            "At a it is 1.335; w has the input 4 at its left.",
        ],
        mistakes={
            1.3345: "That is the slope at a; for w it is multiplied by the input, x = 4.",
            6.788: "The factor 1 − h² is missing: tanh passes only part of the slope.",
            2.669: "A 2 is missing: the slope at ŷ is 2(ŷ − y), and v is 2.",
            0.3921: "That is the slope of v; the way to w goes on through h and a.",
            1.697: "That is the slope at h. Two rows are left.",
        },
    ),
    "backprop-b": Number(
        answer=-1.105,
        praise="The value at its left, −0.834, times the slope at its right, 1.326.",
        hints=[
            "The forward values do not depend on the target: ŷ stays 1.663.",
            "Press play, or move to step 10, and look at the middle edge into ŷ.",
            "−0.834 × 2 × (1.663 − 1), to two decimals",
        ],
        mistakes={
            -2.811: "That belongs to x₁ = 3: set it back to 1.",
            -0.552: "A 2 is missing: the slope at ŷ is 2(ŷ − y).",
            -1.939: "That belongs to the target 0.5: move the target to 1 first.",
            1.326: "That is the slope at ŷ, and of its bias. The weight's slope is the blue number on the edge.",
            -1.591: "That is the slope at h₂. The weight's slope stands on the edge, under −1.2.",
            -1.2: "That is the weight itself, in black. Its slope is the blue number below.",
            0.949: "That belongs to the edge from h₃; the middle edge comes from h₂.",
        },
    ),
    "backprop-c": Code(
        answer=backward,
        cases=[(0.25, 2.0, 0.5, 2.0, 0.5), (-1.0, 0.5, -0.4, 1.5, 1.0), (0.7, -1.2, 1.5, -0.4, 0.3)],
        praise="A weight that is used twice gets a slope from each use, and the two are added.",
        hints=[
            "First forward: h = np.tanh(w * x), and the slope at the prediction, 2 * (v * h + c * v - y).",
            "v times h and v times c: each use of v gives it a slope. Add the two.",
            "return np.array([slope * v * (1 - h**2) * x, slope * (h + c)])",
        ],
        mistakes=[
            (
                _slip(second=False),
                "That is the slope of v from its first use, v h. It is used in c v, too.",
            ),
            (
                _slip(first=False),
                "That is the slope of v from its second use, c v. It is used in v h, too.",
            ),
            (_once, "The prediction is v h + c v: the part c v is missing on the way forward."),
            (_slip(bend=False), "The slope of tanh, 1 − h², is missing on the way to w."),
            (_slip(factor=1), "The slope of the square is 2(ŷ − y): a 2 is missing."),
            (_slip(weight=False), "On the way from ŷ to h the slope is multiplied by v."),
            (
                _slip(inputs=False),
                "That is the slope at the sum; w stands on the edge that begins at x.",
            ),
            (lambda *given: backward(*given)[::-1], "The order: first the slope of w, then that of v."),
            (lambda *given: -backward(*given), "The slopes themselves are asked, not the way down."),
        ],
    ),
    "backprop-d": Code(
        answer=lambda slope, a: slope * (np.asarray(a) > 0),
        cases=[
            (np.array([1.0, -2.0, 3.0]), np.array([0.5, -0.5, -2.0])),
            (np.array([-1.5, 4.0, 0.3]), np.array([2.0, -1.0, 3.0])),
        ],
        praise="A switch: where the sum is positive everything passes, elsewhere nothing.",
        hints=[
            "ReLU is a where a is positive, and 0 elsewhere. What is its slope in each part?",
            "Slope 1 where a is positive, 0 elsewhere; multiply the incoming slope by it.",
            "a > 0 counts as 1 where it is true: slope * (a > 0)",
        ],
        mistakes=[
            (
                lambda s, a: s * np.maximum(a, 0),
                "That multiplies by the value of ReLU; its slope is asked.",
            ),
            (lambda s, a: np.maximum(s, 0), "The sum a decides what passes, not the sign of the slope."),
            (
                lambda s, a: s * (a > 0) * (s > 0),
                "Negative slopes pass too, where the sum is positive.",
            ),
            (lambda s, a: s * (1 - np.tanh(a) ** 2), "That is the slope of tanh; ReLU is a switch."),
            (lambda s, a: s * (a <= 0), "The other way round: it passes where a is positive."),
            (lambda s, a: s * 1.0, "Everything passes. Where a is negative, ReLU is flat."),
        ],
    ),
}

QUESTIONS = {
    "backprop-passes": (
        "How many times the multiplications of a forward pass does the whole gradient take by backpropagation, forward pass included?",
        Quantity(
            small="Too few: the backward pass has products of its own.",
            large="Too many: on the way back each weight takes part in at most two products.",
            right="One pass forward, and about as much again on the way back.",
            unit="times",
            factor=1.5,
        ),
    ),
    "backprop-paths": (
        "Twelve runs: four update rules, each with three sources. How many different paths, to a millionth?",
        {
            "one": "Each rule makes another kind of step of the same slopes.",
            "three, one for each source": "The three sources give the same slopes. A rule cannot tell them apart.",
            "four, one for each rule": "A rule sees slopes, not where they come from.",
            "twelve": "The three sources give the same slopes, so their runs fall together.",
        },
    ),
    "backprop-wrong": (
        "One factor is forgotten in the slope of w. What does the run do?",
        {
            "it climbs at once": "From this start both slopes keep their signs, so it begins downhill. From others it may climb at once.",
            "it falls, and ends higher than the right one": "At first it looks like learning. A check against nudges tells.",
            "it ends in the same place": "At first the two are alike. Then the wrong slopes lead off.",
        },
    ),
}
