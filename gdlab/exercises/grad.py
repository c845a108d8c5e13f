"""Exercises and questions of notebook 04 The gradient."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number, Quantity
from gdlab.landscapes import DoubleWell, Himmelblau, StyblinskiTang


def blind_step(f, theta, learning_rate, h):
    """One step of descent that asks for values only."""
    nudges = h * np.eye(len(theta))
    slopes = [(f(theta + nudge) - f(theta - nudge)) / (2 * h) for nudge in nudges]
    return theta - learning_rate * np.array(slopes)


def one_sided_step(f, theta, learning_rate, h):
    """The same, looking to one side only."""
    slopes = [(f(theta + nudge) - f(theta)) / h for nudge in h * np.eye(len(theta))]
    return theta - learning_rate * np.array(slopes)


def downhill(gradient):
    """The unit vector against a gradient."""
    return -np.asarray(gradient) / np.linalg.norm(gradient)


EXERCISES = {
    "grad-a": Number(
        answer=10,
        praise="The gradient is (6, −8), and √(36 + 64) = 10.",
        hints=[
            "First the two slopes: the change of the value, divided by the nudge.",
            "They are 0.06 / 0.01 = 6 and −0.08 / 0.01 = −8.",
            "√(6² + 8²)",
        ],
        mistakes={
            0.1: "That is the length of the two changes; divide each by the nudge, 0.01.",
            14: "Those are the two sizes added. The length of an arrow is √(a² + b²).",
            -2: "Those are the two slopes added. The length of an arrow is √(a² + b²).",
            100: "The root is missing: that is the square of the length.",
            2 * 7**0.5: "Under the root both squares are added, the one of −8 too.",
        },
    ),
    "grad-b": Code(
        answer=blind_step,
        cases=[
            (Himmelblau(), np.array([1.0, 1.0]), 0.01, 0.01),
            (StyblinskiTang(3), np.array([1.0, -2.0, 0.5]), 0.02, 0.1),
            (DoubleWell(), np.array([-1.2]), 0.05, 0.05),
        ],
        praise="Descent without a formula for the gradient. It asks for two values for each parameter, in every step.",
        hints=[
            "h * np.eye(len(theta)) holds one nudge a row: the first moves θ₁ only, the second θ₂.",
            "Each nudge gives one slope: (f(theta + nudge) - f(theta - nudge)) / (2 * h).",
            "All slopes in an array are the gradient. The step is theta - learning_rate * gradient.",
        ],
        mistakes=[
            (
                lambda f, theta, rate, h: 2 * theta - blind_step(f, theta, rate, h),
                "That one climbs: the step goes against the gradient.",
            ),
            (
                one_sided_step,
                "That nudges to one side only, and is less exact: use theta - nudge too.",
            ),
            (
                lambda f, theta, rate, h: blind_step(f, theta, 2 * rate, h),
                "Every slope is twice too large: the two places are 2h apart, not h.",
            ),
            (
                lambda f, theta, rate, h: blind_step(f, theta, 2 * rate * h, h),
                "The rise of the value is not yet its slope: divide by the distance, 2h.",
            ),
            (
                lambda f, theta, rate, h: blind_step(f, theta, rate * h**2, h),
                "Python divides by 2 and then multiplies by h: put 2 * h in brackets.",
            ),
            (
                lambda f, theta, rate, h: theta - rate * (f(theta + h) - f(theta - h)) / (2 * h),
                "theta + h nudges all parameters at once. Nudge one at a time: each has its own slope.",
            ),
            (
                lambda f, theta, rate, h: (theta - blind_step(f, theta, rate, h)) / rate,
                "That is the measured gradient; now take the step.",
            ),
            (
                lambda f, theta, rate, h: blind_step(f, theta, 1, h),
                "The learning rate is missing.",
            ),
        ],
    ),
    "grad-c": Number(
        answer=0.0012,
        praise="A fifth of the width, a twenty-fifth of the gap: 0.03 / 5².",
        hints=[
            "The window becomes five times narrower.",
            "The gap shrinks like the square of the width.",
            "0.03 / 25",
        ],
        mistakes={
            0.006: "That is a fifth: the gap shrinks like the width squared, not like the width.",
            0.00024: "That is the cube, 5³; the square is meant.",
            0.75: "That is 25 times as much; a narrower window has a smaller gap.",
        },
    ),
    "grad-d": Number(
        answer=-0.25,
        praise="−α · length²: −0.01 · 25.",
        hints=[
            "The step has the length α times that of the gradient.",
            "Along it the value falls by the length of the gradient for each 1.",
            "−0.01 · (3² + 4²)",
        ],
        mistakes={
            0.25: "The size is right; the value falls, so the change is negative.",
            -0.05: "That is the length of the step, 0.01 · 5; times the steepness, 5, it becomes a change.",
            -0.07: "The two slopes were added; the length of the gradient is 5.",
            -25: "The learning rate is missing.",
            -0.0025: "The learning rate counts once: step α · 5, times steepness 5.",
        },
    ),
    "grad-e": Code(
        answer=downhill,
        cases=[
            (np.array([3.0, 4.0]),),
            (np.array([-1.0, 2.0, 2.0]),),
            (np.array([0.1, 0.0, -0.2, 0.2]),),
        ],
        praise="A direction, and nothing of the steepness: how far to go is another question.",
        hints=[
            "Down is against the gradient.",
            "Divide by its length, and the length becomes 1.",
            "np.linalg.norm(gradient) is the length.",
        ],
        mistakes=[
            (lambda g: g / np.linalg.norm(g), "That one climbs: it needs a minus."),
            (lambda g: -g, "The direction is right, the length is not 1: divide by it."),
            (
                lambda g: -g / np.sum(np.abs(g)),
                "Divided by the sum of the sizes; the length is √(a² + b² + …).",
            ),
            (
                lambda g: -g / np.linalg.norm(g) ** 2,
                "Divided by the square of the length; divide by the length once.",
            ),
            (lambda g: -np.sign(g), "That keeps the signs only; the parts must keep their proportions."),
        ],
    ),
}

QUESTIONS = {
    "grad-random": (
        "5,000 random directions in 1,000 dimensions. How much of the fall along the negative gradient does the best of them reach?",
        {
            "nearly all of it": "So it is on a plane, where 5,000 directions leave no gap. In 1,000 dimensions there is far too much room.",
            "about half": "So it is at some 40 dimensions. At 1,000 nearly every direction is nearly level.",
            "less than a fifth": "With 1,000 dimensions nearly every direction is nearly at a right angle to the gradient.",
        },
    ),
    "grad-zoom": (
        "The window becomes ten times narrower. What becomes of the gap between curve and tangent?",
        {
            "10 times smaller": "Then the curve would look just as bent in every window. It looks straighter.",
            "100 times smaller": "The width shrinks tenfold, and so does the gap's share of it: the gap is like the width squared.",
            "1,000 times smaller": "That would be the cube. A parabola's gap is like the square, and close by all these curves are like parabolas.",
        },
    ),
    "grad-valley": (
        "A long valley, curvatures 1 and 25, from above. Which way is steepest down from the ring?",
        Quantity(
            small="Too far clockwise: the minimum lies on the other side. Steepest crosses the rings at a right angle. More than 90° from it, every arrow goes uphill.",
            large="Too far anticlockwise. The minimum lies on that side, but steepest crosses the rings at a right angle: almost straight down, across the valley. More than 90° from it, every arrow goes uphill.",
            right="It crosses the ring at a right angle, and passes the minimum by far.",
            unit="°",
            degrees=12,
        ),
    ),
    "grad-units": (
        "Write the flipper in decimetres in place of metres. Does the steepest way down lead to the same lines?",
        {
            "yes, steepest is steepest": "A step of length 1 in w now means another line. The circle of equal steps has become an ellipse.",
            "no, it turns a little": "It turns almost by a right angle: the unit of w counts ten times in the slope, and ten times more in the step.",
            "no, it turns by more than 20°": "The unit of w says which changes of the line count as equally long.",
        },
    ),
}
