"""Starts that arrive and starts that do not: in two valleys, and in networks of many widths."""

from __future__ import annotations

import numpy as np

from gdlab import data, landscapes, losses, models, plots
from gdlab._arguments import number, whole
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving, xy
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage

EVEN = 1e-9  # a tilt below this leaves both valleys equally deep, but for rounding


class _Wells(landscapes.Landscape):
    """The double well with a tilt for each lane: (w² − 1)² + tilt · w."""

    dimension = 1

    def __init__(self, tilt):
        self.tilt = tilt

    def __call__(self, theta):
        w = theta[..., 0]
        return (w**2 - 1) ** 2 + self.tilt * w

    def gradient(self, theta):
        w = theta[..., 0]
        return (4 * w * (w**2 - 1) + self.tilt)[..., None]


class Valleys(Stage):
    """Gradient descent on the double well (w² − 1)² + tilt · w, under a slider for its start.

    Above the landscape, a star under each bottom, and the run of 80 steps; below where the runs from
    101 starts end: a green dot in the lowest valley, a grey cross in the other one. A start whose run
    leaves, or is still under way, has no mark. Click or drag on the landscape to start there.
    """

    STEPS = 80
    STARTS = np.linspace(-1.7, 1.7, 101)
    NEAR = 0.01  # this close to the bottom a run has arrived
    BELOW = 0.45  # so far under the ground the stars stand: on it the end of the run would hide them

    def __init__(self, start=0.5, learning_rate=0.05, tilt=0.3):
        number("start", start, -1.7, 1.7)
        number("learning_rate", learning_rate, 0.005, 0.25)
        number("tilt", tilt, -0.6, 0.6)
        figure, axes = plots.mosaic([["land"], ["ends"]], height=4.8, heights=[1.9, 1])
        land, ends = axes["land"], axes["ends"]
        land.set(xlim=(-1.7, 1.7), ylim=(-1.5, 4.8), xlabel="parameter w", ylabel="value")
        land.set_title("The run, from its start (ring) to its end (dot)")
        ends.set(xlim=(-1.7, 1.7), ylim=(-1.7, 1.7), xlabel="start", ylabel="end")
        ends.set_title("Where every start ends: dots in the lowest valley, crosses in the other")
        self._land = moving(land, color=plots.QUIET, linestyle="-", linewidth=1.6)
        self._stars = [moving(land, **plots.star_style(size)) for size in (15, 12)]
        self._path = moving(land, **plots.path_style())
        self._start = moving(land, **plots.start_style())
        self._here = moving(land, **plots.point_style())
        self._low = moving(ends, linestyle="none", marker="o", markersize=4, color=plots.TRUTH)
        self._high = moving(ends, linestyle="none", marker="x", markersize=5, color=plots.QUIET)
        self._chosen = moving(ends, **{**plots.start_style(), "markersize": 11})
        marks = [self._land, *self._stars, self._path, self._start, self._here]
        sliders = [
            Slider("start", "start", np.linspace(-1.7, 1.7, 201), start, along=land),
            Slider("learning_rate", "learning rate α", np.geomspace(0.005, 0.25, 60), learning_rate),
            Slider("tilt", "tilt of the ground", np.linspace(-0.6, 0.6, 61), tilt),
        ]
        handle = Handle(("start", None), land, "start of the run")
        marks += [self._low, self._high, self._chosen]
        super().__init__(figure, marks, sliders, [handle])

    @property
    def trajectory(self):
        """The run that the picture shows."""
        well = landscapes.DoubleWell(self.tilt)
        return descend(well, [self.start], GradientDescent(self.learning_rate), self.STEPS)

    def frames(self, settings):
        """One frame a position; the starts of the lower picture are lanes of one descent."""
        asked, P = lanes(settings)
        own = descend(
            _Wells(asked["tilt"]),
            asked["start"][:, None],
            GradientDescent(asked["learning_rate"]),
            self.STEPS,
        )
        bottoms = self._bottoms(settings["tilt"])  # (P or 1, 2): the lower valley first
        # The lower picture hangs on learning rate and tilt, not on the start.
        rate, tilt = (np.atleast_1d(settings[name])[:, None] for name in ("learning_rate", "tilt"))
        shape = np.broadcast_shapes(rate.shape, tilt.shape, (1, len(self.STARTS)))
        starts, tilts = np.broadcast_to(self.STARTS, shape), np.broadcast_to(tilt, shape)
        rates = GradientDescent(np.broadcast_to(rate, shape).copy())
        w = self._last(_Wells(tilts), starts[..., None], rates)
        with np.errstate(all="ignore"):
            arrived = [np.abs(w - bottoms[:, i, None]) < self.NEAR for i in (0, 1)]
            whole = np.where(np.abs(own.thetas[..., 0].T) < 50, own.thetas[..., 0].T, np.nan)
        w = np.where(np.isfinite(w), w, 0.0)
        low, high = (np.where(at, w, np.nan) for at in arrived)
        path = np.stack([whole, _Wells(asked["tilt"][:, None])(whole[..., None])], axis=-1)
        curve = np.linspace(-1.7, 1.7, 200)
        heights = _Wells(np.atleast_1d(settings["tilt"])[:, None])(curve[:, None])
        below = _Wells(np.atleast_1d(settings["tilt"])[:, None])(bottoms[..., None]) - self.BELOW
        stars = np.stack([bottoms, below], axis=-1)
        end = np.stack([asked["start"], path[:, -1, 0]], axis=-1)
        marks = {
            self._land: xy(curve, heights),
            self._stars[0]: stars[:, :1],
            self._stars[1]: stars[:, 1:],
            self._path: path,
            self._start: path[:, :1],
            self._here: path[:, -1:],
            self._low: xy(self.STARTS, low),
            self._high: xy(self.STARTS, high),
            self._chosen: end[:, None],
        }
        shares = np.broadcast_to(arrived[0].mean(axis=1), P)
        places = np.broadcast_to(bottoms, (P, 2))
        sentences = [
            self._sentence(*told)
            for told in zip(*asked.values(), path[:, -1, 0], places, shares, strict=True)
        ]
        return Frames(marks, sentences)

    def _bottoms(self, tilts):
        """The bottoms of the two valleys for each tilt, the lower one first: (tilts, 2)."""
        return np.stack([landscapes.DoubleWell(t).minima[:, 0] for t in np.atleast_1d(tilts)])

    def _last(self, wells, starts, optimizer):
        return descend(wells, starts, optimizer, self.STEPS).thetas[-1, ..., 0]

    def _sentence(self, start, rate, tilt, end, bottoms, share):
        begun = f"From {start + 0.0:.3g} with α = {rate:.3g} the run "
        both = abs(tilt) < EVEN
        if not np.isfinite(end):
            how = "leaves the picture for good."
        elif np.abs(end - bottoms).min() >= self.NEAR:
            how = f"is in no valley yet after {self.STEPS} steps."
        else:
            i = int(np.abs(end - bottoms).argmin())
            side = "left" if bottoms[i] < 0 else "right"
            rank = "as deep as the other" if both else ("the lowest", "not the lowest")[i]
            how = f"ends in the {side} valley, {rank}."
        if both:
            return begun + how
        return f"{begun}{how} Of {len(self.STARTS)} starts {share:.0%} reach the lowest."


class Widths(Stage):
    """A hundred starts of a network that learns exclusive or, under a slider for its width.

    Left the value of every run at each step; right the share of the runs that get all four points
    right, for each width. One hidden layer of ReLU units, cross-entropy, one learning rate for all.
    `width`: where the slider begins. `seed`: each has its own 100 starts.
    """

    WIDTHS = np.arange(1, 9)
    STARTS, STEPS = 100, 300

    def __init__(self, width=2, learning_rate=0.5, seed=0):
        whole("width", width, self.WIDTHS[0], self.WIDTHS[-1])
        self.learning_rate = number("learning_rate", learning_rate, 0, open_low=True)
        first = self.STARTS * whole("seed", seed)
        self._ks = np.unique(np.rint(np.geomspace(1, self.STEPS, 19)).astype(int))
        values, solved = [], []
        for units in self.WIDTHS.tolist():
            net, task = models.Network((2, units, 1), "relu"), data.xor()
            starts = np.stack([net.start(k) for k in range(first, first + self.STARTS)])
            risk = EmpiricalRisk(net, losses.BinaryCrossEntropy(), task)
            run = descend(risk, starts, GradientDescent(self.learning_rate), self.STEPS)
            values.append(run.values[self._ks].T)
            solved.append(((net.predict(run.thetas[-1], task.X) > 0) == (task.y > 0)).all(axis=-1))
        self._values, self.solved = np.array(values), np.array(solved)  # (widths, starts, ...)
        figure, (runs, share) = plots.figure(2, height=3.9)
        runs.set(xscale="log", yscale="log", xlim=(1, self.STEPS), ylim=(1e-3, 4))
        runs.set(xlabel="step", ylabel="value", title="100 starts: the value at each step")
        runs.minorticks_off()
        for axis in (runs.xaxis, runs.yaxis):
            axis.set_major_formatter("{x:g}")  # 0.01 says more than a power, and is drawn sooner
        looks = [{"color": plots.TRUTH, "linestyle": "-"}, {"color": plots.PATH, "linestyle": "--"}]
        for look, name in zip(looks, ("all four points right", "not all right"), strict=True):
            runs.plot([], [], **look, label=name)
        runs.legend(loc="lower left")
        shares = self.solved.mean(axis=1)
        share.plot(self.WIDTHS, shares, color=plots.QUIET, linestyle=":", marker="o", markersize=4)
        share.set(xlim=(0.5, 8.5), ylim=(-0.04, 1.04), xticks=self.WIDTHS, xlabel="width: hidden units")
        share.set(ylabel="share of the starts", title="All four points right after 300 steps")
        self._good = moving(runs, **looks[0], linewidth=0.8, alpha=0.6)
        self._stuck = moving(runs, **looks[1], linewidth=0.9, alpha=0.8)
        self._dot = moving(share, **plots.point_style())
        slider = Slider("width", "width of the network", self.WIDTHS.astype(float), width, along=share)
        super().__init__(figure, [self._good, self._stuck, self._dot], [slider])

    def frames(self, settings):
        """One frame a width: the runs that got there and those that did not, as lines with gaps."""
        at = np.rint(np.atleast_1d(settings["width"])).astype(int) - 1
        values, solved = self._values[at], self.solved[at]
        lines = xy(self._ks.astype(float), values)
        lines = np.concatenate([lines, np.full((*lines.shape[:2], 1, 2), np.nan)], axis=2)
        good, stuck = (
            np.where(which[..., None, None], lines, np.nan).reshape(len(at), -1, 2)
            for which in (solved, ~solved)
        )
        shares = solved.mean(axis=1)
        dots = np.stack([self.WIDTHS[at], shares], axis=-1)[:, None]
        told = zip(self.WIDTHS[at], solved.sum(axis=1), strict=True)
        return Frames(
            {self._good: good, self._stuck: stuck, self._dot: dots},
            [
                f"Width {units}, {4 * units + 1} parameters: {count} of {self.STARTS} starts get all "
                "four points right (solid lines), the others do not (dashed)."
                for units, count in told
            ],
        )
