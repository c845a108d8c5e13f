"""Pointwise losses: how wrong one prediction is.

| method | formula | shape |
|---|---|---|
| `value(prediction, target)` | ℓ(ŷ, y) | that of ŷ; softmax drops the class axis |
| `slope(prediction, target)` | ∂ℓ/∂ŷ | that of ŷ |

Each example is judged by itself; the mean over examples is `EmpiricalRisk`'s job. Any axes may
stand in front (lanes). Classification losses take *logits* z, the scores before the sigmoid or the
softmax: from logits the logarithm is stable, from probabilities it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab._arguments import number, numbers, shown


def sigmoid(z):
    """1 / (1 + exp(−z)), without overflow at either end."""
    return 0.5 * (1 + np.tanh(0.5 * z))


@dataclass(frozen=True)
class Loss:
    """What every loss shares: arguments are checked, then the formula is applied."""

    def value(self, prediction, target):
        """ℓ(prediction, target), example by example."""
        return self._value(*self._checked(prediction, target))

    def slope(self, prediction, target):
        """∂ℓ/∂prediction, example by example."""
        return self._slope(*self._checked(prediction, target))

    def _value_and_slope(self, prediction, target):
        return self._value(prediction, target), self._slope(prediction, target)

    def check_target(self, target) -> np.ndarray:
        """The targets as an array. ValueError or TypeError where they do not suit this loss."""
        given = numbers("target", target, "fiu")
        if not np.isfinite(given).all():
            raise ValueError("target: finite numbers are expected, NaN or infinity given")
        # Unsigned labels would wrap round in 2y − 1.
        return given.astype(int) if given.dtype.kind == "u" else given

    def _checked(self, prediction, target):
        target, prediction = self.check_target(target), numbers("prediction", prediction, "fiuc")
        self._match(prediction, target)
        return prediction * 1.0, target

    def _match(self, prediction, target):
        # (n,) against (n, 1) would broadcast to (n, n): a famous silent bug, refused here.
        fits = target.ndim == 0 or prediction.shape[-target.ndim :] == target.shape
        if not fits and prediction.ndim > 0:
            raise ValueError(
                f"prediction: shape (..., {', '.join(map(str, target.shape))}) is expected to match "
                f"the target, shape {prediction.shape} given"
            )


class SquaredError(Loss):
    """(ŷ − y)², slope 2 (ŷ − y). No factor ½: its mean is the mean squared error.

    Source: Legendre (1805), Gauss (1809).

    >>> SquaredError().value(3.0, 1.0), SquaredError().slope(3.0, 1.0)
    (np.float64(4.0), np.float64(4.0))
    """

    def _value(self, prediction, target):
        return (prediction - target) ** 2

    def _slope(self, prediction, target):
        return 2 * (prediction - target)


class AbsoluteError(Loss):
    """|ŷ − y|, slope sign(ŷ − y); at the kink ŷ = y the slope is taken as 0.

    Source: Boscovich (1757).
    """

    def _value(self, prediction, target):
        return np.abs(prediction - target)

    def _slope(self, prediction, target):
        return np.sign(prediction - target)


@dataclass(frozen=True)
class Huber(Loss):
    """½ r² where |r| ≤ delta, delta (|r| − ½ delta) outside; r = ŷ − y.

    A parabola in the middle, straight lines outside, joined without a kink.
    `delta` has the unit of the target. Source: Huber (1964).
    """

    delta: float = 1.0

    def __post_init__(self):
        object.__setattr__(self, "delta", number("delta", self.delta, low=0, open_low=True))

    def _value(self, prediction, target):
        size = np.abs(prediction - target)
        return np.where(size <= self.delta, 0.5 * size**2, self.delta * (size - 0.5 * self.delta))

    def _slope(self, prediction, target):
        return np.clip(prediction - target, -self.delta, self.delta)


class BinaryLoss(Loss):
    """A loss of one logit z against a label 0 or 1."""

    def check_target(self, target):
        target = super().check_target(target)
        if not np.isin(target, (0, 1)).all():
            raise ValueError(f"target: labels 0 and 1 are expected, {shown(np.unique(target))} given")
        return target


class BinaryCrossEntropy(BinaryLoss):
    """−y log p − (1 − y) log(1 − p) with p = sigmoid(z), computed as log(1 + eᶻ) − y z.

    Slope sigmoid(z) − y. Natural logarithm. Source: Cox (1958).

    >>> BinaryCrossEntropy().value(0.0, 1)          # p = ½ costs log 2
    np.float64(0.6931471805599453)
    """

    def _value(self, z, target):
        # max(z, 0) + log(1 + e^−|z|): neither exponential can overflow
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - target * z

    def _slope(self, z, target):
        return sigmoid(z) - target


class Brier(BinaryLoss):
    """(p − y)² with p = sigmoid(z): squared error of a probability. Slope 2 (p − y) p (1 − p).

    The last two factors vanish for a confident wrong answer, which is why cross-entropy is
    used instead. Source: Brier (1950).
    """

    def _value(self, z, target):
        return (sigmoid(z) - target) ** 2

    def _slope(self, z, target):
        p = sigmoid(z)
        return 2 * (p - target) * p * sigmoid(-z)


class Hinge(BinaryLoss):
    """max(0, 1 − s z) with s = 2 y − 1; slope −s where s z < 1, else 0 (0 at the kink).

    Source: Cortes and Vapnik (1995).
    """

    def _value(self, z, target):
        return np.maximum(0, 1 - (2 * target - 1) * z)

    def _slope(self, z, target):
        sign = 2 * target - 1
        return np.where(sign * z < 1, -sign, 0).astype(float)


class ZeroOne(BinaryLoss):
    """1 for a wrong answer, 0 for a right one; the answer is 1 where z > 0.

    Its slope is 0 wherever it has one: what we care about gives descent nothing to follow.
    """

    def _value(self, z, target):
        return ((z > 0) != (target > 0)).astype(float)

    def _slope(self, z, target):
        return np.zeros_like(z)


class SoftmaxCrossEntropy(Loss):
    """−log p_y with p = softmax(z), computed as log Σ eᶻ − z_y. Slope p − onehot(y).

    `prediction` (..., n, classes) logits; `target` (n,) class numbers from 0. Source: Bridle (1990).
    """

    def check_target(self, target):
        given = super().check_target(target)
        if given.dtype.kind == "f" or given.ndim != 1 or (given < 0).any():
            raise ValueError(
                f"target: class numbers 0, 1, ... of shape (n,) are expected, {shown(given)} given"
            )
        return given

    def _match(self, prediction, target):
        if prediction.ndim < 2 or prediction.shape[-2] != len(target):
            raise ValueError(
                f"prediction: shape (..., {len(target)}, classes) is expected, "
                f"shape {prediction.shape} given"
            )
        if prediction.shape[-1] <= target.max():
            raise ValueError(
                f"target: class numbers below {prediction.shape[-1]} are expected, {target.max()} given"
            )

    def _value(self, z, target):
        return self._value_and_slope(z, target)[0]

    def _slope(self, z, target):
        return self._value_and_slope(z, target)[1]

    def _value_and_slope(self, z, target):
        z = z - z.max(axis=-1, keepdims=True)
        odds, right = np.exp(z), (..., np.arange(len(target)), target)
        total = odds.sum(axis=-1, keepdims=True)
        value = np.log(total[..., 0]) - z[right]
        odds /= total
        odds[right] -= 1
        return value, odds
