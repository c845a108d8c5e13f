"""Checks of arguments: one sentence that names the argument, what is expected, what was given."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np


def shown(value) -> str:
    """A short text for a bad value, safe for any object."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}, shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def number(name: str, value, low=-math.inf, high=math.inf, open_low=False, open_high=False) -> float:
    """A finite real number between `low` and `high`, as a float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name}: a real number is expected, {shown(value)} given")
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    below = value <= low if open_low else value < low
    above = value >= high if open_high else value > high
    if not math.isfinite(value) or below or above:
        left, right = "(" if open_low else "[", ")" if open_high or high == math.inf else "]"
        span = f" in {left}{low:g}, {high:g}{right}" if (low, high) != (-math.inf, math.inf) else ""
        raise ValueError(f"{name}: a finite number{span} is expected, {value!r} given")
    return value


def whole(name: str, value, low: int = 0, high: int = 10**9) -> int:
    """A whole number from `low` to `high`: by default no more than could ever be counted through."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}: a whole number is expected, {shown(value)} given")
    if value < low:
        raise ValueError(f"{name}: a whole number of at least {low} is expected, {shown(value)} given")
    if value > high:
        raise ValueError(f"{name}: a whole number of at most {high} is expected, {shown(value)} given")
    return int(value)


def function(name: str, value):
    """Something that can be called, and is no class."""
    if isinstance(value, type) or not callable(value):
        raise TypeError(f"{name}: a function is expected, {shown(value)} given")
    return value


def instance(name: str, value, kind: type):
    """An instance of a class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name}: a {kind.__name__} is expected, {shown(value)} given")
    return value


def texts(name: str, value) -> tuple[str, ...]:
    """Some texts; one alone stands for itself."""
    value = (value,) if isinstance(value, str) else value
    if not isinstance(value, tuple | list) or not value or not all(isinstance(v, str) for v in value):
        raise TypeError(f"{name}: a list of texts is expected, {shown(value)} given")
    return tuple(value)


def option(name: str, value, options) -> str:
    """One of a few texts."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name}: one of {', '.join(options)} is expected, {shown(value)} given")
    return value


def numbers(name: str, value, kinds: str) -> np.ndarray:
    """A non-empty array whose NumPy kind is one of `kinds`: f real, i and u whole, c complex."""
    try:
        given = np.asarray(value)
    except ValueError:  # rows of unequal length
        raise ValueError(f"{name}: rows of equal length are expected, {shown(value)} given") from None
    if given.dtype.kind not in kinds:
        raise TypeError(f"{name}: real numbers are expected, {shown(value)} given")
    if given.size == 0:
        raise ValueError(f"{name}: at least one number is expected, shape {given.shape} given")
    return given


def array(name: str, value, shape: str = "any", ndim: int | None = None) -> np.ndarray:
    """A non-empty array of finite real numbers, as a new float64 array."""
    given = numbers(name, value, "fiu")
    if ndim is not None and given.ndim != ndim:
        raise ValueError(f"{name}: shape {shape} is expected, shape {given.shape} given")
    if not np.isfinite(given).all():
        raise ValueError(f"{name}: finite numbers are expected, NaN or infinity given")
    return np.array(given, dtype=float)


def vector(name: str, value, length: int) -> np.ndarray:
    """That many finite real numbers."""
    given = array(name, value, f"({length},)", ndim=1)
    if len(given) != length:
        raise ValueError(f"{name}: {length} numbers are expected, {len(given)} given")
    return given


def spans(name: str, value, dimension: int, above: float = -math.inf) -> np.ndarray:
    """A window: (low, high) for each coordinate, shape (dimension, 2)."""
    given = array(name, value, f"({dimension}, 2)", ndim=2)
    rising = given.shape == (dimension, 2) and (given[:, 0] < given[:, 1]).all()
    if not rising or (given <= above).any():
        bound = f" above {above:g}" if above > -math.inf else ""
        raise ValueError(
            f"{name}: {dimension} × (low, high){bound} is expected, {shown(given.tolist())} given"
        )
    return given


def inside(name: str, point, window: np.ndarray) -> np.ndarray:
    """A point in a window, its edges included."""
    given = vector(name, point, len(window))
    if ((given < window[:, 0]) | (given > window[:, 1])).any():
        raise ValueError(
            f"{name}: {len(window)} numbers inside the window are expected, {given.tolist()} given"
        )
    return given


def points(name: str, theta, dimension: int) -> np.ndarray:
    """Parameters of shape (..., dimension). Cheap, since it stands in the hot path: values are not
    looked at (a diverged run holds infinities), and complex numbers pass (the complex-step
    derivative needs them)."""
    given = theta if isinstance(theta, np.ndarray) else numbers(name, theta, "fiuc")
    if given.dtype.kind not in "fc":
        given = numbers(name, given, "fiuc").astype(float)
    if given.ndim == 0 or given.shape[-1] != dimension:
        raise ValueError(f"{name}: shape (..., {dimension}) is expected, shape {given.shape} given")
    return given


def frozen(*arrays: np.ndarray) -> None:
    """Make arrays read-only."""
    for one in arrays:
        one.flags.writeable = False


def altered(one, **fields):
    """A copy of a frozen dataclass with other values in some fields, which nobody checks again."""
    copy = object.__new__(type(one))
    copy.__dict__.update(one.__dict__, **fields)
    return copy
