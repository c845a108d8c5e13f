"""The update rules that the explorers offer: by name, as they are built and as they are drawn."""

from __future__ import annotations

from gdlab import optimizers

RULES = {
    "gradient descent": optimizers.GradientDescent,
    "momentum": optimizers.Momentum,
    "Nesterov": optimizers.Nesterov,
    "AdaGrad": optimizers.AdaGrad,
    "RMSProp": optimizers.RMSProp,
    "Adam": optimizers.Adam,
}
LOOKS = {  # colour, line, marker: two cues beside the colour
    "gradient descent": ("#D55E00", "-", "o"),
    "momentum": ("#0072B2", (0, (5, 1.5)), "s"),
    "Nesterov": ("#009E73", (0, (6, 1.5, 1, 1.5)), "^"),
    "AdaGrad": ("#A3457C", (0, (1.5, 1)), "v"),
    "RMSProp": ("#2D9BD8", (0, (8, 1.5)), "D"),
    "Adam": ("#B37A00", (0, (3, 1, 1, 1, 1, 1)), "P"),
}


def build(name: str, learning_rate, beta=None, beta2=None) -> optimizers.Optimizer:
    """The rule of that name: `beta` is its memory of slopes, `beta2` its memory of squared slopes.

    A memory that the rule does not have is ignored; None is the rule's default.
    """
    takes = {"momentum": {"beta": beta}, "Nesterov": {"beta": beta}, "RMSProp": {"beta": beta2},
             "Adam": {"beta1": beta, "beta2": beta2}}.get(name, {})  # fmt: skip
    return RULES[name](
        learning_rate, **{key: value for key, value in takes.items() if value is not None}
    )
