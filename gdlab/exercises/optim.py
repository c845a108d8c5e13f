"""Exercises and questions of notebook 09 Optimizers."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number

EXERCISES = {
    "optim-a": Number(
        answer=20,
        praise="2 + 0.9 · 2 + 0.81 · 2 + … = 2/(1 − 0.9). On a steady slope momentum steps ten times as far.",
        hints=[
            "Write down v after one step, after two, after three.",
            "Where v no longer changes, v = 0.9 v + 2.",
            "v (1 − 0.9) = 2",
        ],
        mistakes={
            2: "That is v after the first step; the memory has yet to fill.",
            3.8: "That is v after the second step, 0.9 · 2 + 2; it goes on growing.",
            1.8: "That is only what is left of the old slope; the new one is added to it.",
            2 / 1.9: "Here v = 0.9 v + 2: bring 0.9 v to the other side with a minus.",
        },
    ),
    "optim-b": Number(
        answer=19 / 21,
        praise="(20 − 1)/(20 + 1). Descent has 399/401: in one step momentum does the work of twenty.",
        hints=[
            "The factor of momentum has √κ where that of descent has κ.",
            "√400 = 20",
            "(20 − 1)/(20 + 1)",
        ],
        tolerance=0.0005,
        mistakes={
            399
            / 401: "That is the best factor of descent, (κ − 1)/(κ + 1); momentum has √κ in its place.",
            (19 / 21) ** 2: "That is the β to choose; the factor a step is its root.",
            21 / 19: "Upside down: a factor above 1 would fly off.",
            np.sqrt(399 / 401): "The root belongs over κ alone, not over the whole factor.",
        },
    ),
    "optim-c": Code(
        answer=lambda theta, gradient, velocity, learning_rate, beta: (
            theta - learning_rate * (beta * velocity + gradient)
        ),
        cases=[
            (np.array([1.0, -2.0]), np.array([2.0, 4.0]), np.array([0.0, 0.0]), 0.1, 0.9),
            (np.array([1.0, -2.0]), np.array([2.0, 4.0]), np.array([5.0, -1.0]), 0.1, 0.9),
            (np.array([0.5, 0.0]), np.array([0.0, 1.0]), np.array([-3.0, 2.0]), 0.25, 0.5),
        ],
        praise="With β = 0, or with nothing remembered yet, it is the step of plain descent.",
        hints=[
            "First the new velocity, then the step.",
            "new velocity = beta * velocity + gradient",
            "theta − learning_rate · (new velocity)",
        ],
        mistakes=[
            (lambda t, g, v, a, b: t - a * g, "That forgets the velocity: it is plain descent."),
            (
                lambda t, g, v, a, b: t - a * (b * v + (1 - b) * g),
                "You took an average. That is a rule too, with a smaller α; here the slope is added whole.",
            ),
            (
                lambda t, g, v, a, b: t - a * v,
                "That steps with the old velocity: add the slope to it first.",
            ),
            (
                lambda t, g, v, a, b: t + a * (b * v + g),
                "The velocity is made of slopes, and slopes point uphill: subtract.",
            ),
            (
                lambda t, g, v, a, b: t - a * (g + b * (b * v + g)),
                "That is Nesterov's step: it uses the velocity once more.",
            ),
        ],
    ),
    "optim-d": Code(
        answer=lambda k: 0.4 * 0.5 ** (k // 50),
        cases=[(0,), (49,), (50,), (120,), (400,)],
        praise="A staircase. Any function of the step is a schedule: descend takes it as learning rate.",
        hints=[
            "How many times has it been halved at step k?",
            "k // 50 is the number of whole fifties in k.",
            "0.4 * 0.5 ** (k // 50)",
        ],
        mistakes=[
            (lambda k: 0.4 * 0.5 ** (k / 50), "That falls at every step; a staircase needs k // 50."),
            (lambda k: 0.4 * 0.5**k, "That halves at every step, not at every fiftieth."),
            (lambda k: 0.4 - 0.2 * (k // 50), "Halving is a factor; subtracting goes below 0."),
            (
                lambda k: 0.4 * 0.5 ** ((k + 1) // 50),
                "One step early: at k = 49 the rate is still 0.4.",
            ),
        ],
    ),
}

QUESTIONS = {
    "optim-first": (
        "At the start the slopes are 1,000 and 0.001. Adam, α = 0.1. How far does its first step go along each?",
        {
            "100 and 0.0001": "That is descent's step, α times the slope. Adam divides by the size of the slope.",
            "0.1 and 0.1": "A slope divided by its own size is 1 or −1. Only its sign is left.",
            "0.1 and 0.0000001": "Adam has a scale for each parameter, not one for both.",
        },
    ),
    "optim-race": (
        "Six rules race, each with its own best learning rate. Which place does plain descent take?",
        {
            "the last": "With its own best α, descent beats two rules that divide by the slopes' size.",
            "one in the middle": "Three rules beat it, and two do not: this valley lies askew.",
            "the first": "Momentum and its kin go through the valley faster.",
        },
    ),
    "optim-roll": (
        "From the same start, β grows from 0 to 0.95. Where do the runs end?",
        {
            "from some β on always in the lower valley": "Too much speed carries the ball back again.",
            "in the lower one for some β, then in the higher one again": "Where it stops is a matter of luck.",
            "always in the higher valley": "Some β do carry it over the hill.",
        },
    ),
}
