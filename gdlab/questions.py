"""The predictions that notebooks ask for: a question, and for every choice what to say to its chooser.

Which choice is right is not written here: the notebook computes it.
"""

from __future__ import annotations

QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    # --- 00 start here
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
            "at the minimum": "Only on a round bowl. Here the valley is long, and it points across.",
            "where the value falls fastest": "Of all directions, measured just where you stand.",
            "where the value rises fastest": "That is the gradient itself. Its opposite goes down.",
        },
    ),
    "start-global": (
        "Does descent find the lowest point of all?",
        {
            "always": "The run from 0.5 ended in the higher valley: it saw nothing but its own slope.",
            "never": "The run from −0.5 did.",
            "it depends on the start": "On a bowl it always does. With several valleys, the start decides.",
        },
    ),
    "start-stochastic": (
        "Is stochastic descent different in principle?",
        {
            "yes, it steps at random": "The examples are drawn at random; the step still goes against a slope.",
            "no: the same rule, with an estimated slope": "Each part's slope is a bit off. The average of equal parts is right.",
        },
    ),
    # --- 05 the learning rate
    "rate-slow": (
        "How many times more steps does a learning rate a hundredth of the best one need?",
        {
            "about 10 times": "Too hopeful: each step goes a hundredth as far.",
            "about 100 times": "A hundredth of the step, about a hundred times the steps.",
            "about 10,000 times": "That would be the square; the price is in proportion.",
        },
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
        "The loss is multiplied by 1,000. The learning rate stays. Which run changes?",
        {
            "both": "Descent changes, but Adam divides by the gradient's own size: the thousand cancels.",
            "only gradient descent": "Its step grows with the gradient. Adam's does not.",
            "neither": "The minimum stays where it was, but descent steps α times a slope 1,000 times steeper.",
        },
    ),
}
