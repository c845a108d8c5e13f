"""The record of a run, and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OUTCOMES = ("converged", "running", "oscillating", "diverged")


@dataclass(frozen=True, eq=False)
class Outcome:
    """How a run ended: `name` is one of OUTCOMES. `step` is the last one; for a run that diverged, the
    first from which its value stays above that at the start, or is no number.

    For lanes both are arrays of lane shape, and the sentence counts them.
    """

    name: np.ndarray | str
    step: np.ndarray | int
    sentence: str

    def __str__(self):
        return self.sentence


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What `descend` recorded. Index 0 is the start, index k the point after k steps.

    | | shape |
    |---|---|
    | `thetas` | (steps + 1, ..., d) |
    | `values` | (steps + 1, ...) |
    | `gradients` | (steps + 1, ..., d) |
    | `learning_rates` | (steps, ...) |

    `run[lane]` is the run of one lane.
    """

    thetas: np.ndarray
    values: np.ndarray
    gradients: np.ndarray
    learning_rates: np.ndarray

    def __post_init__(self):
        for part in (self.thetas, self.values, self.gradients, self.learning_rates):
            part.flags.writeable = False

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.values) - 1

    @property
    def lanes(self) -> tuple[int, ...]:
        """The shape of the lanes, () for a single run."""
        return self.values.shape[1:]

    def __getitem__(self, lane) -> Trajectory:
        lane = lane if isinstance(lane, tuple) else (lane,)
        if not self.lanes:
            raise TypeError("run[lane]: a run with lanes is expected, this is a single run")
        at, last = (slice(None), *lane), (slice(None),)  # `...` in a lane must not reach the parameters
        thetas, gradients = self.thetas[at + last], self.gradients[at + last]
        return Trajectory(thetas, self.values[at], gradients, self.learning_rates[at])

    def __repr__(self):
        lanes = f" x {self.lanes} lanes" if self.lanes else ""
        return f"Trajectory({self.steps} steps{lanes}: {self.outcome})"

    @property
    def outcome(self) -> Outcome:
        """The verdict, by these rules, the first that holds:

        *diverged*: a value or a parameter is no longer finite, or every value of the last quarter
        lies above every value of the first half, by more than rounding. *converged*: the last gradient
        is shorter than 1e-6. *oscillating*: in the second half the gradient turns against the one
        before in more than a third of the steps, and from the third quarter to the last its median
        length shrinks by less than a tenth. *running*: none of these; more steps would help.
        """
        values, gradients, steps = self.values, self.gradients, self.steps
        half, quarter = steps // 2, steps // 4
        with np.errstate(all="ignore"):
            finite = np.isfinite(values) & np.isfinite(self.thetas).all(axis=-1)
            high, low = values[: half + 1].max(axis=0), values[steps - quarter :].min(axis=0)
            climbed = low - high > 1e-12 * np.maximum(1, np.abs(high))
            slopes = np.linalg.norm(gradients, axis=-1)
            turned = (gradients[half:-1] * gradients[half + 1 :]).sum(axis=-1) < 0
            late, later = slopes[half : steps - quarter + 1], slopes[steps - quarter :]
            stays = np.median(later, axis=0) > 0.9 * np.median(late, axis=0)
            oscillates = (turned.sum(axis=0) * 3 > len(turned)) & stays & (steps >= 4)
            above = ~(values <= values[0])  # also true of NaN
        diverged = ~finite.all(axis=0) | climbed & (steps > 0)
        left = np.where(above[-1], first_for_good(above), (~finite).argmax(axis=0))
        index = np.select([diverged, slopes[-1] < 1e-6, oscillates], [3, 0, 2], default=1)
        name, step = np.array(OUTCOMES)[index], np.where(diverged, left, steps)
        if self.lanes:
            counts = [f"{(name == which).sum()} {which}" for which in OUTCOMES if (name == which).any()]
            return Outcome(name, step, ", ".join(counts))
        return Outcome(str(name), int(step), self._sentence(str(name), int(step), float(slopes[-1])))

    def _sentence(self, name, step, slope):
        if name == "diverged":
            last = step - np.isnan(self.values[step])  # NaN may be ∞ − ∞: the number before it tells
            if self.values[max(last, 0)] < self.values[0]:
                return f"diverged at step {step}: the value falls without end"
            why = self._why()
            return f"diverged at step {step}: the value grows without end{why}"
        after = f"after {step} step{'' if step == 1 else 's'}"
        if name == "converged":
            return f"converged: {after} the slope is {slope:.2g}"
        if name == "oscillating":
            return f"oscillating: {after} it still jumps to and fro, the slope is {slope:.2g}"
        return f"running: {after} the value is {self.values[-1]:.4g}, the slope {slope:.2g}"

    def _why(self) -> str:
        """α against 2/λ, with λ = |Δg| / |Δθ| the curvature met midway along the finite steps."""
        with np.errstate(all="ignore"):
            moved, bent = np.diff(self.thetas, axis=0), np.diff(self.gradients, axis=0)
            scale = np.abs(moved).max(axis=-1, keepdims=True)  # lest the squares overflow
            curvature = np.linalg.norm(bent / scale, axis=-1) / np.linalg.norm(moved / scale, axis=-1)
        known = np.flatnonzero(np.isfinite(curvature) & (curvature > 0))
        if len(known) == 0:
            return ""
        k = known[len(known) // 2]
        rate, limit = self.learning_rates[k], 2 / curvature[k]
        return f", for α = {rate:.4g} is above 2/λ = {limit:.4g}" if rate > limit else ""


def first_for_good(holds):
    """The first index from which `holds` is true to the end, along axis 0; past the end where never."""
    return len(holds) - np.logical_and.accumulate(holds[::-1], axis=0).sum(axis=0)
