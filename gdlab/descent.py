"""Descent: one loop for everything, and its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, repeat

import numpy as np

from gdlab._arguments import array, shown, whole
from gdlab.objectives import Objective, _both, checked
from gdlab.optimizers import Optimizer
from gdlab.trajectory import Trajectory

RECORD_LIMIT = 2e9  # bytes


def iterate(
    objective: Objective, start, optimizer: Optimizer, batches: Iterable | None = None
) -> Iterator[tuple]:
    """Yield (theta, value, gradient) at the start and after every step, without end.

    θ₀ = start;  θ_{k+1} = θ_k + update of the optimizer for ∇f(θ_k).

    `start` (..., d). With `batches`, an iterable of row numbers, step k sees `objective.on(rows)`, and
    value and gradient are those of the mini-batch. A run that leaves the finite numbers goes on
    without warning: divergence is a result. ValueError or TypeError for a bad start or optimizer.

    >>> from gdlab import GradientDescent, landscapes
    >>> run = iterate(landscapes.Quadratic([1.0]), [8.0], GradientDescent(0.5))
    >>> [float(theta[0]) for theta, value, gradient in islice(run, 4)]
    [8.0, 4.0, 2.0, 1.0]
    """
    theta = _start(objective, start, optimizer).copy()
    return _quietly(_loop(objective, theta, optimizer, _rows(objective, batches)))


def _loop(objective, theta, optimizer, batches):
    """The loop itself. It may overflow, so its callers silence NumPy around it."""
    parts = repeat(objective) if batches is None else (objective.on(rows) for rows in batches)
    state = optimizer.init(theta)
    for k, part in enumerate(parts):
        value, gradient = _both(part, theta)
        if k == 0:
            _shapes(value, gradient, theta)
        yield theta, value, gradient
        update, state = optimizer.step(k, gradient, state)
        theta = theta + update


def _quietly(walk):
    """The same items; no warning while the next one is computed, and the reader's own kept."""
    while True:
        with np.errstate(all="ignore"):
            item = next(walk, None)
        if item is None:
            return
        yield item


def _start(objective, start, optimizer):
    """The start as an array with all its lanes: its own times those of the learning rate."""
    theta = array("start", start)
    checked(objective)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer: an Optimizer is expected, {shown(optimizer)} given")
    dimension = getattr(objective, "dimension", theta.shape[-1] if theta.ndim else 0)
    if theta.ndim == 0 or theta.shape[-1] != dimension:
        raise ValueError(
            f"start: shape (..., {dimension or 'd'}) is expected, shape {theta.shape} given"
        )
    rates = np.shape(optimizer.rate(0))
    try:
        lanes = np.broadcast_shapes(theta.shape[:-1], rates)
    except ValueError:
        raise ValueError(
            f"learning_rate: lanes that fit the start's {theta.shape[:-1]} are expected, {rates} given"
        ) from None
    return np.broadcast_to(theta, lanes + theta.shape[-1:])  # a view: nothing is taken yet


def _rows(objective, batches):
    """The batches as given, or an error that names them."""
    if batches is not None and not isinstance(batches, Iterable):
        raise TypeError(f"batches: row numbers one after another are expected, {shown(batches)} given")
    if batches is not None and not hasattr(objective, "on"):
        raise TypeError(f"batches: none are expected, {type(objective).__name__} has no examples")
    return batches


def _shapes(value, gradient, theta):
    """An error that names the objective where its value or gradient has the wrong shape."""
    for name, given, shape in (("value", value, theta.shape[:-1]), ("gradient", gradient, theta.shape)):
        if np.shape(given) != shape:
            raise ValueError(
                f"objective: a {name} of shape {shape} is expected for theta of shape {theta.shape}, "
                f"shape {np.shape(given)} given"
            )


def descend(
    objective: Objective, start, optimizer: Optimizer, steps: int, batches: Iterable | None = None
) -> Trajectory:
    """Take that many steps of `iterate` and record every point.

    MemoryError, before anything is computed, where the record would take more than 2 GB.

    >>> from gdlab import GradientDescent, landscapes
    >>> bowl = landscapes.Quadratic([1, 10])
    >>> descend(bowl, [-2, 1.5], GradientDescent(0.15), steps=200).outcome.name
    'converged'
    >>> print(descend(bowl, [-2, 1.5], GradientDescent(0.21), steps=40).outcome)
    diverged at step 1: the value grows without end, for α = 0.21 is above 2/λ = 0.2
    """
    steps = whole("steps", steps)
    theta = _start(objective, start, optimizer)
    lanes, d = theta.shape[:-1], theta.shape[-1]
    size = (steps + 1) * theta.size * (2 + 2 / d) * 8
    if size > RECORD_LIMIT:
        raise MemoryError(
            f"steps: {steps} steps of {theta.size} numbers would take {size / 1e9:.1f} GB to record, "
            f"more than {RECORD_LIMIT / 1e9:g} GB; use iterate() and keep what you need"
        )
    thetas, gradients = np.empty((2, steps + 1, *theta.shape))
    values = np.empty((steps + 1, *lanes))
    walk = islice(_loop(objective, theta.copy(), optimizer, _rows(objective, batches)), steps + 1)
    k = -1
    with np.errstate(all="ignore"):
        for k, (theta, value, gradient) in enumerate(walk):
            thetas[k], values[k], gradients[k] = theta, value, gradient
    if k < steps:
        raise ValueError(f"batches: at least {steps + 1} batches are expected, {k + 1} given")
    rates = np.empty((steps, *lanes))
    if callable(optimizer.learning_rate):
        for k in range(steps):
            rates[k] = optimizer.rate(k)
    else:
        rates[:] = optimizer.learning_rate
    return Trajectory(thetas, values, gradients, rates)
