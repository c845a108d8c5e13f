"""Exercises and questions of notebook 06 Batches."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def mini_batch(x, y, w, rows):
    """The slope of the mean of (w x − y)² over those rows."""
    return np.mean(2 * (w * x[rows] - y[rows]) * x[rows])


def downhill(gradient, estimates):
    """The share of estimates, shape (m, d), that make an acute angle with the gradient."""
    return np.mean(estimates @ gradient > 0)


_X, _Y = np.array([1.0, -2.0, 0.5, 3.0, -1.0]), np.array([2.0, 1.0, 0.0, 4.0, -3.0])
_EDGE = np.array([[2.0, -1.0], [0.1, 0.0], [1.0, 1.0]])  # with (1, 2): exactly 0, a little above, 3
_FEW = np.array([[1.0, 0.0], [0.5, -2.0], [-1.0, 0.5], [2.0, 2.0], [3.0, -1.0]])

EXERCISES = {
    "batch-a": Number(
        answer=11,
        praise="Ten batches of 32, and one of the 22 that are left.",
        hints=[
            "In one pass every penguin is used once.",
            "342 / 32 is 10.69.",
            "The penguins that are left over make a smaller batch of their own.",
        ],
        mistakes={
            10: "And the 22 penguins that are left over? They make a batch too.",
            342 / 32: "A batch is done or not: round, and mind which way.",
            32: "That is how many penguins are in a batch; how many batches are there?",
            342: "That would be B = 1, one penguin an update.",
        },
    ),
    "batch-b": Number(
        answer=64,
        praise="An eighth of the noise costs 64 times the examples.",
        hints=[
            "Noise ∝ 1/√B.",
            "12 / 1.5 = 8: the noise must fall to an eighth.",
            "√B = 8",
        ],
        mistakes={
            8: "The noise falls like 1/√B: with B = 8 it is only about 2.8 times smaller.",
            8**0.5: "Turned round: √B must be 8, so B is its square.",
            18: "1.5 · 12 says nothing here; ask by what factor the noise must fall.",
            16: "Twice 8? The factor 8 must be squared.",
            63: "One too few: square the factor 8.",
            65: "One too many: square the factor 8.",
        },
    ),
    "batch-c": Code(
        answer=mini_batch,
        cases=[
            (_X, _Y, 0.5, [0, 3]),
            (_X, _Y, -1.0, [1, 2, 4]),
            (_X, _Y, 2.0, [2]),
        ],
        praise="The same formula as for all examples, on fewer rows. That is all there is to it.",
        hints=[
            "x[rows] and y[rows] are the examples of the batch.",
            "Residual: w · x − y. The slope of its square is 2 · residual · x.",
            "The mean over the batch: np.mean divides by the number of its rows.",
        ],
        mistakes=[
            (
                lambda x, y, w, rows: np.mean(2 * (w * x - y) * x),
                "That is the gradient over all examples: take the rows of the batch only.",
            ),
            (
                lambda x, y, w, rows: mini_batch(x, y, w, rows) * len(rows) / len(x),
                "Divided by all examples; divide by the size of the batch, or small batches would step less.",
            ),
            (
                lambda x, y, w, rows: mini_batch(x, y, w, rows) * len(rows),
                "That is the sum; the mean over the batch is asked.",
            ),
            (
                lambda x, y, w, rows: mini_batch(x, y, w, rows) / 2,
                "The 2 is missing: the slope of r² is 2r.",
            ),
            (
                lambda x, y, w, rows: np.mean(2 * (w * x[rows] - y[rows])),
                "That is the slope for a bias; for the weight every residual is multiplied by its x.",
            ),
        ],
    ),
    "batch-d": Code(
        answer=downhill,
        cases=[
            (np.array([1.0, 0.0]), _FEW),
            (np.array([-1.0, 2.0]), _FEW),
            (np.array([0.5, 0.5]), _FEW[1:]),
            (np.array([1.0, 2.0]), _EDGE),
        ],
        praise="If a batch's gradient lies on the same side as the true one, a step against it goes down if it is short enough.",
        hints=[
            "Two arrows point to the same side if the sum of the products of their parts is positive.",
            "estimates @ gradient gives that sum for every estimate.",
            "np.mean of a comparison is a share.",
        ],
        mistakes=[
            (lambda g, e: np.mean(e @ g < 0), "That is the share that goes uphill."),
            (
                lambda g, e: np.mean(e @ g >= 0),
                "A product of 0 is not positive: such a step does not count.",
            ),
            (lambda g, e: np.sum(e @ g > 0), "That is a count; divide by the number of estimates."),
            (lambda g, e: np.mean(e @ g), "Compare with 0 before you take the mean: a share is asked."),
            (
                lambda g, e: np.mean((e * g > 0).all(axis=1)),
                "Not every part has to agree in sign: the sum of the products decides.",
            ),
            (
                lambda g, e: np.mean(e * g > 0),
                "Add up the products of each estimate first, then compare.",
            ),
        ],
    ),
    "batch-e": Number(
        answer=3,
        praise="One bird is right about three times in four, three together more than 19 times in 20. (With other shuffles it is 3 too, or now and then 4.)",
        hints=[
            "The sentence under the picture counts the mini-batches that point downhill.",
            "Move the slider by one with the arrow keys: its lowest end is B = 1, with 383 of 500.",
            "At B = 10 all 500 do. Go back from there as long as the count is 475 or more.",
        ],
        mistakes={
            1: "With B = 1 only 383 of 500 point downhill.",
            2: "Nearly: with B = 2 it is 462 of 500, and 475 are asked.",
            4: "With B = 4 it is 493 of 500; a smaller B will do.",
            7: "From B = 7 on all 500 do; 475 are asked.",
            10: "With B = 10 all 500 do, but a smaller B will do.",
            342: "With B = 342 all are the same gradient; a far smaller B will do.",
        },
    ),
}

QUESTIONS = {
    "batch-noise": (
        "A mini-batch of 100 digits in place of 1. How much smaller is the noise of its gradient?",
        {
            "about twice": "A hundred digits cancel much more of each other's errors than that.",
            "about 10 times": "The squared misses of 100 digits add up, so their sum misses by √100 = 10 times as much. The mean divides by 100: a tenth is left.",
            "about 100 times": "It would, if the sum of 100 misses were no larger than one miss. It is √100 times as large.",
        },
    ),
    "batch-escape": (
        "On the way up to the hilltop no slope is steeper than 1.3. To every slope a random number of typical size 2 is added. How many of 2,000 walkers cross the hill in 300 steps?",
        {
            "fewer than 5 %": "One push is soon undone: the valley pulls back all the time, and many pushes the same way in a row are rare.",
            "about a quarter": "So it would be with noise near 2.8. A push of size 2 is soon undone by the valley, which pulls back all the time.",
            "more than half": "A single push is larger than the slope, but the step is α times the push, and the next one is as likely to go back.",
        },
    ),
    "batch-race": (
        "One pass over the 342 penguins, and all parameters start at 0. All at once: one update, with the best of 60 learning rates. Or 9 at a time: 38 updates at α = 0.1. Which error comes closer to the lowest possible?",
        {
            "all at once": "Its step is exact, but it is only one.",
            "9 at a time, less than 10 times closer": "The right side, but look at how many steps it takes for the price of one.",
            "9 at a time, more than 10 times closer": "38 rough steps get much further than one exact step.",
        },
    ),
}
