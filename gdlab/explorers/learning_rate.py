"""Gradient descent under a learning-rate slider."""

from __future__ import annotations

import numpy as np

from gdlab import gradients, landscapes, plots
from gdlab._arguments import inside, shown, spans, vector, whole
from gdlab.descent import descend
from gdlab.explorers.common import POSITIONS, START, coordinates, lanes, moving, positions, xy
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage
from gdlab.words import counted

FALLS = "falls at every step"


class LearningRate(Stage):
    """Gradient descent on a landscape of one or two parameters, under a learning-rate slider.

    Left the landscape and the run, right the value per step, below the value after the last step
    against the learning rate, with the limit 2/λ_max and the best rate 2/(λ_min + λ_max) of the
    Hessian at the lowest known minimum. Click or drag on the landscape to start elsewhere.

    `objective`: of dimension 1 or 2. `start`: inside the window. `learning_rates` = (lowest, highest) of
    the slider, by default 0.02 to 2 times the limit. `window` and `minimum`: where to look and where
    the bottom is, for an objective that does not say so itself.
    """

    MOST_STEPS = 100

    def __init__(
        self,
        objective,
        start,
        learning_rate=None,
        steps=40,
        learning_rates=None,
        window=None,
        minimum=None,
    ):
        self.objective, d = objective, getattr(objective, "dimension", None)
        if d not in (1, 2):
            raise ValueError(f"objective: one of dimension 1 or 2 is expected, {shown(objective)} given")
        window = getattr(objective, "window", None) if window is None else window
        self.window = spans("window", window, d)
        start = inside("start", start, self.window)
        self._minima = getattr(objective, "minima", np.empty((0, d)))
        if minimum is not None:
            self._minima = vector("minimum", minimum, d)[None]
        self._bottom = float(objective(self._minima[0])) if len(self._minima) else None
        self._measure_curvatures(self._minima[0] if len(self._minima) else start)
        if learning_rates is None:
            learning_rates = np.array([0.02, 2.0]) * (self.limit or 1.0)
        self._rates = positions("learning_rates", learning_rates)
        middle = float(np.sqrt(self._rates[0] * self._rates[-1]))
        figure = self._draw()
        land, _, strip = self._axes
        self._names, counts = START[:d], np.arange(1, self.MOST_STEPS + 1)
        # A start's table runs all rates from all its positions: quick on a formula, not on data.
        quick = isinstance(objective, landscapes.Landscape)
        rate = middle if learning_rate is None else learning_rate
        sliders = [
            Slider("learning_rate", "learning rate α", self._rates, rate, along=strip),
            Slider("steps", "steps", counts, whole("steps", steps, low=1), play=True),
            *coordinates(self._names, "start", self.window, start, 61, ahead=quick),
        ]
        handle = Handle(self._names, land, "start of the run")
        super().__init__(figure, self._moving_parts, sliders, [handle])

    def _measure_curvatures(self, place):
        """The curvatures at a place, the limit and the best rate that follow from them."""
        H = gradients.hessian(self.objective, place)
        # The same Hessian in the corners of the window: a bowl, for which the theory is exact.
        corners = [gradients.hessian(self.objective, at) for at in zip(*self.window, strict=True)]
        size = np.abs(H).max()
        same = all(np.allclose(H, other, rtol=1e-4, atol=1e-6 * size) for other in corners)
        self._curvatures = curvatures = np.linalg.eigvalsh(H)
        self._bowl = same and curvatures[0] > 0
        self.limit = 2 / curvatures[-1] if curvatures[-1] > 0 else None
        self.best = 2 / (curvatures[0] + curvatures[-1]) if curvatures[0] > 0 else None

    def _draw(self):
        figure, axes = plots.mosaic([["land", "loss"], ["strip", "strip"]], heights=[2.7, 1])
        land, loss, strip = self._axes = axes["land"], axes["loss"], axes["strip"]
        plane = self.objective.dimension == 2
        (plots.contours if plane else plots.curve)(land, self.objective, self.window)
        plots.minima(land, self.objective, self._minima)
        land.set_title("The run on the landscape")
        excess = "value above the minimum" if self._bottom is not None else "value"
        # The size of a value: the middle one of those in the window.
        seen = plots.grid(self.window, 40) if plane else np.linspace(*self.window[0], 200)[:, None]
        size = max(float(np.median(np.abs(self._height(self.objective(seen))))), np.finfo(float).tiny)
        loss.set(xlim=(0, self.MOST_STEPS), xlabel="step", ylabel=excess, title="The value at each step")
        strip.set(xlim=self._rates[[0, -1]], xscale="log", xlabel="learning rate α", ylabel="at the end")
        strip.set_title("The value after the last step, for every learning rate")
        for ax in (loss, strip):
            if self._bottom is not None:
                ax.set(yscale="log", ylim=(1e-9 * size, 1e4 * size))
            else:
                ax.set_ylim(-10 * abs(size), 10 * abs(size))
        if self._bowl and self._shows(self.limit):
            strip.axvspan(
                self.limit, self._rates[-1], facecolor="none", edgecolor="#d9d9d9", hatch="///", lw=0
            )
            plots.limit(strip, self.limit, "limit 2/λ_max", va="bottom")
        if self._bowl and self._shows(self.best):
            plots.limit(strip, self.best, "best", color=plots.TRUTH, ha="right")
        if not self._bowl and len(self._minima) <= 2:  # each valley has a limit of its own
            for theta, ha, va in zip(self._minima, ("right", "left"), ("top", "bottom"), strict=False):
                limit = 2 / np.linalg.eigvalsh(gradients.hessian(self.objective, theta))[-1]
                if self._shows(limit):
                    at = ", ".join(f"{x:.3g}" for x in theta)
                    plots.limit(strip, limit, f"2/λ_max at {at}", ha=ha, va=va)
        self._path = moving(land, **plots.path_style())
        self._start = moving(land, **plots.start_style())
        self._here = moving(land, **plots.point_style())
        self._values = moving(loss, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = moving(loss, **plots.point_style())
        self._ends = moving(strip, color=plots.QUIET, linestyle="-", linewidth=1.4)
        self._dot = moving(strip, **plots.point_style())
        self._moving_parts = [
            self._path, self._start, self._here, self._values, self._last, self._ends, self._dot
        ]  # fmt: skip
        return figure

    def _shows(self, rate):
        return rate is not None and self._rates[0] < rate < self._rates[-1]

    def _height(self, values):
        """The values above the minimum; what is left of rounding there is 0."""
        if self._bottom is None:
            return values
        return np.where(
            np.abs(values - self._bottom) < 1e-13 * abs(self._bottom), 0.0, values - self._bottom
        )

    @property
    def trajectory(self):
        """The run that the picture shows."""
        settings = self.settings
        start = [settings[name] for name in self._names]
        rate = GradientDescent(settings["learning_rate"])
        return descend(self.objective, start, rate, round(settings["steps"]))

    def frames(self, settings):
        """One frame a position; every learning rate of the slider is a lane of the same run."""
        asked, P = lanes(settings)
        steps = np.rint(asked["steps"]).astype(int)
        # Lanes (starts, rates): all the slider's rates for the curve below, then those asked for.
        own = np.atleast_1d(settings["learning_rate"])
        starts = np.stack(
            np.broadcast_arrays(*(np.atleast_1d(settings[n]) for n in self._names)), axis=-1
        )
        rates = np.concatenate([self._rates, own])
        run = descend(self.objective, starts[:, None], GradientDescent(rates), steps.max())
        p = np.arange(P)
        start, rate = p % len(starts), POSITIONS + p % len(own)
        thetas, values = run.thetas[:, start, rate].swapaxes(0, 1), run.values[:, start, rate].T
        k = np.arange(steps.max() + 1)
        shown = np.where(k <= steps[:, None], 1.0, np.nan)
        place = thetas if len(self._names) == 2 else np.stack([thetas[..., 0], values], axis=-1)
        # A run that has left for good is drawn up to there, or it would paint the window over.
        middle, size = np.mean(self.window, axis=1), np.ptp(self.window, axis=1)
        with np.errstate(all="ignore"):
            gone = ~(np.abs(thetas - middle) <= 2 * size).all(axis=-1)
        place = place * np.where(np.logical_or.accumulate(gone, axis=1), np.nan, shown)[..., None]
        levels = np.stack([k * shown, self._height(values) * shown], axis=-1)
        ends = self._height(run.values[steps, start, :POSITIONS])
        curve = xy(self._rates, ends)
        last = levels[p, steps]
        marks = {
            self._path: place,
            self._start: place[:, :1],
            self._here: place[p, steps][:, None],
            self._values: levels,
            self._last: last[:, None],
            self._ends: curve[:1] if len(own) == P else curve,
            self._dot: np.stack([asked["learning_rate"], last[:, 1]], axis=-1)[:, None],
        }
        verdicts = self._verdicts(levels[..., 1], steps)
        told = zip(asked["learning_rate"], steps, thetas[:, 0], last[:, 1], verdicts, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _verdicts(self, heights, steps):
        """What each run did up to its last step, in a word."""
        with np.errstate(all="ignore"):
            begin, end = heights[:, 0], heights[np.arange(len(steps)), steps]
            away = ~np.isfinite(end) | (np.abs(end) > 100 * np.abs(begin))
            rises = (np.diff(heights, axis=1) > 0).any(axis=1)  # NaN past the last step is no rise
        return np.select([away, rises], ["runs away", "jumps about"], FALLS)

    def _sentence(self, rate, steps, start, value, verdict):
        if not self.objective.gradient(start).any():
            return f"α = {rate:.3g}: where it starts the slope is 0, and there the run stays."
        after = f"After {counted(steps, 'step')} the value is "
        after += f"{value:.3g} above the minimum." if self._bottom is not None else f"{value:.3g}."
        if not np.isfinite(value):
            after = f"Within {steps} steps the value leaves the range of numbers."
        if not self._bowl:
            # Where a run jumps about, its last value is chance: it is drawn, not printed.
            begun = f"α = {rate:.3g} from {', '.join(f'{x:.3g}' for x in start)}: the value {verdict}."
            return f"{begun} {after}" if verdict == FALLS else begun
        factors = 1 - rate * self._curvatures
        factor = np.abs(factors).max() ** 2
        factor = 0.0 if factor < 1e-12 else factor
        pace = f"the value in the end {factor:.3g} × a step. {after}"
        limit, best = f"2/λ_max = {self.limit:.3g}", f"the best rate, {self.best:.3g}"
        if abs(rate / self.limit - 1) < 1e-6:
            return f"α = {rate:.3g} is the limit {limit}: to and fro for ever. {after}"
        if rate > self.limit:
            return f"α = {rate:.3g} > {limit}: diverges, {pace}"
        if abs(rate / self.best - 1) < 0.005:
            return f"α = {rate:.3g} is {best}: {pace}"
        if factors.min() < 0:
            late = rate > self.best
            how = "overshoots and comes back" if late else "overshoots a little on the steep side"
            return f"α = {rate:.3g} < {limit}: {how}, {pace}"
        return f"α = {rate:.3g}: no overshoot, {'slow, ' if factor > 0.5 else ''}{pace}"
