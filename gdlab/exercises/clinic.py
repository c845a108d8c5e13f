"""Exercises and questions of notebook 11 Bug clinic."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def _error(given, measured):
    return np.abs(given - measured).max() / max(1, np.abs(measured).max())


def _step(w, b, rate):
    return [w - rate * (2 * w + b), b - rate * (w + 2 * b)]


def _one_by_one(w, b, rate):
    w = w - rate * (2 * w + b)
    return [w, b - rate * (w + 2 * b)]


EXERCISES = {
    "clinic-a": Number(
        answer=-0.25,
        praise="−4 times everywhere: the sign is turned round, and a mean over 4 has become a sum. −¼ undoes both.",
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
        answer=_error,
        cases=[
            (np.array([3.0, -1.0]), np.array([3.0, 4.0])),
            (np.array([0.2, 0.1, 0.0]), np.array([0.2, 0.3, 0.1])),
            (np.array([-12.0]), np.array([3.0])),
            (np.array([10.0, 20.0]), np.array([-10.0, -40.0])),
        ],
        praise="One number for any model: near 0 the gradient is right, near 1 or above something is wrong.",
        hints=[
            "The size of a difference is np.abs(given - measured).",
            "The worst coordinate decides: take the largest. Divide by the largest size in measured, or by 1.",
            "np.abs(given - measured).max() / max(1, ?)",
        ],
        mistakes=[
            (
                lambda g, m: (g - m).max() / max(1, np.abs(m).max()),
                "Without its size, an error below 0 counts as small: take np.abs of the difference.",
            ),
            (
                lambda g, m: np.abs(g - m).mean() / max(1, np.abs(m).max()),
                "A mean hides one bad coordinate among many good ones: take the largest.",
            ),
            (
                lambda g, m: np.abs(g - m).max() / np.abs(m).max(),
                "Where all slopes are next to 0, that divides by next to nothing: divide by 1 at least.",
            ),
            (
                lambda g, m: np.abs(g - m).max(),
                "Without the division, a difference of 0.001 looks the same beside 1 and beside a million.",
            ),
            (
                lambda g, m: np.abs(g - m).max() / max(1, m.max()),
                "The largest size is wanted below as well: a slope of −40 is a large one.",
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
            "one handful of birds is bad": "Handfuls differ, but the cured run meets the same ones in the same order, and has no such teeth.",
            "the learning rate is large again": "The step number begins at 0 in each epoch, and with it the learning rate.",
            "the gradient is not reset": "Then it would swing at its own pace, not once every 18 steps.",
        },
    ),
}
