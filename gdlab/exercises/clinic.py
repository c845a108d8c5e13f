"""Exercises and questions of notebook 11 Bug clinic."""

from __future__ import annotations

import numpy as np

from gdlab import data
from gdlab.grading import Code, Number

_X, _Y = np.array([-1.0, 0.5, 2.0]), np.array([3.0, 4.0, 4.5])


def _squared(for_w, for_b=lambda w: 1):
    """A gradient for the model w² x + b: the two factors are what a reader may get wrong."""

    def gradient(theta, x, y):
        residual, factors = theta[0] ** 2 * x + theta[1] - y, (for_w(theta[0]), for_b(theta[0]))
        return 2 * np.array([np.mean(residual * x), np.mean(residual)]) * factors

    return gradient


def _step(w, b, rate):
    return [w - rate * (2 * w + b), b - rate * (w + 2 * b)]


def _one_by_one(w, b, rate):
    w = w - rate * (2 * w + b)
    return [w, b - rate * (w + 2 * b)]


def _b_first(w, b, rate):
    b = b - rate * (w + 2 * b)
    return [w - rate * (2 * w + b), b]


def _of_the_page(gradient):
    """A gradient that takes the page's birds, whatever x and y it is given."""

    def on_the_page(theta, x, y):
        birds = data.standardize(data.penguins())
        return gradient(theta, birds.X[:, 0], birds.y / 1000)

    return on_the_page


EXERCISES = {
    "clinic-a": Number(
        answer=-0.25,
        praise="−4 times everywhere: the sign is turned round, and perhaps a mean over 4 has become a sum. −¼ undoes both.",
        hints=[
            "Divide given by measured, at each of the three coordinates.",
            "The quotient is the same everywhere. The cure undoes it.",
            "measured = given · ?, for example 3 = −12 · ?",
        ],
        mistakes={
            -4: "That is what the bug did: given is −4 times measured. The cure undoes it.",
            4: "That is the size of the bug. The cure divides, and it turns the sign back.",
            0.25: "The size is cured, the sign is not.",
            -1: "The sign is cured, the size is not: given is still 4 times measured.",
        },
    ),
    "clinic-b": Number(
        answer=2500,
        praise="Each of 50 predictions against each of 50 targets: a table of 50 × 50.",
        hints=[
            "A column of 50 rows and a row of 50 numbers: the one is repeated along the other.",
            "Each prediction meets each target.",
            "50 rows of 50 numbers",
        ],
        mistakes={
            50: "That is what was meant. But (50,) stands along the row, (50, 1) down the column.",
            100: "They are not put one behind the other: each meets each.",
            1: "The mean squared error is one number; the residual before it is a table.",
            2550: "The 50 targets are not kept beside the table: only the differences are.",
        },
    ),
    "clinic-c": Code(
        answer=_step,
        cases=[(1.0, 2.0, 0.1), (-3.0, 0.5, 0.25), (0.0, 1.0, 0.5)],
        praise="Both slopes are taken at the old place, and then both parameters move.",
        hints=[
            "The slopes are 2w + b and w + 2b.",
            "Work out both slopes first, from the old w and the old b.",
            "[w − rate · (2w + b), b − rate · (w + 2b)]",
        ],
        mistakes=[
            (
                _one_by_one,
                "The slope for b was taken at the new w: patient 9. Take both at the old place.",
            ),
            (
                _b_first,
                "The slope for w was taken at the new b: patient 9. Take both at the old place.",
            ),
            (
                lambda w, b, rate: [w - rate * (w + 2 * b), b - rate * (2 * w + b)],
                "The two slopes are swapped: 2w + b belongs to w, w + 2b to b.",
            ),
            (
                lambda w, b, rate: [w + rate * (2 * w + b), b + rate * (w + 2 * b)],
                "That climbs: patient 1. A step goes against the slope.",
            ),
            (
                lambda w, b, rate: [w - rate * 2 * w, b - rate * 2 * b],
                "The term w · b has a slope, too: b for w, and w for b.",
            ),
            (
                lambda w, b, rate: [-rate * (2 * w + b), -rate * (w + 2 * b)],
                "Those are the steps. Where do they lead from (w, b)?",
            ),
        ],
    ),
    "clinic-d": Code(
        answer=_squared(lambda w: 2 * w),
        cases=[
            (np.array([0.7, 1.0]), _X, _Y),
            (np.array([-2.0, 0.5]), _X, _Y),
            (np.array([3.0, -1.0]), _X[:2], _Y[:2]),
        ],
        praise="The check says where, the chain rule says what: w² has the slope 2w.",
        hints=[
            "Run gradients.check(mine, [0.7, 1], gradient=doubtful). Which coordinate is wrong?",
            "If w moves a little, the prediction w²x + b moves 2wx times as far.",
            "2 · mean(residual · ?) for w; the slope for b stays as it is.",
        ],
        mistakes=[
            (
                _squared(lambda w: 1),
                "That is the doubtful gradient itself: the check finds coordinate 0 wrong.",
            ),
            (
                _of_the_page(_squared(lambda w: 1)),
                "That is doubtful(theta) as it stands, with the page's x and y. Use the x and y given, and mend it.",
            ),
            (
                _of_the_page(_squared(lambda w: 2 * w)),
                "Right for the page's x and y. Use the x and y that are given.",
            ),
            (
                lambda theta, x, y: _squared(lambda w: 2 * w)(theta, x, y) * len(x),
                "A sum stands where a mean should: patient 2.",
            ),
            (_squared(lambda w: w), "Half of it is missing: the slope of w² is 2w."),
            (_squared(lambda w: 2), "The slope of w² depends on the place: it is 2w."),
            (_squared(lambda w: w**2), "w² is what stands before x. Wanted is its slope."),
            (
                _squared(lambda w: 2 * w, lambda w: 2 * w),
                "Only w is squared: the slope for b was right, leave it as it is.",
            ),
        ],
    ),
}

QUESTIONS = {
    "clinic-climbs": (
        "The value climbs at every one of three learning rates. What is wrong?",
        {
            "α is too large": "Then a smaller α would cure it. A hundredth of it climbs as well, only more slowly.",
            "a sign is turned round": "Every step goes up the slope, however short it is.",
            "a sum stands where a mean should": "That makes the steps too long; with a small enough α such a run falls.",
        },
    ),
    "clinic-flat": (
        "The value falls, the run comes to rest, and the line is level. What is wrong?",
        {
            "the run is too short": "It has come to rest: its own gradient there is next to 0. More steps change nothing.",
            "flippers say nothing about mass": "The dashed line says otherwise: it goes through the same birds, and it rises.",
            "arrays of two shapes are subtracted": "Every prediction is compared with every bird's mass, so the best answer is one mass for all.",
            "the learning rate is too large": "Then the value would swing or fly off. It falls, and stays.",
        },
    ),
    "clinic-swings": (
        "The run swings, and the swings do not shrink. What is wrong?",
        {
            "α is too large": "A tenth of it swings as well, only more slowly. A bowl has a limit, and below it gradient descent comes to rest.",
            "old gradients are still in it": "Each step adds up all gradients since the start, so the run cannot brake in the valley.",
            "a factor 2 is missing": "Half a gradient is a run with half the α: it would still come to rest.",
        },
    ),
    "clinic-teeth": (
        "Every 18 steps the value jumps up. What is wrong?",
        {
            "one handful of birds is bad": "The handfuls are drawn anew in each epoch. A bad one would move about; the teeth do not.",
            "the learning rate is large again": "The step number begins at 0 in each epoch, and with it the learning rate.",
            "the gradient is not reset": "Then it would swing at its own pace, not once every 18 steps.",
        },
    ),
}
