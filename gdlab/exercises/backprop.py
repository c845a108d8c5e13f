"""Exercises and questions of notebook 08 Backpropagation."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number, Quantity


def backward(w, v, x, y):
    """The slopes of (v tanh(w x) − y)² for w and for v."""
    h = np.tanh(w * x)
    slope = 2 * (v * h - y)
    return np.array([slope * v * (1 - h**2) * x, slope * h])


def _slip(bend=True, factor=2, weight=True, inputs=True):
    """The same with a part left out."""

    def wrong(w, v, x, y):
        h = np.tanh(w * x)
        slope = factor * (v * h - y)
        left = slope * (v if weight else 1) * (1 - h**2 if bend else 1) * (x if inputs else 1)
        return np.array([left, slope * h])

    return wrong


EXERCISES = {
    "backprop-a": Number(
        answer=float(backward(0.125, 2.0, 4.0, 0.5)[0]),
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
            "−0.834 × 2 × (1.663 − 1)",
        ],
        tolerance=0.004,
        mistakes={
            -1.939: "That belongs to the target 0.5: move the target to 1 first.",
            1.326: "That is the slope at ŷ, and of its bias. The weight's slope is the blue number on the edge.",
            -1.591: "That is the slope at h₂. The weight's slope stands on the edge, under −1.2.",
            -1.2: "That is the weight itself, in black. Its slope is the blue number below.",
            0.949: "That belongs to the edge from h₃; the middle edge comes from h₂.",
        },
    ),
    "backprop-c": Code(
        answer=backward,
        cases=[(0.25, 2.0, 2.0, 0.5), (-1.0, 0.5, 1.5, 1.0), (0.7, -1.2, -0.4, 0.3)],
        praise="Forward once, back once, and every slope is there.",
        hints=[
            "First forward: h = np.tanh(w * x), and the slope at the prediction, 2 * (v * h - y).",
            "The slope of v is h times that. The way to w goes through v, 1 - h**2 and x.",
            "return np.array([slope * v * (1 - h**2) * x, slope * h])",
        ],
        mistakes=[
            (_slip(bend=False), "The slope of tanh, 1 − h², is missing on the way to w."),
            (_slip(factor=1), "The slope of the square is 2(ŷ − y): a 2 is missing."),
            (_slip(weight=False), "On the way from ŷ to h the slope is multiplied by v."),
            (_slip(inputs=False), "That is the slope at the sum; w has the input x at its left."),
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
            "relu is a where a is positive, and 0 elsewhere. What is its slope in each part?",
            "Slope 1 where a is positive, 0 elsewhere; multiply the incoming slope by it.",
            "a > 0 counts as 1 where it is true: slope * (a > 0)",
        ],
        mistakes=[
            (lambda s, a: s * np.maximum(a, 0), "That multiplies by relu's value; its slope is asked."),
            (lambda s, a: np.maximum(s, 0), "The sum a decides what passes, not the sign of the slope."),
            (
                lambda s, a: s * (a > 0) * (s > 0),
                "Negative slopes pass too, where the sum is positive.",
            ),
            (lambda s, a: s * (1 - np.tanh(a) ** 2), "That is the slope of tanh; relu is a switch."),
            (lambda s, a: s * (a <= 0), "The other way round: it passes where a is positive."),
            (lambda s, a: s * 1.0, "Everything passes. Where a is negative, relu is flat."),
        ],
    ),
}

QUESTIONS = {
    "backprop-moved": (
        "A trained network works out its gradient a hundred times. How far do its parameters move?",
        {
            "not at all": "A gradient says how the value would change. Somebody else must take the step.",
            "a little, downhill": "Downhill is the way of an update rule, and none was called.",
            "far: a hundred steps": "A hundred gradients are not a hundred steps. A step needs an update rule, too.",
        },
    ),
    "backprop-passes": (
        "How many times the multiplications of a forward pass does the whole gradient take by backpropagation, forward pass included?",
        Quantity(
            small="Too few: the backward pass has products of its own.",
            large="Too many: every product on the way back serves all parameters before it.",
            right="One pass forward, and about as much again on the way back.",
            unit="times",
            factor=1.5,
        ),
    ),
    "backprop-wrong": (
        "One factor is forgotten in the slope of w. What does the run do?",
        {
            "it climbs at once": "The forgotten factor lies between 0 and 1: for each single point the slope keeps its sign.",
            "it falls, and ends higher than the right one": "It looks like learning. Only a check tells.",
            "it ends in the same place": "At first the two are alike. Then the wrong slopes lead off.",
        },
    ),
}
