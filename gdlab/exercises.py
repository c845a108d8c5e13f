"""The exercises of the notebooks: the right answer, the ways in which answers go wrong, the hints."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number
from gdlab.losses import sigmoid

_v = np.array
EXERCISES: dict[str, Number | Code] = {
    # --- 00 start here
    "start-a": Number(
        answer=0.512,
        praise="1 → 0.8 → 0.64 → 0.512: each step keeps four fifths of the distance.",
        hints=["The slope at w is 2w.", "One step is w − 0.1 · 2w, which is 0.8 · w.", "0.8 three times over."],
        mistakes={
            0.64: "That is the place after two steps; one more.",
            1.728: "You walked uphill: the step goes against the slope.",
            0.4096: "That is one step too many.",
            0.4: "Take the slope anew at each place: it shrinks as w does.",
        },
    ),
    "start-b": Code(
        answer=lambda w, slope, learning_rate: w - learning_rate * slope,
        cases=[(1.0, 2.0, 0.1), (-3.0, -6.0, 0.25), (0.5, 1.0, 0.01)],
        praise="That line is the engine of everything that follows.",
        hints=["The new place is the old place, changed a little.", "Against the slope: subtract.",
               "return w - learning_rate * slope"],
        mistakes=[
            (lambda w, s, a: w + a * s, "It walks uphill: the sign of the step is turned round."),
            (lambda w, s, a: w - s, "The learning rate is missing: it takes the whole slope as its step."),
            (lambda w, s, a: -a * s, "That is the step; add it to where you stand."),
            (lambda w, s, a: w - a, "The slope is missing: every step would be equally long."),
        ],
    ),
    # --- 01 loss functions
    "loss-a": Number(
        answer=14 / 3,
        praise="(1 + 4 + 9) / 3.",
        hints=["Square each residual.", "Add the squares, divide by how many there are.", "(1² + 2² + 3²) / 3"],
        mistakes={
            14: "That is the sum of the squares; the mean divides by 3.",
            2: "That is the mean absolute error: the squares are missing.",
            4: "That is the square of the mean; take the mean of the squares.",
            7 / 3: "A factor ½ has crept in; this mean squared error has none.",
        },
    ),
    "loss-b": Code(
        answer=lambda prediction, target: np.mean((prediction - target) ** 2),
        cases=[(_v([1.0, 2.0]), _v([0.0, 4.0])), (_v([3.0, -1.0, 2.0]), _v([1.0, 1.0, 2.5]))],
        praise="One number for a whole set of predictions.",
        hints=["Residuals first: prediction − target.", "Square them.", "np.mean of the squares"],
        mistakes=[
            (lambda p, t: np.sum((p - t) ** 2), "The division by the number of examples is missing."),
            (lambda p, t: np.mean(np.abs(p - t)), "That is the mean absolute error: square the residuals."),
            (lambda p, t: np.mean(p - t) ** 2, "Square first, then take the mean: misses must not cancel."),
            (lambda p, t: np.sqrt(np.mean((p - t) ** 2)), "That is its root; leave the root away."),
        ],
    ),
    "loss-c": Code(
        answer=lambda prediction, target: 2 * (prediction - target) / len(target),
        cases=[(_v([1.0, 2.0]), _v([0.0, 4.0])), (_v([3.0, -1.0, 2.0]), _v([1.0, 1.0, 2.5]))],
        praise="Each prediction hears its own residual, twice, shared by n.",
        hints=["Only one term of the mean contains that prediction.", "The slope of r² is 2r.",
               "2 (prediction − target) / n"],
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
            (lambda z, y: 2 * (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z), "That is the slope of the squared error of p."),
            (lambda z, y: z - y, "Put z through the sigmoid first."),
            (lambda z, y: -y / sigmoid(z) + (1 - y) / sigmoid(-z), "That is the slope against p; against z is asked."),
        ],
    ),
    # --- 05 the learning rate
    "rate-a": Number(
        answer=0.25,
        praise="2/λ_max = 2/8. The gentle axis does not matter here.",
        hints=["The steepest axis is the first to give way.", "Along it each step multiplies by 1 − αλ.",
               "|1 − α · 8| = 1"],
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
        hints=["The gentle axis shrinks by 1 − 0.5α, the steep one by 1 − 8α.",
               "The best α makes the two equally large in size.", "1 − 0.5α = 8α − 1"],
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
            (lambda a, c: 1 - a * c, "The size is asked: take the absolute value, or overshooting looks like shrinking."),
            (lambda a, c: abs(1 + a * c), "The sign inside: the step goes against the slope."),
            (lambda a, c: a * c, "That is the share of the distance that a step takes; what is left?"),
            (lambda a, c: (1 - a * c) ** 2, "That is the factor of the value; of the distance it is the root."),
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
            0.5 / 0.3: "You took the factor as +0.5; the place changes sides at every step, so it is −0.5.",
            2 / 0.3: "That curvature would put α exactly at the limit: 1, −1, 1.",
            1 / 0.3: "That curvature would land on the minimum in one step.",
            -5: "A valley has a positive curvature: 1 − αλ, not 1 + αλ.",
        },
    ),
    "rate-e": Code(
        answer=lambda tolerance, factor: np.ceil(np.log(tolerance) / np.log(factor) - 1e-9),
        cases=[(1e-3, 0.9), (1e-6, 0.5), (0.01, 0.99)],
        praise="Halving the slowness 1 − factor halves the steps.",
        hints=["After k steps the distance is factorᵏ of the first.", "Solve factorᵏ = tolerance for k.",
               "log(tolerance) / log(factor), rounded up with np.ceil"],
        mistakes=[
            (lambda t, f: np.log(t) / np.log(f), "Steps are whole: round up."),
            (lambda t, f: np.floor(np.log(t) / np.log(f)), "Rounded down it is one step short: round up."),
            (lambda t, f: np.ceil(np.log(f) / np.log(t)), "Upside down: divide log(tolerance) by log(factor)."),
            (lambda t, f: np.ceil((1 - t) / (1 - f)), "That treats the loss of distance as constant; it shrinks by a factor."),
        ],
    ),
}  # fmt: skip
