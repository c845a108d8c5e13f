"""Exercises and questions of notebook 07 Non-convex landscapes."""

from __future__ import annotations

import math

import numpy as np

from gdlab.grading import Code, Number

INF = float("inf")
LEVELS = np.array([0.35, 0.012, 0.48, INF, 0.015, INF, 0.35, 0.01])
DEEP = np.array([-39.0, -78.3, -64.2, -50.1, -78.1])


def _first_rise(errors):
    """The step before the first at which the error is higher, the last if there is none."""
    rises = np.flatnonzero(np.diff(errors) > 0)
    return rises[0] if len(rises) else len(errors) - 1


EXERCISES = {
    "nonconvex-a": Number(
        answer=11,
        praise="0.75¹¹ = 0.042 is below 0.05. Starting again is a cheap insurance where there are few valleys.",
        hints=[
            "One start misses with probability 0.75. What do two starts do?",
            "All k starts miss with probability 0.75ᵏ, which must be at most 0.05.",
            "log(0.05) / log(0.75), rounded up",
        ],
        mistakes={
            10: "0.75¹⁰ = 0.056 is just above 0.05: one start more.",
            math.log(0.05) / math.log(0.75): "Starts are whole: round up.",
            4: "Four starts reach it once on average, and yet all four miss with probability 0.75⁴ = 0.32.",
            3.8: "Chances cannot be added up. Multiply the chances of a miss.",
            3: "0.25 three times is not a chance of 0.75: multiply the chances of a miss.",
        },
        tolerance=1e-3,
    ),
    "nonconvex-b": Code(
        answer=lambda values, near: np.mean(values <= np.min(values) + near),
        cases=[(LEVELS, 0.007), (DEEP, 0.5), (np.array([3.0, 1.0, INF, 2.6]), 1.8)],
        praise="A run that blew up counts, and has not arrived. The best value found need not be the lowest there is.",
        hints=[
            "np.min(values) is the best value found. Which values lie at most `near` above it?",
            "values <= (the best value) + near is an array of True and False.",
            "np.mean of that array",
        ],
        mistakes=[
            (
                lambda values, near: np.sum(values <= np.min(values) + near),
                "That is a number of runs; divide by how many there are, or take the mean.",
            ),
            (
                lambda values, near: np.mean(values[np.isfinite(values)] <= np.min(values) + near),
                "A run that blew up is a run too: divide by all of them.",
            ),
            (
                lambda values, near: np.mean(values > np.min(values) + near),
                "That is the share that stayed above.",
            ),
            (
                lambda values, near: np.mean(np.abs(values) <= near),
                "That is near 0. The best value need not be 0: measure from it.",
            ),
            (
                lambda values, near: np.mean(values <= near),
                "That is the share below `near`. Measure from the best value.",
            ),
            (
                lambda values, near: np.mean(values == np.min(values)),
                "Those are the best to the last digit. Allow them `near` more.",
            ),
        ],
    ),
    "nonconvex-c": Number(
        answer=18,
        praise="(2/3)¹⁸ = 0.0007: minima are rare among such places, and yet there are 2¹⁸ = 262,144 of them.",
        hints=[
            "A place is a choice on each axis, one of 3. For a minimum each choice must be one of 2.",
            "With d parameters the share is (2/3)ᵈ. From which d on is it below 0.001?",
            "log(0.001) / log(2/3), rounded up",
        ],
        mistakes={
            17: "(2/3)¹⁷ = 0.00101 is just above 1 in 1,000: one parameter more.",
            math.log(0.001) / math.log(2 / 3): "Parameters are whole: round up.",
            10: "That would be one of two on each axis; here two of three are minima.",
            7: "That would be one of three on each axis; here two of three are minima.",
        },
        tolerance=1e-3,
    ),
    "nonconvex-d": Code(
        answer=lambda train, held_out, test: test[np.argmin(held_out)],
        cases=[
            (
                np.array([3.0, 2.0, 1.0, 0.5, 0.4]),
                np.array([3.1, 2.3, 2.0, 2.6, 2.8]),
                np.array([3.2, 2.1, 2.2, 2.5, 2.9]),
            ),
            (
                np.array([5.0, 4.0, 3.0, 1.0]),
                np.array([5.0, 4.4, 4.0, 3.9]),
                np.array([4.8, 4.1, 3.6, 3.7]),
            ),
            (np.array([1.0, 0.5, 0.2]), np.array([0.9, 1.0, 1.3]), np.array([1.1, 0.8, 1.4])),
            (
                np.array([2.9, 2.2, 1.6, 1.2, 1.3]),
                np.array([3.0, 2.5, 2.7, 2.1, 2.4]),
                np.array([3.1, 2.4, 2.6, 2.3, 2.2]),
            ),
        ],
        praise="Never below the least test error, and more honest: the test points had no say in the step.",
        hints=[
            "Two questions: which step, and how good is it there? They have different judges.",
            "np.argmin(held_out) is the step that the held-out points choose.",
            "test[np.argmin(held_out)]",
        ],
        mistakes=[
            (
                lambda train, held_out, test: np.min(test),
                "There the test points chose the step and judge it: that flatters.",
            ),
            (
                lambda train, held_out, test: np.min(held_out),
                "The held-out points chose this step, so they flatter it. Ask the test points.",
            ),
            (
                lambda train, held_out, test: np.argmin(held_out),
                "That is the step. How large is the test error there?",
            ),
            (
                lambda train, held_out, test: test[np.argmin(train)],
                "There the train points chose the step. They always want to go on.",
            ),
            (
                lambda train, held_out, test: test[-1],
                "That is the last step. You stop early.",
            ),
            (
                lambda train, held_out, test: test[_first_rise(held_out)],
                "That stops at the first rise. Look at all steps, and take the least.",
            ),
            (
                lambda train, held_out, test: held_out[np.argmin(test)],
                "The other way round: held-out points choose, test points judge.",
            ),
        ],
    ),
}

QUESTIONS = {
    "nonconvex-momentum": (
        "The same ground, the same starts, another rule for the step. How many starts end in another valley?",
        {
            "none: the ground decides": "The ground is the same. The way through it is not.",
            "less than a tenth": "Near the borders, yes; but a run with a memory of its steps also swings past a valley.",
            "more than a tenth": "A run that keeps part of its last step swings past valleys. Its map has other borders.",
        },
    ),
    "nonconvex-saddle": (
        "One run starts 0.1 from the ridge, another 0.000000000001, a hundred billion times closer. How many times as many steps does the second need to leave?",
        {
            "about as many": "Each step multiplies the distance by the same number, and it begins far smaller.",
            "10 to 20 times as many": "The distance is multiplied at every step, so ten times closer costs only some steps more.",
            "about a hundred billion times": "That would be right if each step added the same distance. It multiplies it.",
        },
    ),
    "nonconvex-random": (
        "Four parameters, and a place where all slopes are 0. The Hessian is a table full of bell-curve numbers around 0. How likely is a minimum?",
        {
            "about 1 in 2": "That is the answer for one parameter. Here all four curvatures must be positive.",
            "about 1 in 16": "Four tosses of a coin would give that. But the curvatures of one table push each other apart.",
            "less than 1 in 100": "All four curvatures positive at once is rare: they push each other apart.",
        },
    ),
}
