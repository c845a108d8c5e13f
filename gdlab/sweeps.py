"""Sweeps: very many runs, of which only a summary is kept.

`descend` records every point, and for a map of 90,000 runs that would be gigabytes. `sweep` takes the
same steps, a block of lanes at a time, each small enough to stay in the processor's cache, and keeps of
each block what a function makes of its walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from gdlab._arguments import function, number, whole
from gdlab.descent import _loop, _start
from gdlab.objectives import Objective
from gdlab.optimizers import Optimizer

if TYPE_CHECKING:
    from concurrent.futures import Executor

BLOCK = 2**14  # parameters in a block: its arrays together fit the cache of one core


def last(walk) -> tuple[np.ndarray, np.ndarray]:
    """(theta, value) at the end of each run."""
    for theta, value, _ in walk:  # noqa: B007 the last ones are what is wanted
        pass
    return theta, value


@dataclass(frozen=True)
class StepsTo:
    """The first step at which the value is no higher than `value`, NaN where there is none."""

    value: float

    def __post_init__(self):
        number("value", self.value)

    def __call__(self, walk) -> np.ndarray:
        """One number a lane."""
        first = np.nan
        for k, (_, value, _) in enumerate(walk):
            first = np.where(np.isnan(first) & (value <= self.value), k, first)
        return first


def sweep(
    objective: Objective,
    start,
    optimizer: Optimizer,
    steps: int,
    keep: Callable = last,
    executor: Executor | None = None,
    progress: Callable[[Iterable], Iterable] = iter,
    block: int = BLOCK,
):
    """What `keep` makes of each run, in the shape of the lanes: one array, or a tuple of arrays.

    `start` (..., d) and the learning rate give the lanes, as in `descend`. `keep` takes a walk, an
    iterable of (theta, value, gradient) at the start and after each step with the lanes in one axis,
    and returns one array or a tuple of arrays whose first axis is the lanes. `executor`: any Executor;
    one of processes needs a `keep` that can be pickled. `progress`: wraps the blocks, as tqdm does.
    `block`: how many parameters a block has. ValueError or TypeError for a bad argument.

    >>> from gdlab import GradientDescent, landscapes
    >>> starts = [[-1.5], [-0.1], [0.1], [1.5]]
    >>> theta, value = sweep(landscapes.DoubleWell(), starts, GradientDescent(0.05), steps=200)
    >>> theta[:, 0].round(2)
    array([-1.04, -1.04,  0.96,  0.96])
    """
    steps, block = whole("steps", steps), whole("block", block, low=1)
    function("keep", keep)
    theta = _start(objective, start, optimizer)
    lanes, d = theta.shape[:-1], theta.shape[-1]
    rows = theta.reshape(-1, d)
    optimizers = _shares(optimizer, lanes, max(1, block // d))
    parts = [(objective, rows[at], own, steps, keep) for at, own in optimizers]
    if executor is None:
        results = [_run(*part) for part in progress(parts)]
    else:
        futures = [executor.submit(_run, *part) for part in parts]
        results = [future.result() for future in progress(futures)]
    if isinstance(results[0], tuple):
        return tuple(_joined(each, lanes) for each in zip(*results, strict=True))
    return _joined(results, lanes)


def _shares(optimizer, lanes, size):
    """For each block its lanes, as a slice, and the optimizer with the learning rates of those."""
    count = int(np.prod(lanes, dtype=int))
    slices = [slice(at, at + size) for at in range(0, count, size)]
    if not np.ndim(optimizer.rate(0)):
        return [(at, optimizer) for at in slices]
    if callable(optimizer.learning_rate):
        raise ValueError("learning_rate: a schedule with one rate for all lanes is expected")
    rates = np.broadcast_to(optimizer.learning_rate, lanes).reshape(-1)
    return [(at, replace(optimizer, learning_rate=rates[at])) for at in slices]


def _run(objective, rows, optimizer, steps, keep):
    """One block, from start to end."""
    with np.errstate(all="ignore"):  # divergence is a result
        return keep(islice(_loop(objective, rows.copy(), optimizer, None), steps + 1))


def _joined(blocks, lanes):
    """The blocks one after another, in the shape of the lanes."""
    joined = np.concatenate(blocks)
    return joined.reshape((*lanes, *joined.shape[1:]))
