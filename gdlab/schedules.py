"""Schedules: plain functions from the step index k = 0, 1, 2, … to a learning rate.

Each maker below returns such a function; your own works as well: `lambda k: 0.1 / (k + 1)`.
`rate` may be an array, one learning rate a lane.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from gdlab._arguments import array, function, number, whole

Schedule = Callable[[int], float]


def check_rate(name: str, rate):
    """A positive finite learning rate, or a read-only array of them, one a lane."""
    if not isinstance(rate, np.ndarray | list | tuple):
        return number(name, rate, low=0, open_low=True)
    rates = array(name, rate)
    if (rates <= 0).any():
        raise ValueError(f"{name}: positive numbers are expected, {rates.min():g} given")
    rates.flags.writeable = False
    return rates


def constant(rate) -> Schedule:
    """α_k = rate."""
    rate = check_rate("rate", rate)
    return lambda k: rate


def step_decay(rate, every: int, factor: float = 0.5) -> Schedule:
    """α_k = rate · factor^⌊k / every⌋: a staircase.

    >>> [step_decay(1.0, every=2)(k) for k in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    rate, every = check_rate("rate", rate), whole("every", every, low=1)
    factor = number("factor", factor, 0, 1, open_low=True)
    return lambda k: rate * factor ** (k // every)


def exponential(rate, decay: float) -> Schedule:
    """α_k = rate · decayᵏ."""
    rate, decay = check_rate("rate", rate), number("decay", decay, 0, 1, open_low=True)
    return lambda k: rate * decay**k


def cosine(rate, steps: int, final: float = 0.0) -> Schedule:
    """α_k = final + (rate − final) · ½ (1 + cos(π k / steps)), and final from k = steps on.

    Source: Loshchilov and Hutter (2017), one period without restarts.
    """
    rate, steps = check_rate("rate", rate), whole("steps", steps, low=1)
    final = number("final", final, low=0)
    return lambda k: final + (rate - final) * 0.5 * (1 + math.cos(math.pi * min(k / steps, 1)))


def warmup(schedule: Schedule, steps: int) -> Schedule:
    """The schedule after a climb: α_k = schedule(0) · (k + 1) / (steps + 1) while k < steps,
    then schedule(k − steps).

    Source: Goyal et al. (2017).
    """
    function("schedule", schedule)
    steps = whole("steps", steps, low=1)
    return lambda k: schedule(0) * (k + 1) / (steps + 1) if k < steps else schedule(k - steps)
