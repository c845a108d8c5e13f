"""Exercises and questions of notebook 03 Landscapes."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def bottom(behind, here, ahead, h):
    """How far ahead the lowest point of a parabola lies, from three heights h apart."""
    return -(ahead - behind) / (2 * h) / ((behind - 2 * here + ahead) / h**2)


EXERCISES = {
    "land-a": Number(
        answer=64_000_000,
        praise="20⁶. At a thousand places a second that is most of a day, and six is a small number of parameters.",
        hints=[
            "Two parameters make a square of 20 · 20 places, three a cube.",
            "Every further parameter multiplies by 20.",
            "20 ** 6",
        ],
        mistakes={
            120: "20 · 6 would do if each parameter could be tried alone. All combinations are asked.",
            6**20: "The wrong way round: 20 values, 6 times over.",
            20**5: "That is a grid for five parameters.",
            10**6: "That is a grid of 10 values; here there are 20.",
        },
    ),
    "land-b": Code(
        answer=bottom,
        cases=[
            (2.25, 1.0, 0.25, 0.5),
            (3.0, 5.0, 9.0, 2.0),
            (1.0, 0.0, 1.0, 1.0),
            (0.5, 0.02, 0.18, 0.4),
        ],
        praise="Slope and curvature together say where the bottom of a parabola lies. On other ground that is a guess.",
        hints=[
            "At distance u from the bottom the slope is curvature · u, so slope / curvature is how far you are past it.",
            "On a parabola the slope here is (ahead − behind)/(2h).",
            "The curvature is (behind − 2 · here + ahead)/h². Past the bottom, the bottom lies behind: a minus.",
        ],
        mistakes=[
            (
                lambda behind, here, ahead, h: -bottom(behind, here, ahead, h),
                "That is how far past the bottom you are. The bottom lies the other way: a minus.",
            ),
            (
                lambda behind, here, ahead, h: (behind - 2 * here + ahead) / h**2,
                "That is the curvature. The slope here, divided by it, says how far you are past the bottom.",
            ),
            (
                lambda behind, here, ahead, h: (ahead - behind) / (2 * h),
                "That is the slope here. Divide it by the curvature, and mind the sign.",
            ),
            (
                lambda behind, here, ahead, h: -h * (ahead - here) / (behind - 2 * here + ahead),
                "(ahead − here)/h is the slope half a length h further on. Here it is (ahead − behind)/(2h).",
            ),
            (
                lambda behind, here, ahead, h: 2 * bottom(behind, here, ahead, h),
                "From behind to ahead it is 2h, not h.",
            ),
            (
                lambda behind, here, ahead, h: bottom(behind, here, ahead, h) / h,
                "An h is lost: the slope has it once below the line, the curvature twice.",
            ),
        ],
    ),
    "land-c": Number(
        answer=-1,
        praise="Up along both axes, and yet down in between: only the two special directions tell.",
        hints=[
            "Walk s along it: x = s/√2 and y = −s/√2.",
            "Put that into x² + 3xy + y², and gather the s².",
            "The height is c · s²; its curvature is 2c.",
        ],
        mistakes={
            5: "That is the curvature in the direction (1, 1); mind the minus sign.",
            -0.5: "That is the factor of s². The curvature of c · s² is 2c.",
            -2: "The direction (1, −1) is √2 long; divide by its length first.",
            2: "That is the curvature along each axis; the direction lies in between.",
        },
    ),
    "land-d": Code(
        answer=lambda hessian: np.sum(np.linalg.eigvalsh(hessian) < 0),
        cases=[
            (np.array([[2.0, 0.0], [0.0, -2.0]]),),
            (np.array([[2.0, -3.0], [-3.0, 2.0]]),),
            (np.diag([1.0, 4.0, 9.0]),),
            (np.array([[-3.0, 1.0, 0.0], [1.0, -3.0, 0.0], [0.0, 0.0, -1.0]]),),
        ],
        praise="0: a minimum. All of them: a maximum. Some: a saddle. Provided that the slope is 0 and that no curvature is.",
        hints=[
            "np.linalg.eigvalsh(hessian) gives the curvatures along the special directions.",
            "A direction that curves down has a negative one.",
            "np.sum(np.linalg.eigvalsh(hessian) < 0)",
        ],
        mistakes=[
            (
                lambda hessian: np.sum(np.diag(hessian) < 0),
                "The diagonal holds the curvatures along the axes; the special directions may lie in between.",
            ),
            (
                lambda hessian: np.sum(np.linalg.eigvalsh(hessian) > 0),
                "Those are the directions that curve up.",
            ),
            (lambda hessian: np.sum(hessian < 0), "Count curvatures, not the entries of the table."),
            (
                lambda hessian: float(np.linalg.det(hessian) < 0),
                "A determinant tells only whether their number is even or odd.",
            ),
        ],
    ),
    "land-e": Number(
        answer=0.6,
        praise="κ = 4, and (4 − 1)/(4 + 1) = 0.6.",
        hints=[
            "The condition number κ is the larger curvature divided by the smaller.",
            "At the best learning rate a step leaves (κ − 1)/(κ + 1) of the distance.",
            "κ = 8/2",
        ],
        mistakes={
            0.75: "That is 1 − 1/κ. Take (κ − 1)/(κ + 1).",
            0.36: "That is what is left of the value; of the distance it is the root.",
            0.25: "That is 1/κ.",
            0.2: "That is the best learning rate, 2/(2 + 8).",
            0.4: "That is what the step takes away; what is left?",
        },
    ),
}

QUESTIONS = {
    "land-grid": (
        "A model has 10 parameters. Try 10 values of each, in all combinations, at a million places a second. How long does it take?",
        {
            "a ten-thousandth of a second": "That would be 10 · 10 = 100 places: each parameter alone. All combinations are many more.",
            "about three hours": "Ten billion places, 10,000 seconds. And the grid is coarse.",
            "about a year": "That is a grid for 13 or 14 parameters. The next one takes ten times as long again.",
        },
    ),
    "land-walker": (
        "200 foggy grounds, 12 calls on each: descent with α = 0.2, and random search. Whose median is lower?",
        {
            "descent": "A slope says where to go next, a place drawn blindly does not. With this α that is enough.",
            "random search": "On some grounds it is lower: a blind place may lie in a dip that descent never visits.",
            "equal to the last digit": "They never even look at the same places.",
        },
    ),
    "land-disc": (
        "Two grounds agree in a whole disc: same values, same slopes, everywhere in it. What about their lowest points?",
        {
            "they are the same": "Outside the disc the grounds are free to differ, and these two do.",
            "they may differ": "What you feel here says nothing certain about the ground far away.",
        },
    ),
    "land-stretch": (
        "A bowl ten times as curved one way as the other is made a hundred times as curved. How many times as many steps does descent need, at the best rate for each?",
        {
            "equally many": "The best learning rate cannot suit a steep and a gentle direction at once.",
            "about 10 times": "The steps grow about in proportion to the ratio of the curvatures.",
            "about 100 times": "That would be the square; the price is in proportion.",
        },
    ),
}
