"""Gradients measured rather than derived: differences, checks, curvature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gdlab._arguments import array, number, whole
from gdlab.objectives import Objective

BLOCK = 2**22  # numbers held at once when many points are evaluated together


def numerical(f: Callable, theta, h: float = 1e-6) -> np.ndarray:
    """∇f by central differences, (f(θ + hᵢ eᵢ) − f(θ − hᵢ eᵢ)) / 2hᵢ with hᵢ = h · max(1, |θᵢ|).

    theta (d,); all 2d points are evaluated as lanes. The error falls as h² and grows as 1/h by
    rounding: h = 1e-6 is near the best for numbers of order 1.

    >>> from gdlab import landscapes
    >>> numerical(landscapes.Booth(), [1.0, 3.0]).round(6) + 0.0
    array([0., 0.])
    """
    theta, h = array("theta", theta, "(d,)", ndim=1), number("h", h, 0, open_low=True)
    widths = h * np.maximum(1, np.abs(theta))
    gradient = np.empty_like(theta)
    block = max(1, BLOCK // len(theta))
    for at in range(0, len(theta), block):
        rows = np.arange(at, min(at + block, len(theta)))
        nudge = np.zeros((len(rows), len(theta)))
        nudge[np.arange(len(rows)), rows] = widths[rows]
        rise = np.asarray(f(theta + nudge) - f(theta - nudge))
        if rise.shape != rows.shape:  # a sum over all axes would give a plausible wrong number
            raise ValueError(
                f"f: one value a row, shape {rows.shape}, is expected, shape {rise.shape} given; "
                "is an axis=-1 missing?"
            )
        gradient[rows] = rise / (2 * widths[rows])
    return gradient


def complex_step(f: Callable, theta, h: float = 1e-100) -> np.ndarray:
    """∇f as Im f(θ + i h eᵢ) / h: no subtraction, so exact to the last digits.

    For formulas that are analytic (no abs, max or comparison). Source: Squire and Trapp (1998).
    """
    theta = array("theta", theta, "(d,)", ndim=1)
    return np.imag(f(theta + 1j * h * np.eye(len(theta)))) / h


@dataclass(frozen=True)
class Check:
    """The verdict of `check`: the largest error, where it is, and both numbers there."""

    error: float
    coordinate: int
    given: float
    measured: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the largest error is within the tolerance."""
        return self.error <= self.tolerance

    def __str__(self):
        verdict = "agrees with" if self.passed else "differs from"
        return (
            f"gradient {verdict} central differences: largest error {self.error:.1e} "
            f"at coordinate {self.coordinate} ({self.given:.4g} given, {self.measured:.4g} measured)"
        )


def check(objective: Objective, theta, tolerance: float = 1e-6) -> Check:
    """Compare `objective.gradient(theta)` with central differences, coordinate by coordinate.

    error = |given − measured| / max(1, ‖measured‖∞). theta (d,).
    """
    theta, tolerance = array("theta", theta, "(d,)", ndim=1), number("tolerance", tolerance, 0)
    given, measured = np.asarray(objective.gradient(theta)), numerical(objective, theta)
    if given.shape != theta.shape:
        raise ValueError(
            f"objective: a gradient of shape {theta.shape} is expected, shape {given.shape} given"
        )
    errors = np.abs(given - measured) / max(1, np.abs(measured).max())
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    numbers = errors[worst], worst, given[worst], measured[worst]
    return Check(
        *(kind(n) for kind, n in zip((float, int, float, float), numbers, strict=True)), tolerance
    )


def hessian(objective: Objective, theta, h: float = 1e-5) -> np.ndarray:
    """The matrix of second derivatives (d, d): exact where the objective knows it, otherwise
    central differences of its gradient, made symmetric."""
    theta = array("theta", theta, "(d,)", ndim=1)
    if hasattr(objective, "hessian"):
        return objective.hessian(theta)
    nudge = number("h", h, 0, open_low=True) * np.maximum(1, np.abs(theta)) * np.eye(len(theta))
    widths = np.diag(nudge)[:, None]
    H = (objective.gradient(theta + nudge) - objective.gradient(theta - nudge)) / (2 * widths)
    return 0.5 * (H + H.T)


def sharpness(objective: Objective, theta, steps: int = 100, seed: int = 0, h: float = 1e-5) -> float:
    """λ_max, the largest eigenvalue of the Hessian at theta (d,), without ever forming the Hessian.

    Power iteration on Hessian-vector products H v ≈ (∇f(θ + h v) − ∇f(θ − h v)) / 2h. A first pass
    finds the size s of the eigenvalue largest in size; a second one, on H + s I, whose eigenvalues are
    not negative, finds the largest. Each pass takes `steps` products; close eigenvalues need more.
    Gradient descent at a fixed learning rate is stable near theta while α < 2/λ_max.
    """
    theta, h = array("theta", theta, "(d,)", ndim=1), number("h", h, 0, open_low=True)
    steps, rng = whole("steps", steps, low=1), np.random.default_rng(whole("seed", seed))

    def product(v):
        return (objective.gradient(theta + h * v) - objective.gradient(theta - h * v)) / (2 * h)

    def power(shift):
        """The unit vector v that H + shift I turns least, after `steps` products, and H v."""
        v = rng.normal(size=theta.shape)
        for _ in range(steps):
            v = v / max(np.linalg.norm(v), np.finfo(float).tiny)
            Hv = product(v)
            v, unit = Hv + shift * v, v
        return unit, Hv

    size = np.linalg.norm(power(0.0)[1])
    v, Hv = power(size)
    return float(v @ Hv)
