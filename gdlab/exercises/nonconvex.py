"""Exercises and questions of notebook 07 Non-convex landscapes."""

from __future__ import annotations

import math

import numpy as np

from gdlab.grading import Code, Number

ENDS = np.array([[3.0, 2.0], [-2.8, 3.1], [3.0, 2.0], [2.99, 2.0], [9.0, 2.0]])
OTHERS = np.array([[0.0, 0.0], [0.0, 0.2], [0.3, 0.0], [-0.05, 0.05]])


def _share(ends, minimum, near):
    return np.mean(np.linalg.norm(ends - minimum, axis=1) < near)


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
        answer=_share,
        cases=[
            (ENDS, np.array([3.0, 2.0]), 0.05),
            (OTHERS, np.array([0.0, 0.0]), 0.25),
            (OTHERS, np.array([0.0, 0.0]), 0.01),
            (np.array([[0.0], [1.0], [1.0]]), np.array([1.0]), 0.1),
        ],
        praise="Without a known minimum there is no such share: then compare the values.",
        hints=[
            "ends - minimum has a row for each run.",
            "np.linalg.norm(..., axis=1) is the length of each row.",
            "np.mean of (those lengths < near)",
        ],
        mistakes=[
            (
                lambda ends, minimum, near: np.sum(np.linalg.norm(ends - minimum, axis=1) < near),
                "That is a number of runs; divide by how many there are, or take the mean.",
            ),
            (
                lambda ends, minimum, near: np.mean(np.abs(ends - minimum) < near),
                "That counts parameters one by one. A run has arrived when its whole distance is small.",
            ),
            (
                lambda ends, minimum, near: np.mean(np.linalg.norm(ends - minimum, axis=1) > near),
                "That is the share that did not arrive.",
            ),
            (
                lambda ends, minimum, near: np.mean(np.linalg.norm(ends, axis=1) < near),
                "That is the distance from 0; subtract the minimum first.",
            ),
        ],
    ),
    "nonconvex-c": Number(
        answer=(2 / 3) ** 10,
        praise="2¹⁰ of 3¹⁰: under one in fifty, and each axis for itself has twice as many minima as maxima.",
        hints=[
            "One axis has 3 such places, and 2 of them are minima.",
            "A place is a choice on each of the 10 axes; for a minimum each of the choices must be one.",
            "2¹⁰ / 3¹⁰",
        ],
        mistakes={
            2 / 3: "That is one axis. All ten must curve up.",
            20 / 30: "Choices on ten axes multiply: 2 · 2 · …, not 2 + 2 + … .",
            1 - (2 / 3) ** 10: "That is the share that are not minima.",
            2**-10: "That would be one of two on each axis; here two of three are minima.",
            3**-10: "That is one place of all of them; count the minima.",
        },
    ),
    "nonconvex-d": Code(
        answer=lambda train, test: np.argmin(test),
        cases=[
            (np.array([3.0, 2.0, 1.0, 0.5]), np.array([3.0, 2.2, 2.4, 2.9])),
            (np.array([5.0, 4.0, 3.0, 1.0, 2.0]), np.array([5.0, 4.5, 4.0, 3.2, 2.8])),
            (np.array([1.0, 0.5, 0.2]), np.array([0.9, 1.0, 1.3])),
        ],
        praise="This is early stopping. Since the test chose the step, its value there flatters a little: keep a third part of the data to judge.",
        hints=[
            "What counts is the error on points that descent has not seen.",
            "np.argmin says where an array is least.",
            "np.argmin(test)",
        ],
        mistakes=[
            (
                lambda train, test: np.argmin(train),
                "That is where the seen points fit best; the others suffer there.",
            ),
            (lambda train, test: np.min(test), "That is the least error. At which step is it?"),
            (lambda train, test: len(test) - 1, "That is the last step, which need not be the best."),
            (
                lambda train, test: np.argmin(test) + 1,
                "One too many: index 0 is the start, before any step.",
            ),
            (
                lambda train, test: np.argmin(np.abs(test - train)),
                "There the two errors are alike, which is not the same as a small test error.",
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
        "Four parameters, and a place where all slopes are 0. The Hessian is a random table. How likely is a minimum?",
        {
            "about 1 in 2": "That is the answer for one parameter. Here all four curvatures must be positive.",
            "about 1 in 16": "Four tosses of a coin would give that. But the curvatures of one table push each other apart.",
            "less than 1 in 100": "All four curvatures positive at once is rare: they push each other apart.",
        },
    ),
}
