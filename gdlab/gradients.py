"""Gradients measured rather than derived: differences, checks, curvature."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gdlab._arguments import array, function, number, numbers, whole
from gdlab.objectives import Objective, checked

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
    ahead, behind = _sides("f", function("f", f), theta, widths)
    return (ahead - behind) / (2 * widths)


def _sides(name, f, theta, widths):
    """f(θ + wᵢ eᵢ) and f(θ − wᵢ eᵢ) for every coordinate i, shape (2, d)."""
    sides = np.empty((2, len(theta)))
    block = max(1, BLOCK // len(theta))
    for at in range(0, len(theta), block):
        rows = np.arange(at, min(at + block, len(theta)))
        nudge = np.zeros((len(rows), len(theta)))
        nudge[np.arange(len(rows)), rows] = widths[rows]
        for side, points in zip(sides, (theta + nudge, theta - nudge), strict=True):
            values = np.asarray(f(points))
            if values.shape != rows.shape:  # a sum over all axes would give a plausible wrong number
                raise ValueError(
                    f"{name}: one value a row, shape {rows.shape}, is expected, "
                    f"shape {values.shape} given; is an axis=-1 or a mean missing?"
                )
            side[rows] = values
    return sides


def complex_step(f: Callable, theta, h: float = 1e-100) -> np.ndarray:
    """∇f as Im f(θ + i h eᵢ) / h: no subtraction, so exact to the last digits.

    For formulas that are analytic (no abs, max or comparison). Source: Squire and Trapp (1998).
    """
    theta, h = array("theta", theta, "(d,)", ndim=1), number("h", h, 0, open_low=True)
    return np.imag(function("f", f)(theta + 1j * h * np.eye(len(theta)))) / h


# --- the check -----------------------------------------------------------------------------------

WORST = 5  # coordinates that a verdict lists


@dataclass(frozen=True)
class Check:
    """The verdict of `check`, to be printed or asked.

    `kind`: right, sign, factor, order, other, kink, memory or not finite; `reading`: what it means.
    `worst`: (coordinate, given, measured) where it is wrong, the worst first; where it is right, the one
    furthest off. `kinks`: coordinates along which the value is not smooth.
    """

    error: float
    tolerance: float
    kind: str
    reading: str
    worst: tuple[tuple[int, float, float], ...]
    kinks: tuple[int, ...]

    @property
    def passed(self) -> bool:
        """Whether the gradient agrees with the differences, and with itself when called again."""
        return self.kind == "right"

    @property
    def coordinate(self) -> int:
        """Where the error is largest."""
        return self.worst[0][0]

    @property
    def given(self) -> float:
        """The given gradient there."""
        return self.worst[0][1]

    @property
    def measured(self) -> float:
        """The difference measured there."""
        return self.worst[0][2]

    def __str__(self):
        first, *others = (f"{i} ({given:.4g} given, {m:.4g} measured)" for i, given, m in self.worst)
        verdict = "agrees with" if self.error <= self.tolerance else "differs from"
        text = f"gradient {verdict} central differences: largest error {self.error:.1e}"
        text += f" at coordinate {first}"
        text += "".join(f"\n  then {other}" for other in others)
        return text + f"\n  {self.reading}" * bool(self.reading)


def check(objective, theta, tolerance: float = 1e-6, gradient=None) -> Check:
    """Compare a gradient with central differences of the value, and say what kind of error it has.

    `check(objective, theta)` looks at `objective.gradient`; `check(f, theta, gradient=g)` at any two
    functions of one point theta (d,): f gives a number, g gives (d,) numbers, or is those numbers.

    error = |given − measured| / max(1, ‖measured‖∞), the largest coordinate's. The tolerance is raised
    where the value is so large that rounding spoils its differences. ValueError for a gradient of
    another shape: it would broadcast.

    >>> verdict = check(lambda w: w @ w, [3.0, 0.5], gradient=lambda w: w)
    >>> verdict.passed, verdict.kind, verdict.coordinate
    (False, 'factor', 0)
    >>> verdict.reading
    "½ times the measured gradient, everywhere: is the 2 of a square's slope missing?"
    """
    theta, tolerance = array("theta", theta, "(d,)", ndim=1), number("tolerance", tolerance, 0)
    name, value, slope = _pair(objective, gradient)
    with np.errstate(all="ignore"):  # what is not finite is told in words
        given, again = (numbers(name, slope(theta.copy()), "fiu").astype(float) for _ in range(2))
        measured, left, right, rounding, apart = _measured(value, theta)
        _same_shape(name, given, measured)
        scale = max(1, np.abs(measured).max())
        tolerance = max(tolerance, np.nan_to_num(rounding.max() / scale, nan=0, posinf=0))
        errors, allowed = np.abs(given - measured) / scale, tolerance * scale
        wrong, kinks = ~(errors <= tolerance), apart > allowed
    order = np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")
    order = order[: min(WORST, max(1, wrong.sum()))]
    kind, reading = _reading(given, measured, wrong, allowed)
    if not np.allclose(given, again, rtol=0, atol=allowed, equal_nan=True):
        kind = "memory"
        reading = "a second call gives another gradient: is it added up and not reset, or drawn anew?"
    elif kinks.any() and (kinks | ~wrong).all():
        i, kind = kinks.argmax(), "kink" if wrong.any() else kind
        reading = f"the value has a kink {_at(kinks)}: slope {left[i]:.4g} before, {right[i]:.4g} after"
        reading += "; differences settle nothing there, try another theta"
    worst = tuple((int(i), float(given[i]), float(measured[i])) for i in order)
    kinks = tuple(map(int, np.flatnonzero(kinks)))
    return Check(float(errors[order[0]]), float(tolerance), kind, reading, worst, kinks)


def _pair(objective, gradient):
    """(the argument that gives the gradient, the value as a function of rows, the gradient)."""
    function("objective", objective)
    if gradient is None:
        if not callable(getattr(objective, "gradient", None)):
            raise TypeError(f"gradient: a function is expected for this objective, {gradient} given")
        return "objective", objective, objective.gradient

    def rows(points):
        return np.array([objective(point.copy()) for point in points])

    return "gradient", rows, function("gradient", gradient) if callable(gradient) else lambda _: gradient


def _measured(value, theta):
    """Along each coordinate: the central difference, the slopes before and after theta, what rounding
    may add to them, and how far the two slopes stay apart.

    The slopes of a smooth value are apart too, by its bend; but a bend is seen from further off as well.
    """
    near = 1e-6 * np.maximum(1, np.abs(theta))
    (ahead, behind), *others = (
        _sides("objective", value, theta, times * near) for times in (1, 100, 1000)
    )
    here = float(np.ravel(value(theta[None]))[0])
    left, right = (here - behind) / near, (ahead - here) / near
    bends = [np.abs(sum(sides) - 2 * here) for sides in others] / near / [[100**2], [1000**2]]
    rounding = 4 * np.finfo(float).eps * np.abs(here) / near
    apart = np.abs(right - left) - 5 * bends.max(axis=0) - 4 * rounding
    return (ahead - behind) / (2 * near), left, right, rounding, apart


def _same_shape(name, given, measured):
    """ValueError for a gradient of another shape; whether its numbers are right is part of the words."""
    if given.shape != measured.shape:
        words = f"{name}: a gradient of shape {measured.shape} is expected, shape {given.shape} given"
        for way, flat in (("flatten", given.ravel()), ("transpose and flatten", given.T.ravel())):
            if flat.shape == measured.shape and np.allclose(flat, measured, rtol=1e-4, atol=1e-4):
                raise ValueError(f"{words}; its numbers are right, {way} it")
        raise ValueError(words)


def _at(mask):
    """'at coordinate 3', 'at coordinates 0, 1, 2'; a long list is cut."""
    places = np.flatnonzero(mask)
    listed = ", ".join(map(str, places[:WORST])) + ", …" * (len(places) > WORST)
    return f"at coordinate{'s' * (len(places) > 1)} {listed}"


def _reading(given, measured, wrong, allowed):
    """(kind, words): what the wrong coordinates have in common."""
    if not wrong.any():
        return "right", ""
    for what, part in (("given gradient", given), ("value beside theta", measured)):
        if not np.isfinite(part).all():
            return "not finite", f"the {what} is not finite {_at(~np.isfinite(part))}"
    g, m = given[wrong], measured[wrong]
    if np.abs(m).max() <= allowed:
        return "other", f"the value does not change {_at(wrong)}, but the gradient says it does"
    ratio = float(g @ m / (m @ m))
    near = allowed * max(1, abs(ratio))  # what is measured is known to `allowed` only
    if (np.abs(g - ratio * m) <= near).all():
        everywhere = (np.abs(given - ratio * measured) <= near).all()
        kind, times, why = _factor(ratio)
        if why or everywhere or len(g) > 1:
            return kind, times + (", everywhere" if everywhere else f" {_at(wrong)}") + why
    if len(g) > 1 and np.allclose(np.sort(g), np.sort(m), rtol=0, atol=allowed):
        return "order", _order(given, measured, np.flatnonzero(wrong), allowed)
    return "other", f"no common factor {_at(wrong)}: is a term missing, or a derivative wrong?"


def _factor(ratio):
    """(kind, how many times the measured gradient, what that usually means)."""
    size = abs(ratio)
    if size < 1e-6:
        return "factor", "the given gradient is 0", ": is this part left out?"
    n = round(max(size, 1 / size))
    if not math.isclose(max(size, 1 / size), n, rel_tol=1e-5):
        return "factor", f"{ratio:.4g} times the measured gradient", ""
    times = f"{n}" if size > 1 else "½" if n == 2 else f"1/{n}"
    times = f"{'−' * (ratio < 0)}{times} times the measured gradient"
    if n == 1 and ratio > 0:
        return "factor", f"{ratio:.7g} times the measured gradient", ": is a number rounded?"
    if n == 1:
        return "sign", "the sign is turned round", ": plus for minus?"
    if n == 2:
        why = (
            "a 2 counted twice, or a ½ of the value forgotten"
            if size > 1
            else "the 2 of a square's slope missing"
        )
        return "factor", times, f": is {why}?"
    if size > 1:
        return "factor", times, f": a sum over {n} examples where the value is their mean?"
    return "factor", times, ": divided by the number of examples once too often?"


def _order(given, measured, places, allowed):
    """Words for the right numbers in the wrong order."""
    if len(places) == 2:
        return f"coordinates {places[0]} and {places[1]} are swapped"
    first, last = max(places[0] - 1, 0), places[-1] + 1  # the corners of a transposed matrix stay put
    block, size = slice(first, last + 1), last + 1 - first
    for rows in (r for r in range(2, size) if size % r == 0):
        turned = measured[block].reshape(rows, -1).T.ravel()
        if len(turned) == len(given[block]) and (np.abs(given[block] - turned) <= allowed).all():
            shape = f"{rows} × {size // rows}"
            return f"coordinates {first} to {last}: a matrix of {shape} numbers is transposed"
    return "the right numbers stand in the wrong order: is something transposed, or are parts swapped?"


def hessian(objective: Objective, theta, h: float = 1e-5) -> np.ndarray:
    """The matrix of second derivatives (d, d): exact where the objective knows it, otherwise
    central differences of its gradient, made symmetric."""
    theta = array("theta", theta, "(d,)", ndim=1)
    if hasattr(checked(objective), "hessian"):
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
    checked(objective)
    theta, h = array("theta", theta, "(d,)", ndim=1), number("h", h, 0, open_low=True)
    steps, rng = whole("steps", steps, low=1), np.random.default_rng(whole("seed", seed, high=2**64))

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
