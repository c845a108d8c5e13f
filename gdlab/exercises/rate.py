"""Exercises and questions of notebook 05 The learning rate."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number, Quantity

EXERCISES = {
    "rate-a": Number(
        answer=0.25,
        praise="2/λ_max = 2/8. The gentle axis does not matter here.",
        hints=[
            "The steepest axis is the first to give way.",
            "Along it each step multiplies by 1 − αλ.",
            "|1 − α · 8| = 1",
        ],
        mistakes={
            0.125: "That is 1/λ_max: there the steep axis lands on the minimum in one step. The limit is twice that.",
            4: "That is 2/λ_min; the steep axis has long diverged there.",
            2 / 8.5: "That is the best rate, 2/(λ_min + λ_max); the limit lies a little above.",
            2 / 4.25: "Not the mean curvature: the largest decides.",
        },
    ),
    "rate-b": Number(
        answer=2 / 8.5,
        praise="2/(0.5 + 8): there both axes shrink equally fast.",
        hints=[
            "The gentle axis shrinks by 1 − 0.5α, the steep one by 1 − 8α.",
            "The best α makes the two equally large in size.",
            "1 − 0.5α = 8α − 1",
        ],
        tolerance=0.002,
        mistakes={
            0.25: "That is the limit: there the steep axis never comes to rest.",
            0.125: "That suits the steep axis alone; the gentle one could go faster.",
            1 / 8.5: "Half of it: look at the 2 on the other side.",
            2.0: "That suits the gentle axis alone; the steep one diverges.",
        },
    ),
    "rate-c": Code(
        answer=lambda learning_rate, curvature: abs(1 - learning_rate * curvature),
        cases=[(0.1, 4.0), (0.5, 5.0), (0.25, 8.0), (0.01, 1.0)],
        praise="Below 1 it shrinks, above 1 it grows, and at 1 it does neither.",
        hints=["One step takes w to w − α · λw.", "Factor out w.", "The size of 1 − αλ"],
        mistakes=[
            (
                lambda a, c: 1 - a * c,
                "The size is asked: take the absolute value, or −1.5 looks smaller than 1.",
            ),
            (lambda a, c: abs(1 + a * c), "The sign inside: the step goes against the slope."),
            (lambda a, c: a * c, "That is the share of the distance that a step takes; what is left?"),
            (
                lambda a, c: (1 - a * c) ** 2,
                "That is the factor of the value; of the distance it is the root.",
            ),
        ],
    ),
    "rate-d": Number(
        answer=5,
        praise="The factor is −0.5, so 1 − 0.3λ = −0.5.",
        hints=[
            "By what number is each place multiplied?",
            "That number is 1 − αλ, sign included.",
            "1 − 0.3 · λ = −0.5",
        ],
        mistakes={
            0.5
            / 0.3: "You took the factor as +0.5; the place changes sides at every step, so it is −0.5.",
            2 / 0.3: "That curvature would put α exactly at the limit: 1, −1, 1.",
            1 / 0.3: "That curvature would land on the minimum in one step.",
            -5: "A valley has a positive curvature: 1 − αλ, not 1 + αλ.",
        },
    ),
    "rate-e": Code(
        answer=lambda tolerance, factor: np.ceil(np.log(tolerance) / np.log(factor) - 1e-9),
        cases=[(1e-3, 0.9), (1e-6, 0.5), (0.01, 0.99), (0.25, 0.5)],
        praise="Near 1, halving 1 − factor, the share lost in a step, doubles the steps.",
        hints=[
            "After k steps the distance is factorᵏ of the first.",
            "Solve factorᵏ = tolerance for k.",
            "log(tolerance) / log(factor), rounded up with np.ceil",
        ],
        mistakes=[
            (lambda t, f: np.log(t) / np.log(f), "Steps are whole: round up."),
            (
                lambda t, f: np.floor(np.log(t) / np.log(f)),
                "Rounded down it is one step short: round up.",
            ),
            (
                lambda t, f: np.floor(np.log(t) / np.log(f)) + 1,
                "One too many where factorᵏ is exactly the tolerance: at most that much may be left.",
            ),
            (
                lambda t, f: np.ceil(np.log(f) / np.log(t)),
                "Upside down: divide log(tolerance) by log(factor).",
            ),
            (
                lambda t, f: np.ceil((1 - t) / (1 - f)),
                "That treats the loss of distance as constant; it shrinks by a factor.",
            ),
        ],
    ),
}

QUESTIONS = {
    "rate-slow": (
        "One curvature of a valley is 25 times the other. How many times as many steps does a learning rate a hundredth of the best one need?",
        Quantity(
            small="Too hopeful: each step goes a hundredth as far.",
            large="Too gloomy: in a long valley the steps grow in proportion.",
            right="In a long valley: a hundredth of the rate, about a hundred times the steps.",
            unit="times",
        ),
    ),
    "rate-limit": (
        "A bowl has curvatures 1 and 4. Which of these learning rates is the smallest that diverges?",
        {
            "0.4": "The steep axis is multiplied by 1 − 1.6 = −0.6: it overshoots, and comes back.",
            "0.6": "The steep axis is multiplied by 1 − 2.4 = −1.4: it grows.",
            "2.1": "The gentle axis would break there, but the steep one broke long before.",
        },
    ),
    "rate-scale": (
        "Gradient descent and Adam: the loss is multiplied by 1,000, the learning rate stays. Which run changes?",
        {
            "both": "Descent changes, but Adam divides by the gradient's own size: the thousand cancels.",
            "only gradient descent": "Its step grows with the gradient. Adam's does not.",
            "neither": "The minimum stays where it was, but descent steps α times a slope 1,000 times steeper.",
        },
    ),
}
