"""Explorers: controls, and a stage that obeys them. Put one on the last line of its cell."""

from __future__ import annotations

import numpy as np

from gdlab import data, gradients, landscapes, plots
from gdlab._arguments import array, shown, whole
from gdlab.closed_form import lstsq
from gdlab.descent import descend
from gdlab.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    Brier,
    Hinge,
    Huber,
    SquaredError,
    ZeroOne,
    sigmoid,
)
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage

POSITIONS = 200
FALLS = "falls at every step"


def _moving(ax, **style):
    """A mark: a line without data that moves."""
    return ax.plot([], [], animated=True, **style)[0]


def _lanes(settings):
    """The settings as arrays of shape (P,), and P."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(value) for value in settings.values()))
    return dict(zip(settings, arrays, strict=True)), len(arrays[0])


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
        self.window = array("window", window, "(d, 2): (low, high) for each coordinate", ndim=2)
        start = array("start", start, "(d,)", ndim=1)
        if self.window.shape != (d, 2) or (self.window[:, 0] >= self.window[:, 1]).any():
            raise ValueError(f"window: {d} pairs (low, high) are expected, {shown(window)} given")
        if (
            start.shape != (d,)
            or (np.abs(start - self.window.mean(axis=1)) > np.ptp(self.window, axis=1) / 2).any()
        ):
            raise ValueError(
                f"start: {d} numbers inside the window are expected, {shown(start.tolist())} given"
            )
        self._minima = getattr(objective, "minima", np.empty((0, d)))
        if minimum is not None:
            self._minima = array("minimum", minimum, "(d,)", ndim=1)[None]
        if self._minima.shape[1] != d:
            raise ValueError(f"minimum: {d} numbers are expected, {shown(minimum)} given")
        self._bottom = float(objective(self._minima[0])) if len(self._minima) else None
        H = gradients.hessian(objective, self._minima[0] if len(self._minima) else start)
        # The same Hessian in the corners of the window: a bowl, for which the theory is exact.
        corners = [gradients.hessian(objective, corner) for corner in zip(*self.window, strict=True)]
        self._bowl = all(
            np.allclose(H, other, rtol=1e-4, atol=1e-6 * np.abs(H).max()) for other in corners
        )
        self._curvatures = curvatures = np.linalg.eigvalsh(H)
        self.limit = 2 / curvatures[-1] if curvatures[-1] > 0 else None
        self.best = 2 / (curvatures[0] + curvatures[-1]) if curvatures[0] > 0 else None
        if learning_rates is None:
            learning_rates = np.array([0.02, 2.0]) * (self.limit or 1.0)
        ends = array("learning_rates", learning_rates, "(2,)", ndim=1)
        if len(ends) != 2 or not 0 < ends[0] < ends[1]:
            raise ValueError(
                f"learning_rates: 0 < lowest < highest are expected, {shown(learning_rates)} given"
            )
        self._rates = np.geomspace(*ends, POSITIONS)
        names = ("start_x", "start_y")[: objective.dimension]
        figure = self._draw()
        land, _, strip = self._axes
        rate = float(np.sqrt(ends.prod())) if learning_rate is None else learning_rate
        sliders = [
            Slider("learning_rate", "learning rate α", self._rates, rate, along=strip),
            Slider(
                "steps",
                "steps",
                np.arange(1, self.MOST_STEPS + 1),
                whole("steps", steps, low=1),
                play=True,
            ),
        ]
        for name, value, window in zip(names, start, self.window, strict=True):
            label = f"start, {'first' if name == 'start_x' else 'second'} parameter"
            sliders.append(Slider(name, label, np.linspace(*window, 61), value, folded=True))
        self._names = names
        handle = Handle(names, land, "start of the run")
        super().__init__(figure, self._moving_parts, sliders, [handle])

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
        self._path = _moving(land, **plots.path_style())
        self._start = _moving(land, **plots.start_style())
        self._here = _moving(land, **plots.point_style())
        self._values = _moving(loss, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = _moving(loss, **plots.point_style())
        self._ends = _moving(strip, color=plots.QUIET, linestyle="-", linewidth=1.4)
        self._dot = _moving(strip, **plots.point_style())
        self._moving_parts = [
            self._path, self._start, self._here, self._values, self._last, self._ends, self._dot
        ]  # fmt: skip
        return figure

    def _shows(self, rate):
        return self._rates[0] < rate < self._rates[-1]

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
        asked, P = _lanes(settings)
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
        curve = np.stack(np.broadcast_arrays(self._rates, ends), axis=-1)
        last = levels[p, steps]
        marks = {
            self._path: place,
            self._start: place[:, :1],
            self._here: place[p, steps][:, None],
            self._values: levels,
            self._last: last[:, None],
            self._ends: curve[0] if len(own) == P > 1 else curve,
            self._dot: np.stack([asked["learning_rate"], last[:, 1]], axis=-1)[:, None],
        }
        told = zip(
            asked["learning_rate"], steps, last[:, 1], self._verdicts(levels[..., 1], steps), strict=True
        )
        return Frames(marks, [self._sentence(*about) for about in told])

    def _verdicts(self, heights, steps):
        """What each run did up to its last step, in a word."""
        with np.errstate(all="ignore"):
            begin, end = heights[:, 0], heights[np.arange(len(steps)), steps]
            away = ~np.isfinite(end) | (np.abs(end) > 100 * np.abs(begin))
            rises = (np.diff(heights, axis=1) > 0).any(axis=1)  # NaN past the last step is no rise
        return np.select([away, rises], ["runs away", "jumps about"], FALLS)

    def _sentence(self, rate, steps, value, verdict):
        after = f"After {steps} step{'s' if steps > 1 else ''} the value is "
        after += f"{value:.3g} above the minimum." if self._bottom is not None else f"{value:.3g}."
        if not np.isfinite(value):
            after = f"Within {steps} steps the value leaves the range of numbers."
        if not self._bowl:
            # Where a run jumps about, its last value is chance: it is drawn, not printed.
            return f"α = {rate:.3g}: the value {verdict}." + (f" {after}" if verdict == FALLS else "")
        factors = 1 - rate * self._curvatures
        factor = np.abs(factors).max() ** 2
        factor = 0.0 if factor < 1e-12 else factor
        limit, best = f"2/λ_max = {self.limit:.3g}", f"the best rate, {self.best:.3g}"
        if abs(rate / self.limit - 1) < 1e-6:
            return f"α = {rate:.3g} is the limit {limit}: to and fro for ever. {after}"
        if rate > self.limit:
            return f"α = {rate:.3g} > {limit}: diverges, in the end {factor:.3g} × a step. {after}"
        if abs(rate / self.best - 1) < 0.005:
            return f"α = {rate:.3g} is {best}: in the end {factor:.3g} × a step. {after}"
        if factors.min() < 0:
            how = (
                "overshoots and comes back"
                if rate > self.best
                else "overshoots a little on the steep side"
            )
            return f"α = {rate:.3g} < {limit}: {how}, in the end {factor:.3g} × a step. {after}"
        return f"α = {rate:.3g}: no overshoot, slow, in the end {factor:.3g} × a step. {after}"


class LineFit(Stage):
    """A line over real penguins under a weight and a bias slider, and the same line as a point on the
    surface of the mean squared error. Click or drag on the surface to choose both at once.

    `weight`, `bias`: where the line begins, in gram a standard deviation and in gram.
    """

    def __init__(self, weight=0.0, bias=3500.0):
        self.dataset = data.standardize(data.penguins())
        self.objective = EmpiricalRisk(Linear(), SquaredError(), self.dataset)
        self.solution = lstsq(self.dataset.X, self.dataset.y)
        self._rows = np.sort(np.random.default_rng(1).choice(len(self.dataset), 30, replace=False))
        figure, (birds, surface) = plots.figure(2, height=3.9)
        plots.points(birds, self.dataset)
        window = ((-400.0, 1800.0), (3100.0, 5300.0))
        birds.set(xlim=(-2.3, 2.4), ylim=(2400, 6600), title="342 penguins and a line")
        birds.set_ylabel("body mass (g)")
        labels = ("weight w (g a standard deviation)", "bias b (g)")
        plots.contours(surface, self.objective, window, labels=labels)
        surface.plot(*self.solution, "*", markersize=13, color=plots.TRUTH, markeredgecolor="white")
        surface.set_title("The same line, a point on the loss surface")
        self._residuals = _moving(birds, color=plots.PATH, linestyle="-", linewidth=1, alpha=0.6)
        self._line = _moving(birds, color=plots.GRADIENT, linestyle="-", linewidth=2.4)
        self._point = _moving(surface, **plots.point_style(plots.GRADIENT))
        sliders = [
            Slider("weight", "weight w", np.linspace(*window[0], POSITIONS + 1), weight),
            Slider("bias", "bias b", np.linspace(*window[1], POSITIONS + 1), bias),
        ]
        handle = Handle(("weight", "bias"), surface, "weight and bias")
        super().__init__(figure, [self._residuals, self._line, self._point], sliders, [handle])

    def frames(self, settings):
        """One frame a position of the weight or of the bias."""
        asked, P = _lanes(settings)
        theta = np.stack([asked["weight"], asked["bias"]], axis=-1)
        x, y = self.dataset.X[self._rows, 0], self.dataset.y[self._rows]
        predicted = theta[:, :1] * x + theta[:, 1:]
        ends = np.array([-2.3, 2.4])
        residuals = np.full((P, len(x), 3, 2), np.nan)  # from the line to the bird, then a gap
        residuals[:, :, :2, 0] = x[:, None]
        residuals[:, :, 0, 1], residuals[:, :, 1, 1] = predicted, y
        line = np.stack(np.broadcast_arrays(ends, theta[:, :1] * ends + theta[:, 1:]), axis=-1)
        losses, lowest = self.objective(theta), float(self.objective(self.solution))
        sentences = [
            f"w = {w:.0f}, b = {b:.0f}: mean squared error {loss:.3g} g², its root {loss**0.5:.0f} g; "
            f"{loss / lowest:.2f} × the lowest possible."
            for (w, b), loss in zip(theta, losses, strict=True)
        ]
        marks = {
            self._residuals: residuals.reshape(P, -1, 2),
            self._line: line,
            self._point: theta[:, None],
        }
        return Frames(marks, sentences)


class LineDescent(Stage):
    """A line learns from real penguins: descent on the mean squared error, under a learning-rate slider.

    Left the line after the last step, with the lines before it, right the value at each step. The
    feature is standardized, the line starts at weight 0 and bias 0, and the limit 2/λ_max is 1.
    """

    MOST_STEPS = 40

    def __init__(self, learning_rate=0.1, steps=12):
        self.dataset = data.standardize(data.penguins())
        self.objective = EmpiricalRisk(Linear(), SquaredError(), self.dataset)
        self._lowest = float(self.objective(lstsq(self.dataset.X, self.dataset.y)))
        figure, (birds, value) = plots.figure(2, height=3.9)
        plots.points(birds, self.dataset)
        birds.set(
            xlim=(-2.3, 2.4), ylim=(-500, 7000), title="342 penguins, and what was learned of them"
        )
        value.set(yscale="log", xlim=(0, self.MOST_STEPS), ylim=(5e4, 1e9), xlabel="step")
        value.set(ylabel="mean squared error (g²)", title="The value at each step")
        value.axhline(self._lowest, color=plots.TRUTH, linestyle=":", linewidth=1.4)
        value.text(
            39.5,
            0.9 * self._lowest,
            "lowest possible",
            color=plots.TRUTH,
            ha="right",
            va="top",
            fontsize=8.5,
        )
        self._trail = _moving(birds, color=plots.PATH, linestyle="-", linewidth=1, alpha=0.35)
        self._line = _moving(birds, color=plots.PATH, linestyle="-", linewidth=2.6)
        self._values = _moving(value, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = _moving(value, **plots.point_style())
        sliders = [
            Slider(
                "learning_rate", "learning rate α", np.geomspace(0.005, 1.5, POSITIONS), learning_rate
            ),
            Slider("steps", "steps", np.arange(0, self.MOST_STEPS + 1), steps, play=True),
        ]
        super().__init__(figure, [self._trail, self._line, self._values, self._last], sliders)

    @property
    def trajectory(self):
        """The run that the picture shows."""
        rate, steps = self.settings.values()
        return descend(self.objective, [0, 0], GradientDescent(rate), round(steps))

    def frames(self, settings):
        """One frame a learning rate or a number of steps."""
        asked, P = _lanes(settings)
        steps = np.rint(asked["steps"]).astype(int)
        run = descend(self.objective, [0, 0], GradientDescent(asked["learning_rate"]), steps.max())
        thetas, values = run.thetas.swapaxes(0, 1), run.values.T
        p, k, ends = np.arange(P), np.arange(steps.max() + 1), np.array([-2.3, 2.4])
        shown = np.where(k <= steps[:, None], 1.0, np.nan)
        trail = np.full((P, len(k), 3, 2), np.nan)  # two ends, then a gap
        trail[:, :, :2, 0] = ends
        trail[:, :, :2, 1] = (thetas[..., :1] * ends + thetas[..., 1:]) * shown[..., None]
        levels = np.stack([k * shown, values * shown], axis=-1)
        marks = {
            self._trail: trail.reshape(P, -1, 2),
            self._line: trail[p, steps, :2],
            self._values: levels,
            self._last: levels[p, steps][:, None],
        }
        told = zip(asked["learning_rate"], steps, thetas[p, steps], values[p, steps], strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, rate, steps, theta, value):
        counted = f"{steps} step{'' if steps == 1 else 's'}"
        if rate > 1:
            miss = f"after {counted} the typical miss is {value**0.5:.3g} g"
            return f"α = {rate:.3g} is above the limit 1: every step lands further off; {miss}."
        return (
            f"α = {rate:.3g}, {counted}: body mass ≈ {theta[0]:.0f} · flipper + {theta[1]:.0f} g; "
            f"typical miss {value**0.5:.0f} g, lowest possible {self._lowest**0.5:.0f} g."
        )


def robust_line(x, y, loss, rounds=100):
    """The line of least mean loss by reweighted least squares; y (..., n), result (..., 2).

    A residual r counts with weight slope(r)/r, so that each round solves a weighted least-squares
    problem whose gradient is the loss's own. Source: Holland and Welsch (1977).
    """
    A = np.column_stack([x, np.ones(len(x))])
    theta = np.zeros((*y.shape[:-1], 2))
    for _ in range(rounds):
        residual = theta @ A.T - y
        residual = np.where(np.abs(residual) < 1e-9, 1e-9, residual)
        weighted = A.T * (loss.slope(residual, np.zeros(len(x))) / residual)[..., None, :]
        theta = np.linalg.solve(weighted @ A, weighted @ y[..., None])[..., 0]
    return theta


class Outlier(Stage):
    """Three lines through the same points: least squared error, least absolute error, least Huber loss.

    Drag the outlier. Left, what each loss charges for the outlier's residual from its own line.
    """

    def __init__(self, outlier=6.0):
        rng = np.random.default_rng(2)
        self.x = np.linspace(-2, 2, 11)
        self.y = 0.8 * self.x + 1 + 0.25 * rng.normal(size=11)
        self.losses = {"squared": SquaredError(), "absolute": AbsoluteError(), "Huber": Huber()}
        figure, (charge, fit) = plots.figure(2, height=3.9)
        r = np.linspace(-8, 8, 401)
        styles = dict(
            zip(self.losses, [("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", "-.")], strict=True)
        )
        self._lines, self._dots = {}, {}
        for name, loss in self.losses.items():
            color, dashes = styles[name]
            charge.plot(
                r, loss.value(r, np.zeros_like(r)), color=color, linestyle=dashes, label=f"{name} loss"
            )
            self._lines[name] = _moving(fit, color=color, linestyle=dashes, linewidth=2)
            self._dots[name] = _moving(charge, **plots.point_style(color))
        charge.set(xlim=(-8, 8), ylim=(-0.8, 16), xlabel="residual of the outlier, ŷ − y", ylabel="loss")
        charge.set_title("What each loss charges for the outlier")
        charge.legend(loc="upper center")
        fit.plot(self.x[:-1], self.y[:-1], "o", color=plots.QUIET, linestyle="none")
        fit.set(xlim=(-2.4, 2.4), ylim=(-6, 10), xlabel="x", ylabel="y", title="The three fitted lines")
        self._point = _moving(fit, **{**plots.point_style("#1a1a1a"), "markersize": 9})
        marks = [*self._lines.values(), *self._dots.values(), self._point]
        slider = Slider("outlier", "outlier's y", np.linspace(-5, 9, POSITIONS + 1), outlier)
        super().__init__(figure, marks, [slider], [Handle((None, "outlier"), fit, "outlier")])

    def frames(self, settings):
        """One frame a height of the outlier."""
        heights = np.atleast_1d(settings["outlier"])
        y = np.broadcast_to(self.y, (len(heights), len(self.x))).copy()
        y[:, -1] = heights
        ends, marks, slopes = np.array([-2.4, 2.4]), {}, {}
        for name, loss in self.losses.items():
            theta = robust_line(self.x, y, loss)
            line = theta[:, :1] * ends + theta[:, 1:]
            miss = theta[:, 0] * self.x[-1] + theta[:, 1] - heights
            marks[self._lines[name]] = np.stack(np.broadcast_arrays(ends, line), axis=-1)
            cost = loss.value(miss, np.zeros_like(miss))
            marks[self._dots[name]] = np.stack([miss, cost], axis=-1)[:, None]
            slopes[name] = theta[:, 0]
        at = np.stack([np.full(len(heights), self.x[-1]), heights], axis=-1)
        marks[self._point] = at[:, None]
        sentences = [
            f"Outlier at y = {height:.1f}. Slope of the line: "
            + ", ".join(f"{name} {slope[i]:.2f}" for name, slope in slopes.items())
            + "."
            for i, height in enumerate(heights)
        ]
        return Frames(marks, sentences)


class LossShapes(Stage):
    """Four losses of a classifier against the logit of an example whose label is 1, and their slopes."""

    def __init__(self, logit=-5.0):
        self.losses = {
            "cross-entropy": BinaryCrossEntropy(),
            "squared error of p": Brier(),
            "hinge": Hinge(),
            "zero-one": ZeroOne(),
        }
        figure, (value, slope) = plots.figure(2, height=3.9)
        z = np.linspace(-10, 10, 2001)
        ones = np.ones_like(z, dtype=int)
        styles = [("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", "-."), ("#CC79A7", ":")]
        self._dots = {}
        for (name, loss), (color, dashes) in zip(self.losses.items(), styles, strict=True):
            value.plot(z, loss.value(z, ones), color=color, linestyle=dashes, label=name)
            slope.plot(z, loss.slope(z, ones), color=color, linestyle=dashes)
            self._dots[name] = [_moving(ax, **plots.point_style(color)) for ax in (value, slope)]
        value.set(
            xlim=(-10, 10),
            ylim=(-0.5, 11.5),
            xlabel="logit z",
            ylabel="loss",
            title="The loss when the label is 1",
        )
        value.legend(loc="upper right")
        slope.set(xlim=(-10, 10), ylim=(-1.08, 0.08), xlabel="logit z", ylabel="slope of the loss")
        slope.set_title("Its slope: what descent is told")
        marks = [dot for pair in self._dots.values() for dot in pair]
        slider = Slider("logit", "logit z", np.linspace(-10, 10, POSITIONS + 1), logit)
        super().__init__(
            figure, marks, [slider], [Handle(("logit",), ax, "logit") for ax in (value, slope)]
        )

    def frames(self, settings):
        """One frame a logit."""
        z = np.atleast_1d(settings["logit"])
        ones, marks, slopes = np.ones_like(z, dtype=int), {}, {}
        for name, loss in self.losses.items():
            slopes[name] = loss.slope(z, ones)
            for dot, height in zip(self._dots[name], (loss.value(z, ones), slopes[name]), strict=True):
                marks[dot] = np.stack([z, height], axis=-1)[:, None]
        sentences = [
            f"z = {logit:.1f}, so p = {sigmoid(logit):.3g}. Slopes: "
            + ", ".join(f"{name} {slope[i]:.2g}" for name, slope in slopes.items())
            + "."
            for i, logit in enumerate(z)
        ]
        return Frames(marks, sentences)


class Atlas(Stage):
    """Every pixel a run: gradient descent on ½ λ w² for many learning rates α and curvatures λ.

    Colour: steps until a thousandth of the first distance is left; hatched: the run diverges. Click a
    pixel to see its run, and the law |1 − αλ|ᵏ it must follow, on the right.
    """

    RATES = np.geomspace(0.01, 10, 160)
    CURVATURES = np.geomspace(0.1, 250, 160)
    STEPS = 200

    def __init__(self, learning_rate=0.05, curvature=5.0):
        x, y = self.RATES, self.CURVATURES
        with np.errstate(over="ignore"):
            distance = np.abs(self._runs(x, y).thetas)
        arrived = distance <= 1e-3
        self.steps = np.where(arrived.any(axis=0), arrived.argmax(axis=0), np.nan)  # (α, λ)
        self.diverged = ~(distance[-1] <= 1)
        figure, (atlas, run) = plots.figure(2, height=4.2)
        shown = np.where(self.diverged, np.nan, self.steps).T
        image = atlas.pcolormesh(x, y, shown, cmap=plots.LAND, shading="nearest", rasterized=True)
        figure.colorbar(image, ax=atlas, label="steps to a thousandth", pad=0.02)
        hatched = atlas.contourf(x, y, self.diverged.T, [0.5, 1.5], colors="none", hatches=["///"])
        hatched.set(edgecolor="#c4c4c4", linewidth=0)
        atlas.plot(x, 2 / x, "--", x, 1 / x, ":", color="#1a1a1a", linewidth=1.2)
        atlas.text(0.035, 90, "limit αλ = 2", fontsize=8.5, bbox=plots.PAPER)
        atlas.text(0.0115, 14, "fastest αλ = 1", fontsize=8.5)
        atlas.set(xscale="log", yscale="log", xlim=x[[0, -1]], ylim=y[[0, -1]], facecolor="#f2f2f2")
        atlas.set(xlabel="learning rate α", ylabel="curvature λ", title="Every pixel a run")
        run.set(
            yscale="log",
            xlim=(0, 40),
            ylim=(1e-4, 1e4),
            xlabel="step k",
            ylabel="distance from the minimum",
        )
        run.set_title("The run of the chosen pixel")
        self._law = _moving(run, color=plots.GRADIENT, linestyle="--", linewidth=1.6)
        self._run = _moving(run, color=plots.PATH, linestyle="none", marker="o", markersize=4.5)
        self._pixel = _moving(atlas, **{**plots.point_style(), "markersize": 9})
        sliders = [
            Slider("learning_rate", "learning rate α", np.geomspace(0.01, 10, POSITIONS), learning_rate),
            Slider("curvature", "curvature λ", np.geomspace(0.1, 250, POSITIONS), curvature),
        ]
        handle = Handle(("learning_rate", "curvature"), atlas, "learning rate and curvature")
        super().__init__(figure, [self._law, self._run, self._pixel], sliders, [handle])

    def _runs(self, rates, curvatures, steps=STEPS):
        """A bowl with many curvatures is as many parabolas side by side; the rates are its lanes."""
        bowl = landscapes.Quadratic(curvatures)
        return descend(bowl, np.ones(len(curvatures)), GradientDescent(rates), steps)

    def frames(self, settings):
        """One frame a learning rate or a curvature."""
        asked, P = _lanes(settings)
        rates, curvatures = map(np.atleast_1d, (settings["learning_rate"], settings["curvature"]))
        p, k = np.arange(P), np.arange(41)
        distance = np.abs(self._runs(rates, curvatures, 40).thetas)[
            :, p % len(rates), p % len(curvatures)
        ].T
        factor = np.abs(1 - asked["learning_rate"] * asked["curvature"])
        with np.errstate(over="ignore"):
            law = factor[:, None] ** k
        marks = {
            self._law: np.stack(np.broadcast_arrays(k, law), axis=-1),
            self._run: np.stack(np.broadcast_arrays(k, distance), axis=-1),
            self._pixel: np.stack([asked["learning_rate"], asked["curvature"]], axis=-1)[:, None],
        }
        fates = np.select([factor < 1, factor > 1], ["shrinks", "grows"], "stays as it is")
        sentences = [
            f"α = {a:.3g}, λ = {c:.3g}, α · λ = {a * c:.3g}: the distance {fate}, {f:.3g} × a step."
            for a, c, f, fate in zip(
                asked["learning_rate"], asked["curvature"], factor, fates, strict=True
            )
        ]
        return Frames(marks, sentences)
