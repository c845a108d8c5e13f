"""Batch sizes raced against each other, by three ways to count the cost."""

from __future__ import annotations

import time
from itertools import islice

import numpy as np

from gdlab import data, plots
from gdlab._arguments import whole
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving
from gdlab.losses import SoftmaxCrossEntropy
from gdlab.models import Softmax
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Menu, Slider, Stage

COSTS = ("examples seen", "updates", "seconds on this computer")
LEFT = (1, 1, 1e-5)  # where each cost's axis begins; it goes over five powers of ten
TICKS = (
    ("1", "10", "100", "1,000", "10,000", "100,000"),
    ("1", "10", "100", "1,000", "10,000", "100,000"),
    ("0.00001", "0.0001", "0.001", "0.01", "0.1", "1"),
)
SIZES = np.array([1, 4, 16, 64, 256, 1024, 1797])


class BatchRace(Stage):
    """The value against its cost while a model learns 1,797 digits, under a batch-size slider.

    Every batch size B passes over the digits equally often; the menu counts the cost in examples, in
    updates, or in seconds, measured while the explorer is made. B = 1 and B = 1,797 are always shown.
    The learning rate is 0.05 B, at most 2. It is the third rule tried: with 0.2 B and 0.1 B small
    batches end lower, but B = 16 begins with a leap upwards, to above 4 (with 0.05 B to 2.6).

    `size`: 1, 4, 16, 64, 256, 1024 or 1797. `cost`: 0, 1 or 2. `passes`: over the digits.
    """

    def __init__(self, size=16, cost=0, passes=5, seed=0):
        if whole("size", size) not in SIZES:
            raise ValueError(f"size: one of {SIZES.tolist()} is expected, {size} given")
        whole("cost", cost, high=len(COSTS) - 1)
        whole("passes", passes, 1, 20)
        self.risk = EmpiricalRisk(Softmax(10), SoftmaxCrossEntropy(), data.digits())
        self.passes, self.learning_rates = passes, np.minimum(0.05 * SIZES, 2)
        runs = [
            self._run(*run, whole("seed", seed)) for run in zip(SIZES, self.learning_rates, strict=True)
        ]
        self.updates, self.values, self.seconds = (np.array(part) for part in zip(*runs, strict=True))
        figure = self._draw()
        menu = Menu("cost", "count the cost in", COSTS, cost)
        super().__init__(figure, self._moving_parts, [Slider("size", "batch size B", SIZES, size), menu])

    def _run(self, size, rate, seed):
        """The updates after which the value is measured, the values, and the seconds an update took."""
        n = len(self.risk.dataset)
        steps = -(-n // size) * self.passes
        start, batches = np.zeros(self.risk.dimension), data.batches(n, int(size), seed)
        run = descend(self.risk, start, GradientDescent(rate), steps, batches)
        seconds = [self._seconds(run.thetas[-1], rows) for rows in islice(batches, 15)]
        at = np.rint(np.geomspace(1, steps, 24)).astype(int)
        seen = np.unique(at)
        values = np.concatenate(
            [self.risk(part) for part in np.array_split(run.thetas[seen], 4) if len(part)]
        )
        return at, values[np.searchsorted(seen, at)], np.median(seconds)

    def _seconds(self, theta, rows):
        """How long the work of one update takes."""
        began = time.perf_counter()
        self.risk.on(rows).value_and_gradient(theta)
        return time.perf_counter() - began

    def _draw(self):
        figure, ax = plots.figure(1, height=4.2)
        ax.set(
            xscale="log",
            yscale="log",
            xlim=(1, 1e5),
            ylim=(0.06, 7),
            ylabel="value (mean cross-entropy)",
        )
        ax.set_yticks([0.1, 0.2, 0.5, 1, 2, 5], ["0.1", "0.2", "0.5", "1", "2", "5"])
        ax.minorticks_off()
        ax.set_title(f"{self._passes()} over 1,797 digits, in batches of B")
        # The axis changes its meaning: its labels and its name are marks, these only keep the room.
        ax.tick_params(axis="x", labelcolor="none")
        ax.set_xlabel("cost", color="none")
        below = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "top", "animated": True}
        grey = {"fontsize": 8.5, "color": "#3c3c3c"}
        self._ticks = [ax.text(10.0**i, -0.025, "", **below, **grey) for i in range(6)]
        self._ticks[-1].set_ha("right")
        self._name = ax.text(10**2.5, -0.09, "", **below, fontsize=9.5)
        for text in (*self._ticks, self._name):
            text.set_in_layout(False)
        ax.axhline(np.log(10), color=plots.QUIET, linestyle=":", linewidth=1.4)
        ax.annotate(
            "at the start", (1e5, np.log(10)), (0, 4), textcoords="offset points", ha="right",
            color=plots.QUIET, fontsize=8.5,
        )  # fmt: skip
        looks = (
            (plots.QUIET, "-.", "s", "B = 1"),
            (plots.GRADIENT, "--", "D", "B = 1,797, all of them"),
        )
        small = {"linewidth": 1.6, "markersize": 4}
        one, every = (
            moving(ax, color=c, linestyle=line, marker=m, label=name, **small)
            for c, line, m, name in looks
        )
        own = moving(ax, color=plots.PATH, linestyle="-", linewidth=2.4, marker="o", markersize=4)
        own.set_label("B of the slider")
        ax.legend(loc="lower left", handlelength=3)
        self._lines = [one, every, own]
        self._end = moving(ax, **{**plots.point_style(), "markersize": 9})
        self._moving_parts = [*self._lines, self._end, *self._ticks, self._name]
        return figure

    def _curve(self, i, cost):
        """Cost and value of one batch size, the cost as a place on the axis: the wait, then the fall."""
        price = np.array([SIZES[i], 1, self.seconds[i]])[cost] / LEFT[cost]
        x = self.updates[i] * price
        if cost == 0:
            x = np.minimum(x, self.passes * SIZES[-1])  # the last batch of a pass may be smaller
        return np.column_stack([[1, x[0], *x], [np.log(10), np.log(10), *self.values[i]]])

    def frames(self, settings):
        """One frame a batch size, or one a cost."""
        asked, _ = lanes(settings)
        sizes = np.abs(np.log(asked["size"][:, None] / SIZES)).argmin(axis=1)
        costs = asked["cost"].astype(int)
        own = np.array([self._curve(i, cost) for i, cost in zip(sizes, costs, strict=True)])
        marks = {
            self._lines[0]: np.array([self._curve(0, cost) for cost in costs]),
            self._lines[1]: np.array([self._curve(-1, cost) for cost in costs]),
            self._lines[2]: own,
            self._end: own[:, -1:],
            self._name: [COSTS[cost] for cost in costs],
        }
        marks |= {tick: [TICKS[cost][i] for cost in costs] for i, tick in enumerate(self._ticks)}
        return Frames(marks, [self._sentence(i, cost) for i, cost in zip(sizes, costs, strict=True)])

    def _sentence(self, i, cost):
        took = f" in about {self.updates[i, -1] * self.seconds[i]:.1g} s" if cost == 2 else ""
        told = f"{self._counted(i)}{took}, value {self.values[i, -1]:.2g}"
        if i == len(SIZES) - 1:
            return f"B = 1,797 (α = {self.learning_rates[i]:.2g}), {self._passes()}: {told}."
        return (
            f"B = {SIZES[i]:,} (α = {self.learning_rates[i]:.2g}), {self._passes()}: {told}; "
            f"with all digits at once {self._counted(-1)}, value {self.values[-1, -1]:.2g}."
        )

    def _counted(self, i):
        updates = self.updates[i, -1]
        return f"{updates:,} update{'' if updates == 1 else 's'}"

    def _passes(self):
        return f"{self.passes} pass{'' if self.passes == 1 else 'es'}"
