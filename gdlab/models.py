"""Models: parameters and inputs to predictions, and the way back.

A model is one method, `forward(theta, X)`. It returns the predictions and their *pullback*: a function
that takes the loss's slope at each prediction and returns the slope for each parameter, summed over
the examples (the transposed Jacobian times the slope). So each model's formula and its derivative
stand next to each other, and what the one computed the other can use.

| | shape |
|---|---|
| `theta` | (..., d), one flat vector; any lanes in front |
| `X` | (n, p), one row an example |
| predictions | (..., n), or (..., n, classes) |
| `pullback(slope)` | (..., d) |
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gdlab._arguments import numbers, option, points, shown, whole
from gdlab.losses import sigmoid


@dataclass(frozen=True)
class Model:
    """What every model shares."""

    def forward(self, theta, X):
        """Predictions at `theta`, and the function that pulls slopes back to `theta`."""
        X = X if isinstance(X, np.ndarray) else numbers("X", X, "fiu")
        if X.ndim != 2 or X.dtype.kind not in "fiu":
            raise ValueError(f"X: real numbers of shape (n, p) are expected, {shown(X)} given")
        return self._forward(points("theta", theta, self.size(X.shape[1])), X)

    def predict(self, theta, X):
        """The predictions alone."""
        return self.forward(theta, X)[0]

    def size(self, features: int) -> int:
        """How many parameters the model has for inputs of that many features."""
        raise NotImplementedError


class Linear(Model):
    """ŷ = X w + b; theta = (w₁ … w_p, b), the bias last.

    >>> Linear().predict([2.0, 1.0], np.array([[0.0], [3.0]]))
    array([1., 7.])
    """

    def _forward(self, theta, X):
        def pullback(slope):
            return np.concatenate([slope @ X, slope.sum(axis=-1, keepdims=True)], axis=-1)

        return theta[..., :-1] @ X.T + theta[..., -1:], pullback

    def size(self, features):
        return features + 1


class Logistic(Linear):
    """z = X w + b, read as a logit: P(y = 1) = sigmoid(z). Pair it with a loss of logits."""

    def probability(self, theta, X):
        """P(y = 1) for each example, shape (..., n)."""
        return sigmoid(self.predict(theta, X))


@dataclass(frozen=True)
class Polynomial(Model):
    """ŷ = w₁ x + w₂ x² + … + b of one feature; theta = (w₁ … w_degree, b), the bias last."""

    degree: int

    def __post_init__(self):
        whole("degree", self.degree, low=1)

    def _forward(self, theta, X):
        return Linear().forward(theta, X ** np.arange(1.0, self.degree + 1))

    def size(self, features):
        if features != 1:
            raise ValueError(f"X: shape (n, 1) is expected, {features} features given")
        return self.degree + 1


@dataclass(frozen=True)
class Softmax(Model):
    """z = X W + b, one logit a class; theta = (W row by row, then b), (p + 1) × classes numbers."""

    classes: int

    def __post_init__(self):
        whole("classes", self.classes, low=2)

    def _forward(self, theta, X):
        return Network((X.shape[1], self.classes)).forward(theta, X)

    def size(self, features):
        return Network((features, self.classes)).size(features)

    def probability(self, theta, X):
        """P(class) for each example, shape (..., n, classes)."""
        z = self.predict(theta, X)
        odds = np.exp(z - z.max(axis=-1, keepdims=True))
        return odds / odds.sum(axis=-1, keepdims=True)


def _tanh(a):
    """tanh(a) and its derivative, 1 − tanh²(a)."""
    h = np.tanh(a)
    return h, 1 - h * h


def _relu(a):
    """max(a, 0) and its derivative: 1 where the *input* a is positive, 0 elsewhere (0 at the kink)."""
    on = a.real > 0
    return a * on, on * 1.0


ACTIVATIONS = {"tanh": _tanh, "relu": _relu}


@dataclass(frozen=True)
class Network(Model):
    """Fully connected layers h ← φ(h W + b), the last one without φ.

    `sizes` = (inputs, hidden…, outputs). theta holds W (inputs × outputs, row by row), then b, layer
    after layer. With one output the predictions have shape (..., n), with more (..., n, outputs).
    The pullback is backpropagation: Rumelhart, Hinton and Williams (1986).
    """

    sizes: tuple[int, ...]
    activation: str = "tanh"

    def __post_init__(self):
        if not isinstance(self.sizes, (tuple, list)) or len(self.sizes) < 2:
            raise ValueError(f"sizes: (inputs, ..., outputs) is expected, {shown(self.sizes)} given")
        object.__setattr__(self, "sizes", tuple(self.sizes))
        for size in self.sizes:
            whole("sizes", size, low=1)
        option("activation", self.activation, sorted(ACTIVATIONS))

    def size(self, features):
        if features != self.sizes[0]:
            raise ValueError(f"X: {self.sizes[0]} features are expected, {features} given")
        return sum((a + 1) * b for a, b in pairwise(self.sizes))

    def start(self, seed: int) -> np.ndarray:
        """Random parameters: weights of standard deviation 1/√inputs, biases 0 (LeCun et al., 1998)."""
        rng = np.random.default_rng(whole("seed", seed, high=2**64))
        parts = []
        for a, b in pairwise(self.sizes):
            parts += [rng.normal(0, a**-0.5, a * b), np.zeros(b)]
        return np.concatenate(parts)

    def layers(self, theta):
        """theta cut into [(W, b), ...]: W (..., inputs, outputs), b (..., 1, outputs)."""
        cut, at = [], 0
        for a, b in pairwise(self.sizes):
            W = theta[..., at : at + a * b].reshape((*theta.shape[:-1], a, b))
            cut.append((W, theta[..., None, at + a * b : at + a * b + b]))
            at += a * b + b
        return cut

    def _forward(self, theta, X):
        layers, phi = self.layers(theta), ACTIVATIONS[self.activation]
        h, inputs, bends = X, [], []
        for W, b in layers[:-1]:
            inputs.append(h)
            h, bend = phi(h @ W + b)
            bends.append(bend)
        inputs.append(h)
        output = h @ layers[-1][0] + layers[-1][1]
        single = self.sizes[-1] == 1

        def pullback(slope):
            delta = slope[..., None] if single else slope
            parts = []
            for i in reversed(range(len(layers))):
                W_slope = np.swapaxes(inputs[i], -1, -2) @ delta
                parts += [delta.sum(axis=-2), W_slope.reshape((*W_slope.shape[:-2], -1))]
                if i:
                    delta = delta @ np.swapaxes(layers[i][0], -1, -2) * bends[i - 1]
            return np.concatenate(parts[::-1], axis=-1)

        return (output[..., 0] if single else output), pullback
