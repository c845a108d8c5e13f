"""A line over real penguins: moved by hand, and learned."""

from __future__ import annotations

import numpy as np

from gdlab import data, plots
from gdlab._arguments import whole
from gdlab.closed_form import lstsq
from gdlab.descent import descend
from gdlab.explorers.common import POSITIONS, lanes, moving, xy
from gdlab.losses import SquaredError
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage
from gdlab.words import counted


class LineFit(Stage):
    """A line over real penguins under a weight and a bias slider, and the same line as a point on the
    surface of the mean squared error. Click or drag on the surface to choose both at once.

    `weight`, `bias`: where the line begins, in gram per standard deviation and in gram.
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
        labels = ("weight w (g per standard deviation)", "bias b (g)")
        plots.contours(surface, self.objective, window, labels=labels)
        surface.plot(*self.solution, **plots.star_style())
        surface.set_title("The same line, a point among all lines")
        self._residuals = moving(birds, color=plots.PATH, linestyle="-", linewidth=1, alpha=0.6)
        self._line = moving(birds, color=plots.GRADIENT, linestyle="-", linewidth=2.4)
        self._point = moving(surface, **plots.point_style(plots.GRADIENT))
        sliders = [
            Slider("weight", "weight w", np.linspace(*window[0], POSITIONS + 1), weight),
            Slider("bias", "bias b", np.linspace(*window[1], POSITIONS + 1), bias),
        ]
        handle = Handle(("weight", "bias"), surface, "weight and bias")
        super().__init__(figure, [self._residuals, self._line, self._point], sliders, [handle])

    def frames(self, settings):
        """One frame a position of the weight or of the bias."""
        asked, P = lanes(settings)
        theta = np.stack([asked["weight"], asked["bias"]], axis=-1)
        x, y = self.dataset.X[self._rows, 0], self.dataset.y[self._rows]
        predicted = theta[:, :1] * x + theta[:, 1:]
        ends = np.array([-2.3, 2.4])
        residuals = np.full((P, len(x), 3, 2), np.nan)  # from the line to the bird, then a gap
        residuals[:, :, :2, 0] = x[:, None]
        residuals[:, :, 0, 1], residuals[:, :, 1, 1] = predicted, y
        line = xy(ends, theta[:, :1] * ends + theta[:, 1:])
        losses, lowest = self.objective(theta), float(self.objective(self.solution))
        sentences = [
            f"w = {w:.0f}, b = {b:.0f}: mean squared error {loss / 1000:,.0f} thousand g², "
            f"its root {loss**0.5:.0f} g; {loss / lowest:.2f} × the lowest possible."
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
            xlim=(-2.3, 2.4), ylim=(-500, 7000), title="342 penguins, and what was learned from them"
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
        self._trail = moving(birds, color=plots.PATH, linestyle="-", linewidth=1, alpha=0.35)
        self._line = moving(birds, color=plots.PATH, linestyle="-", linewidth=2.6)
        self._values = moving(value, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = moving(value, **plots.point_style())
        sliders = [
            Slider(
                "learning_rate", "learning rate α", np.geomspace(0.005, 1.5, POSITIONS), learning_rate
            ),
            Slider(
                "steps", "steps", np.arange(0, self.MOST_STEPS + 1), whole("steps", steps), play=True
            ),
        ]
        super().__init__(figure, [self._trail, self._line, self._values, self._last], sliders)

    @property
    def trajectory(self):
        """The run that the picture shows."""
        rate, steps = self.settings.values()
        return descend(self.objective, [0, 0], GradientDescent(rate), round(steps))

    def frames(self, settings):
        """One frame a learning rate or a number of steps."""
        asked, P = lanes(settings)
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
        if rate > 1:
            miss = f"after {counted(steps, 'step')} the typical miss is {value**0.5:.3g} g"
            return f"α = {rate:.3g} is above the limit 1: every step lands further off; {miss}."
        return (
            f"α = {rate:.3g}, {counted(steps, 'step')}: "
            f"body mass ≈ {theta[0]:.0f} · flipper + {theta[1]:.0f} g; "
            f"typical miss {value**0.5:.0f} g, lowest possible {self._lowest**0.5:.0f} g."
        )
