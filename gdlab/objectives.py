"""Objectives: what descent goes down.

An objective is anything with `f(theta)` and `f.gradient(theta)`. One that can compute both for less
than twice the price also offers `f.value_and_gradient(theta)`, and one made of examples offers
`f.on(rows)`, itself on some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gdlab._arguments import altered, instance, shown
from gdlab.data import Dataset
from gdlab.losses import Loss
from gdlab.models import Model


class Objective(Protocol):
    """Anything with a value (...) and a gradient (..., d) at theta (..., d)."""

    def __call__(self, theta) -> np.ndarray: ...

    def gradient(self, theta) -> np.ndarray: ...


def checked(objective) -> Objective:
    """An objective, or an error that says what is missing."""
    if isinstance(objective, type) or not (callable(objective) and hasattr(objective, "gradient")):
        raise TypeError(
            f"objective: f(theta) with f.gradient(theta) is expected, {shown(objective)} given"
        )
    return objective


def value_and_gradient(objective: Objective, theta):
    """Both at once, by the objective's own short cut where it has one."""
    return _both(checked(objective), theta)


def _both(objective, theta):
    """The same without a check: the loop asks this at every step."""
    both = getattr(objective, "value_and_gradient", None)
    return both(theta) if both else (objective(theta), objective.gradient(theta))


@dataclass(frozen=True)
class EmpiricalRisk:
    """The mean loss of a model on data: L(θ) = 1/n Σᵢ ℓ(f(xᵢ; θ), yᵢ).

    >>> from gdlab import data, losses, models
    >>> risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), data.penguins())
    >>> risk.dimension, round(float(risk([49.69, -5780.8])) ** 0.5)     # grams, root of the mean square
    (2, 393)
    """

    model: Model
    loss: Loss
    dataset: Dataset

    def __post_init__(self):
        for name, kind in (("model", Model), ("loss", Loss), ("dataset", Dataset)):
            instance(name, getattr(self, name), kind)
        # One prediction, to find a loss or targets that do not suit before the first step does.
        probe = self.model.predict(np.zeros(self.dimension), self.dataset.X)
        if np.shape(self.loss.value(probe, self.dataset.y)) != (len(self.dataset),):
            model, loss = type(self.model).__name__, type(self.loss).__name__
            raise ValueError(
                f"loss: one that takes the predictions of {model} is expected, {loss} given"
            )

    @property
    def dimension(self) -> int:
        """The number of parameters."""
        return self.model.size(self.dataset.X.shape[1])

    def __call__(self, theta):
        """L(theta), shape (...)."""
        prediction = self.model.predict(theta, self.dataset.X)
        return self.loss._value(prediction, self.dataset.y).sum(axis=-1) / len(self.dataset)

    def gradient(self, theta):
        """∇L(theta), shape (..., d): the chain rule, the loss's slope pulled back through the model."""
        prediction, pullback = self.model.forward(theta, self.dataset.X)
        return pullback(self.loss._slope(prediction, self.dataset.y)) / len(self.dataset)

    def value_and_gradient(self, theta):
        """L(theta) and ∇L(theta) from one prediction."""
        prediction, pullback = self.model.forward(theta, self.dataset.X)
        value, slope = self.loss._value_and_slope(prediction, self.dataset.y)
        n = len(self.dataset)
        return value.sum(axis=-1) / n, pullback(slope) / n

    def on(self, rows) -> EmpiricalRisk:
        """The same risk on some rows of the data: the objective of one mini-batch."""
        return altered(self, dataset=self.dataset.take(rows))  # they were checked when the whole was
