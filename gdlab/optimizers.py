"""Optimizers: the update rules.

An optimizer is two pure functions: `init(theta)` returns the state before the first step, and
`step(k, gradient, state)` returns the update to add to theta and the next state. Its settings are
the fields of a frozen dataclass. θ parameters, g gradient, α learning rate, k step index from 0.

The learning rate is a number, a schedule (a function of k), or an array with one rate a lane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab._arguments import function, number
from gdlab.schedules import Schedule, check_rate


@dataclass(frozen=True, eq=False)
class Optimizer:
    """What every optimizer shares: the learning rate."""

    learning_rate: float | np.ndarray | Schedule

    def __post_init__(self):
        if callable(self.learning_rate):
            schedule = function("learning_rate", self.learning_rate)
            check_rate("learning_rate at step 0", schedule(0))
        else:
            checked = check_rate("learning_rate", self.learning_rate)
            object.__setattr__(self, "learning_rate", checked)

    def _check(self, name, low=0.0, high=np.inf, **ends):
        """Keep a setting as a float, or say what is wrong with it."""
        object.__setattr__(self, name, number(name, getattr(self, name), low, high, **ends))

    def rate(self, k: int):
        """α at step k: a number, or an array of lane shape."""
        rate = self.learning_rate
        if not callable(rate):
            return rate
        rate = rate(k)
        return rate if np.isscalar(rate) else np.asarray(rate, dtype=float)

    def per_lane(self, k: int):
        """α at step k, ready to multiply (..., d): the only place where lanes gain the last axis."""
        rate = self.rate(k)
        return rate[..., None] if isinstance(rate, np.ndarray) else rate

    def init(self, theta):
        """The state before the first step."""
        return ()

    def step(self, k, gradient, state):
        """(update, next state) at step k."""
        raise NotImplementedError


class GradientDescent(Optimizer):
    """θ ← θ − α g.  Source: Cauchy (1847)."""

    def step(self, k, gradient, state):
        return -self.per_lane(k) * gradient, state


@dataclass(frozen=True, eq=False)
class Momentum(Optimizer):
    """v ← β v + g;  θ ← θ − α v;  v₀ = 0, so the first step is that of gradient descent.

    Not the exponential average v ← β v + (1 − β) g, which is this rule with α (1 − β).
    PyTorch's SGD is the same; Keras keeps α inside v, which differs only when α changes.
    Source: Polyak (1964).
    """

    beta: float = 0.9

    def __post_init__(self):
        super().__post_init__()
        self._check("beta", high=1, open_high=True)

    def init(self, theta):
        return np.zeros_like(theta)

    def step(self, k, gradient, velocity):
        velocity = self.beta * velocity + gradient
        return -self.per_lane(k) * velocity, velocity


class Nesterov(Momentum):
    """v ← β v + g;  θ ← θ − α (g + β v).

    The θ of this form (PyTorch's) *is* the look-ahead point of the textbook's form.
    Source: Nesterov (1983), Sutskever et al. (2013).
    """

    def step(self, k, gradient, velocity):
        velocity = self.beta * velocity + gradient
        return -self.per_lane(k) * (gradient + self.beta * velocity), velocity


@dataclass(frozen=True, eq=False)
class AdaGrad(Optimizer):
    """s ← s + g²;  θ ← θ − α g / (√s + eps);  s₀ = 0.

    Optax starts s at 0.1. Source: Duchi, Hazan and Singer (2011).
    """

    eps: float = 1e-10

    def __post_init__(self):
        super().__post_init__()
        self._check("eps", open_low=True)

    def init(self, theta):
        return np.zeros_like(theta)

    def step(self, k, gradient, squares):
        squares = squares + gradient**2
        return -self.per_lane(k) * gradient / (np.sqrt(squares) + self.eps), squares


@dataclass(frozen=True, eq=False)
class RMSProp(Optimizer):
    """s ← β s + (1 − β) g²;  θ ← θ − α g / (√s + eps);  s₀ = 0, no bias correction.

    So the first step is α / √(1 − β) long in every coordinate. β = 0.99 as in PyTorch (Keras and
    Optax: 0.9), eps outside the root as in PyTorch (Optax: inside). Source: Tieleman and Hinton (2012).
    """

    beta: float = 0.99
    eps: float = 1e-8

    def __post_init__(self):
        super().__post_init__()
        self._check("beta", high=1, open_high=True)
        self._check("eps", open_low=True)

    def init(self, theta):
        return np.zeros_like(theta)

    def step(self, k, gradient, squares):
        squares = self.beta * squares + (1 - self.beta) * gradient**2
        return -self.per_lane(k) * gradient / (np.sqrt(squares) + self.eps), squares


@dataclass(frozen=True, eq=False)
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²;  θ ← θ − α m̂ / (√ŝ + eps).

    m̂ = m / (1 − β₁ᵏ⁺¹) and ŝ = s / (1 − β₂ᵏ⁺¹) undo the start at 0, so the first step is α long in
    every coordinate. eps is added after that correction, as in PyTorch; Keras adds it before.
    Source: Kingma and Ba (2015).
    """

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self):
        super().__post_init__()
        self._check("beta1", high=1, open_high=True)
        self._check("beta2", high=1, open_high=True)
        self._check("eps", open_low=True)

    def init(self, theta):
        return np.zeros_like(theta), np.zeros_like(theta)

    def step(self, k, gradient, state):
        mean, squares = state
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        squares = self.beta2 * squares + (1 - self.beta2) * gradient**2
        unbiased = mean / (1 - self.beta1 ** (k + 1))
        scale = np.sqrt(squares / (1 - self.beta2 ** (k + 1))) + self.eps
        return -self.per_lane(k) * unbiased / scale, (mean, squares)


@dataclass(frozen=True, eq=False)
class AdamW(Adam):
    """θ ← θ (1 − α · weight_decay), then Adam's step: the decay never passes through √ŝ.

    Adam with a penalty added to the gradient is another rule. PyTorch's default weight_decay is
    0.01, Optax's 0.0001. Source: Loshchilov and Hutter (2019).
    """

    weight_decay: float = 0.01

    def __post_init__(self):
        super().__post_init__()
        self._check("weight_decay")

    def init(self, theta):
        return theta, super().init(theta)  # the decay needs θ, so θ is part of the memory

    def step(self, k, gradient, state):
        theta, memory = state
        update, memory = super().step(k, gradient, memory)
        update = update - self.per_lane(k) * self.weight_decay * theta
        return update, (theta + update, memory)
