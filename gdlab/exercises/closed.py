"""Exercises and questions of notebook 02 The closed form."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def _p(A, theta):
    return 1 / (1 + np.exp(-A @ theta))


EXERCISES = {
    "closed-a": Number(
        answer=2.6,
        praise="26/10. The point at x = 3 counts nine times as much as the one at x = 1: it has the longer lever.",
        hints=[
            "At the best w the mean of 2 · residual · x is 0. The 2 and the division by n do not matter.",
            "(w · 1 − 2) · 1 + (w · 3 − 8) · 3 = 0",
            "Sum of x · y, divided by the sum of x².",
        ],
        mistakes={
            2.5: "That is the sum of y over the sum of x; each residual must be multiplied by its x first.",
            (2 + 8 / 3) / 2: "That is the mean of the two ratios y/x; far points must count more.",
            26: "Divide by the sum of x² as well.",
            10 / 26: "Upside down: w stands with the sum of x².",
            3: "That is the rise from point to point; this line must pass through 0.",
        },
    ),
    "closed-b": Number(
        answer=3.2,
        praise="8 · 20,000² bytes. The gradient takes 0.00016 gigabytes.",
        hints=[
            "How many numbers has a table of 20,000 rows and 20,000 columns?",
            "Each number takes 8 bytes.",
            "8 · 20,000² / 10⁹",
        ],
        mistakes={
            0.4: "That is how many billion numbers it holds; each takes 8 bytes.",
            0.00016: "That is the gradient: one number a parameter. A table has one for each pair.",
            3200: "That is in megabytes.",
            3.2e9: "That is in bytes.",
            32: "One zero too many: 20,000² is 4 · 10⁸.",
        },
    ),
    "closed-c": Code(
        answer=lambda n, d: (n * d**2 + d**3 / 3) / (2 * n * d),
        cases=[(342, 4), (10_000, 100), (1000, 900)],
        praise="For n far above d it is about d/2 steps, whatever n is.",
        hints=[
            "What does the formula cost, and what one step?",
            "n d² for AᵀA and d³/3 to solve; 2 n d for a step.",
            "Divide the one by the other.",
        ],
        mistakes=[
            (lambda n, d: d / 2, "Nearly: the d³/3 for solving is missing."),
            (lambda n, d: (n * d**2 + d**3 / 3) / (n * d), "A step goes through the table twice: 2 n d."),
            (lambda n, d: 2 * n * d / (n * d**2 + d**3 / 3), "Upside down: how many steps fit into the formula?"),
            (lambda n, d: (n * d**2 + d**3) / (2 * n * d), "Solving takes d³/3, a third of d³."),
        ],
    ),
    "closed-d": Number(
        answer=6,
        praise="cond(AᵀA) = 10¹⁰, and 16 − 10 = 6. `lstsq` on A keeps about 11.",
        hints=[
            "First the condition number of AᵀA.",
            "(10⁵)² = 10¹⁰.",
            "A condition number of 10ᵏ can cost k of the 16 digits.",
        ],
        mistakes={
            11: "That is what is left with A itself; AᵀA squares the condition number.",
            10: "So many may be lost; how many are left?",
            5: "So many may be lost with A itself; take AᵀA, and what is left.",
            1: "The condition number of AᵀA is 10¹⁰, not 10¹⁵: the exponent is doubled.",
        },
    ),
    "closed-e": Code(
        answer=lambda A, y, theta: A.T @ (_p(A, theta) - y) / len(y),
        cases=[
            (np.array([[1.0, 1.0], [-2.0, 1.0]]), np.array([1, 0]), np.array([0.5, -0.2])),
            (np.array([[0.0, 1.0], [1.0, 1.0], [3.0, 1.0]]), np.array([0, 1, 1]), np.array([-1.0, 2.0])),
        ],
        praise="One line. Setting it to 0 has no formula, walking against it needs none.",
        hints=[
            "First p for every bird: the sigmoid of A @ theta.",
            "Each bird says p − y; Aᵀ shares that out over the parameters.",
            "A.T @ (p - y) / len(y)",
        ],
        mistakes=[
            (lambda A, y, t: A.T @ (y - _p(A, t)) / len(y), "The sign is turned round: p − y."),
            (lambda A, y, t: A.T @ (_p(A, t) - y), "The mean is asked: divide by the number of birds."),
            (lambda A, y, t: A.T @ (A @ t - y) / len(y), "Put A @ theta through the sigmoid first."),
            (lambda A, y, t: 2 * A.T @ (_p(A, t) - y) / len(y), "The 2 belongs to the squared error; cross-entropy has none."),
        ],
    ),
}  # fmt: skip

QUESTIONS = {
    "closed-convex": (
        "No formula gives the lowest point of logistic regression. How does its landscape look?",
        {
            "one valley": "It curves upwards wherever it was measured. That no formula is known says nothing about the shape.",
            "several valleys": "A missing formula is no sign of a rough landscape. This one curves upwards wherever it was measured.",
            "a plain without a valley": "Descent arrives at a place where the slope is 0: there is a lowest point.",
        },
    ),
    "closed-memory": (
        "A model has a million parameters. How much memory does AᵀA take, at 8 bytes a number?",
        {
            "8 MB (a photo)": "That is the gradient: one number a parameter. AᵀA has one for each pair of them.",
            "8 GB (half a laptop)": "A thousand times too little: a million times a million numbers is 10¹².",
            "8 TB (five hundred laptops)": "A million times a million numbers, 8 bytes each. Five hundred laptops of 16 GB hold as much.",
        },
    ),
    "closed-digits": (
        "Degree 12, exact data. How many times larger is the error by the inverse than that by lstsq?",
        {
            "about as large": "Both solve the same equation. One of them squares the condition number on the way.",
            "about a thousand times": "So it is near degree 6 or 7. At 12 the square of the condition number takes nearly all the digits.",
            "more than a million times": "The inverse works with AᵀA, whose condition number is the square.",
        },
    ),
}
