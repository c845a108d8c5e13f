"""Exercises and questions of notebook 01 Loss functions."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number
from gdlab.losses import sigmoid

EXERCISES = {
    "loss-a": Number(
        answer=14 / 3,
        praise="(1 + 4 + 9) / 3.",
        hints=[
            "Square each residual.",
            "Add the squares, divide by how many there are.",
            "(1² + 2² + 3²) / 3",
        ],
        mistakes={
            14: "That is the sum of the squares; the mean divides by 3.",
            2: "That is the mean absolute error: the squares are missing.",
            4: "That is the square of the mean size; take the mean of the squares.",
            0: "The misses cancelled: square each first, then take the mean.",
            -4 / 3: "(−3)² is 9, not −9.",
            (14 / 3) ** 0.5: "That is the root of it; leave the root away.",
            7 / 3: "A factor ½ has crept in; this mean squared error has none.",
        },
    ),
    "loss-b": Code(
        answer=lambda prediction, target: np.mean((prediction - target) ** 2),
        cases=[
            (np.array([1.0, 2.0]), np.array([0.0, 4.0])),
            (np.array([3.0, -1.0, 2.0]), np.array([1.0, 1.0, 2.5])),
        ],
        praise="One number for a whole set of predictions.",
        hints=["Residuals first: prediction − target.", "Square them.", "np.mean of the squares"],
        mistakes=[
            (lambda p, t: np.sum((p - t) ** 2), "The division by the number of examples is missing."),
            (
                lambda p, t: np.mean(np.abs(p - t)),
                "That is the mean absolute error: square the residuals.",
            ),
            (
                lambda p, t: np.mean(p - t) ** 2,
                "Square first, then take the mean: misses must not cancel.",
            ),
            (lambda p, t: np.sqrt(np.mean((p - t) ** 2)), "That is its root; leave the root away."),
        ],
    ),
    "loss-c": Code(
        answer=lambda prediction, target: 2 * (prediction - target) / len(target),
        cases=[
            (np.array([1.0, 2.0]), np.array([0.0, 4.0])),
            (np.array([3.0, -1.0, 2.0]), np.array([1.0, 1.0, 2.5])),
        ],
        praise="Each prediction hears its own residual, twice, shared by n.",
        hints=[
            "Only one term of the mean contains that prediction.",
            "The slope of r² is 2r.",
            "2 (prediction − target) / n",
        ],
        mistakes=[
            (lambda p, t: 2 * (t - p) / len(t), "The sign is turned round: prediction − target."),
            (lambda p, t: 2 * (p - t), "The 1/n of the mean is missing."),
            (lambda p, t: (p - t) / len(t), "The 2 is missing: the slope of r² is 2r."),
        ],
    ),
    "loss-d": Number(
        answer=float(-np.log(0.2)),
        praise="−log 0.2, the natural logarithm.",
        hints=["Only the probability of the true class counts.", "The loss is −log p.", "−np.log(0.2)"],
        mistakes={
            float(-np.log10(0.2)): "That is the logarithm to base 10; the natural one is meant.",
            float(-np.log2(0.2)): "That is the logarithm to base 2; the natural one is meant.",
            float(np.log(0.2)): "The sign: a loss is never negative here.",
            float(-np.log(0.8)): "That is the loss had the true class been given 0.8.",
        },
    ),
    "loss-e": Code(
        answer=lambda z, label: sigmoid(z) - label,
        cases=[(0.0, 1), (2.0, 0), (-3.0, 1), (4.0, 1)],
        praise="Probability minus label: the simplest slope in machine learning.",
        hints=["p = 1 / (1 + exp(−z)).", "The answer needs only p and the label.", "p − label"],
        mistakes=[
            (lambda z, y: y - sigmoid(z), "The sign is turned round: p − label."),
            (
                lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z),
                "That is the slope of the squared error of p.",
            ),
            (lambda z, y: z - y, "Put z through the sigmoid first."),
            (
                lambda z, y: -y / sigmoid(z) + (1 - y) / sigmoid(-z),
                "That is the slope against p; against z is asked.",
            ),
        ],
    ),
}

QUESTIONS = {
    "loss-eye": (
        "Which of the three lines has the least mean squared error?",
        {
            "the steep one": "The eye likes the long axis of the cloud. Residuals count straight up and down, and at both ends this line misses by much.",
            "the high one": "Its tilt is right, but it lies about 250 g above the best line, for every bird.",
            "the flat one": "It is off at both ends, but by less than the steep one, and in the middle it is right.",
        },
    ),
    "loss-constant": (
        "All birds get the same prediction: the mean mass, the median, or halfway between the lightest and the heaviest. Which has the least mean squared error?",
        {
            "the mean": "There the residuals sum to 0: what pulls up and what pulls down are in balance.",
            "the median": "That number has the least mean absolute error. It counts the birds on either side, not how far off they are.",
            "halfway": "That makes the largest miss as small as it can be, and forgets all the other birds.",
        },
    ),
    "loss-saturated": (
        "Label 1, and the model gives the logit −8: sure, and wrong. How much steeper is cross-entropy than the squared error of p?",
        {
            "about 2 times": "So it is at z = 0, where the model is not sure of anything.",
            "about 10 times": "So it is near z = −3. Further out the squared error of p lies flatter and flatter.",
            "more than 200 times": "The squared error of p is nearly flat there. Cross-entropy keeps a slope near −1.",
        },
    ),
}
