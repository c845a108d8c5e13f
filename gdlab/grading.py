"""Reading an answer: is it right, and if not, what is wrong with it?

An exercise knows plausible wrong answers by heart (`mistakes`), so that it can say what is wrong and
not only that something is. `fault(answer)` is one sentence, or None for a right answer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real

import numpy as np

from gdlab._arguments import numbers, shown

UNANSWERED = "not answered yet"
ROUNDED = 0.02  # of the answer: so far off is a number with two digits


@dataclass(frozen=True, eq=False)
class Number:
    """An exercise whose answer is a number, right to a relative tolerance."""

    answer: float
    hints: list[str]
    praise: str
    mistakes: dict[float, str] = field(default_factory=dict)
    tolerance: float = 0.005

    def fault(self, given) -> str | None:
        """What is wrong with a number, or None."""
        if given is None:
            return UNANSWERED
        if isinstance(given, bool) or not isinstance(given, Real) or not np.isfinite(given):
            return f"A finite number is expected, {shown(given)} given."
        if self._near(given, self.answer):
            return None
        for wrong, message in self.mistakes.items():
            if self._near(given, wrong):
                return message
        if self._near(given, -self.answer):
            return "The size is right, the sign is not."
        if abs(given - self.answer) < ROUNDED * abs(self.answer):
            return "Nearly. Give one digit more."
        return f"{given:.4g} is too {'large' if given > self.answer else 'small'}."

    def _near(self, given, number):
        return abs(given - number) <= self.tolerance * max(abs(number), 1e-12)


@dataclass(frozen=True, eq=False)
class Code:
    """An exercise whose answer is a function: it is called on every case and compared with `answer`.

    A function that returns None for every case is not answered yet: that is how its stub stands.
    """

    answer: Callable
    cases: list[tuple]
    hints: list[str]
    praise: str
    mistakes: list[tuple[Callable, str]] = field(default_factory=list)

    def fault(self, given) -> str | None:
        """What is wrong with a function, or None."""
        if given is None:
            return UNANSWERED
        if not callable(given):
            return f"A function is expected, {shown(given)} given."
        results = []
        for case in self.cases:
            expected = np.asarray(self.answer(*case), dtype=float)
            own = [copy.deepcopy(part) if isinstance(part, np.ndarray | list) else part for part in case]
            try:
                with np.errstate(all="ignore"):
                    result = given(*own)
            except Exception as error:  # whatever a reader's code raises is part of the answer
                return f"It stops with {type(error).__name__}: {error}."
            if not all(map(_unchanged, own, case)):
                return "It changes its arguments; return a new value and leave them as they are."
            results.append((result, expected))
        if all(result is None for result, _ in results):
            return UNANSWERED
        for i, (result, expected) in enumerate(results):
            try:
                result = numbers("it", result, "fiu").astype(float)
            except (TypeError, ValueError):
                return f"For {_listed(self.cases[i])} it returns {shown(result)}; numbers are expected."
            if result.shape != expected.shape:
                return f"It returns shape {result.shape}; shape {expected.shape} is expected."
            results[i] = (result, expected)
        if _agree(results):
            return None
        for wrong, message in self.mistakes:
            with np.errstate(all="ignore"):
                wrongs = [np.asarray(wrong(*case), dtype=float) for case in self.cases]
            if _agree([(result, w) for (result, _), w in zip(results, wrongs, strict=True)]):
                return message
        ratio = _ratio(results)
        if ratio == -1:
            return "The size is right, the sign is turned round."
        if ratio and abs(ratio - 1) < 1e-3:
            return "Nearly: all of it is off by the same small share. Is a number rounded?"
        if ratio:
            return f"It is {ratio:.4g} times the right answer, always: which factor is that?"
        at = [_agree([pair]) for pair in results].index(False)
        given, expected = map(_short, results[at])
        return f"For {_listed(self.cases[at])} it gives {given}; {expected} is expected."


def _unchanged(one, other):
    """Whether an argument is what it was; NaN is NaN."""
    numeric = isinstance(other, np.ndarray) and other.dtype.kind in "fc"
    return np.array_equal(one, other, equal_nan=numeric)


def _agree(pairs):
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=False) for a, b in pairs
    )


def _ratio(pairs):
    """The one number by which every result is too large, or None."""
    given, right = (
        np.concatenate([np.ravel(part) for part in parts]) for parts in zip(*pairs, strict=True)
    )
    largest = np.abs(right).argmax()
    if right[largest] == 0 or not np.isfinite(given).all():
        return None
    ratio = given[largest] / right[largest]
    return ratio if ratio and np.allclose(given, ratio * right, rtol=1e-6, atol=1e-9) else None


def _short(value):
    value = np.asarray(value, dtype=float)
    if value.ndim == 0:
        return f"{value:.4g}"
    return np.array2string(value, precision=4, threshold=6, edgeitems=2, separator=", ")


def _listed(case):
    """A case in words: numbers and rows of numbers as they are, what is larger by its shape."""
    return ", ".join(
        shown(part) if callable(part) or np.ndim(part) > 1 else _short(part) for part in case
    )


@dataclass(frozen=True)
class Quantity:
    """A number that a reader predicts: right within a `factor`, or within so many `degrees`.

    `small`, `large`, `right`: what to say to a number that is too small, too large, near enough. For a
    direction, small means clockwise of the truth.
    """

    small: str
    large: str
    right: str
    unit: str = ""
    factor: float = 2.0
    degrees: float | None = None

    def near(self, given: float, truth: float) -> bool:
        """Whether a prediction is near enough."""
        if self.degrees is not None:
            return abs(self._turn(given, truth)) <= self.degrees
        return given * truth > 0 and 1 / self.factor <= given / truth <= self.factor

    def below(self, given: float, truth: float) -> bool:
        """Whether a prediction is too small."""
        return self._turn(given, truth) < 0 if self.degrees is not None else given < truth

    def _turn(self, given, truth):
        """From the truth to the prediction, between −180° and 180°."""
        return (given - truth + 180) % 360 - 180
