"""Exercises and questions of notebook 00 Start here."""

from __future__ import annotations

from gdlab.grading import Code, Number

EXERCISES = {
    "start-a": Number(
        answer=0.512,
        praise="1 → 0.8 → 0.64 → 0.512: each step is shorter than the one before.",
        hints=[
            "The slope at w is 2w.",
            "The second step begins at 0.8, where the slope is 1.6.",
            "0.8 − 0.1 · 1.6 = 0.64, and once more from there.",
        ],
        mistakes={
            0.64: "That is the place after two steps; one more.",
            1.728: "You walked uphill: the step goes against the slope.",
            0.4096: "That is one step too many.",
            0.4: "Take the slope anew at each place: it shrinks as w does.",
        },
    ),
    "start-b": Code(
        answer=lambda w, slope, learning_rate: w - learning_rate * slope,
        cases=[(1.0, 2.0, 0.1), (-3.0, -6.0, 0.25), (2.0, -3.0, 0.5)],  # the last on another hill
        praise="That line is the engine of everything that follows.",
        hints=[
            "The new place is the old place, changed a little.",
            "Against the slope: subtract.",
            "return w - learning_rate * slope",
        ],
        mistakes=[
            (lambda w, s, a: w + a * s, "It walks uphill: the sign of the step is turned round."),
            (
                lambda w, s, a: w - s,
                "The learning rate is missing: it takes the whole slope as its step.",
            ),
            (lambda w, s, a: -a * s, "That is the step; add it to where you stand."),
            (lambda w, s, a: w - a, "The slope is missing: every step would be equally long."),
            (
                lambda w, s, a: w - a * 2 * w,
                "That is the step on w² only; use the slope that you are given.",
            ),
        ],
    ),
    "start-c": Number(
        answer=0.8,
        praise="Each step takes away 0.1 · 2 = a fifth of the distance, whatever the distance.",
        hints=[
            "Divide a place by the one before it.",
            "w − 0.1 · 2w = (1 − 0.2) w.",
            "0.8 / 1, 0.64 / 0.8, …",
        ],
        mistakes={
            0.2: "That share is taken away; what is left?",
            1.2: "It would grow. Against the slope: subtract.",
            0.1: "That is the learning rate; the slope is 2w, so a step takes 0.1 · 2 of w.",
            0.9: "The slope is 2w, not w.",
        },
    ),
    "start-d": Number(
        answer=3.5,
        praise="A negative slope means the ground falls to the right, so the step goes right.",
        hints=["new w = w − α · slope.", "The slope is negative: minus a minus.", "2 − 0.5 · (−3)"],
        mistakes={
            0.5: "You walked uphill: minus a minus is plus.",
            5: "The learning rate is missing: half of the slope.",
            1.5: "That is the step; add it to where you stand.",
            -1: "The learning rate is missing, and the sign is turned round.",
        },
    ),
}

QUESTIONS = {
    "start-simplest": (
        "Which sentence describes gradient descent?",
        {
            "try many places and keep the best": "That is random search. Descent tries no second place; it follows the slope.",
            "repeat: a small step downhill": "That is all. The slope says which way, the learning rate how far.",
            "solve an equation for the lowest point": "Where there is such a formula, it is another method.",
        },
    ),
    "start-negative": (
        "Where does the negative gradient point?",
        {
            "at the minimum": "On a round bowl it does. On a long one, from most places, it does not.",
            "where the value falls fastest": "Of all directions, measured just where you stand.",
            "where the value rises fastest": "That is the gradient itself. Its opposite goes down.",
        },
    ),
    "start-global": (
        "Does descent find the lowest point of all?",
        {
            "always": "The run from 0.5 ended in the higher valley: it saw nothing but its own slope.",
            "never": "The run from −0.5 did.",
            "it depends on the start": "On a bowl any start will do, if α is small enough. Here there are two valleys.",
        },
    ),
    "start-stochastic": (
        "Is stochastic descent different in principle?",
        {
            "yes, it steps at random": "The examples are drawn at random; the step still goes against a slope.",
            "no: the same rule, with an estimated slope": "Each part's slope is a bit off. The average of equal parts is right.",
        },
    ),
}
