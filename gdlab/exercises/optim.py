"""Exercises and questions of notebook 09 Optimizers."""

from __future__ import annotations

import numpy as np

from gdlab.grading import Code, Number


def _ahead(a, b):
    n = min(len(a), len(b))
    return min(b[:n]) - min(a[:n])


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
        answer=_ahead,
        cases=[
            (np.array([60.0, 50.0, 40.0]), np.array([90.0])),
            (np.array([120.0, 55.0, 60.0, 20.0, 85.0, 75.0, 90.0]), np.array([45.0, 70.0, 95.0])),
            (np.array([80.0, 35.0, 90.0]), np.array([np.inf, 50.0, 70.0, 10.0, 30.0, 45.0, 65.0])),
        ],
        praise="A's extra tries no longer count. The report let A choose among 160, and B take what it got: "
        "about the rules it says nothing yet.",
        hints=[
            "How many tries has the rule with fewer? That many, n = min(len(a), len(b)), for both.",
            "The first n tries of a are a[:n]; of those the best is the smallest.",
            "min(b[:n]) − min(a[:n])",
        ],
        mistakes=[
            (lambda a, b: min(b) - min(a), "That takes every try: the rule with more had more chances."),
            (
                lambda a, b: min(b[-len(a) :]) - min(a[-len(b) :]),
                "That takes the last tries: as many as asked, but the first of each are wanted.",
            ),
            (
                lambda a, b: b[0] - a[0],
                "That is the first try of each: give both as many as b or a has.",
            ),
            (lambda a, b: -_ahead(a, b), "The size is right, the sign is not: ahead means fewer steps."),
            (
                lambda a, b: b[: len(a)][-1] - a[: len(b)][-1],
                "That is the last try of each, not the best one.",
            ),
            (
                lambda a, b: np.mean(b[: len(a)]) - np.mean(a[: len(b)]),
                "That compares the averages: who tunes takes the best.",
            ),
        ],
    ),
    "optim-d": Code(
        answer=lambda k: 0.4 * 0.5 ** (k // 50),
        cases=[(0,), (30,), (49,), (50,), (120,), (400,)],
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
            (
                lambda k: 0.4 * 0.5 ** round(k / 50),
                "That rounds to the nearest fifty: it halves after 25 steps already. k // 50 counts whole fifties.",
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
            "the last": "With its own best α, descent beats AdaGrad here.",
            "one in the middle": "Nesterov's, Adam and momentum beat it, AdaGrad does not. RMSProp's place depends on when you stop. From another start the order changes.",
            "the first": "From this start three rules are faster at any rate: Nesterov's, Adam and momentum.",
        },
    ),
    "optim-roll": (
        "Start 1.9, α = 0.01; β is 0, 0.5, 0.8, 0.85, 0.9, 0.95, 0.98. In which valley do the runs end?",
        {
            "from some β on always in the lower valley": "With more speed the ball also comes back over the hill.",
            "now in the one, now in the other": "It depends on which crossing is its last.",
            "always in the higher valley": "Some β do carry it over the hill.",
        },
    ),
}
