"""The wiring board: any source of gradients, any update rule."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gdlab import plots
from gdlab._arguments import inside, option, whole
from gdlab.data import Dataset
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving
from gdlab.losses import SquaredError
from gdlab.models import Network
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import Adam, GradientDescent, Momentum, RMSProp
from gdlab.stage import Frames, Handle, Menu, Slider, Stage
from gdlab.words import counted

WINDOW = ((-0.3, 3.5), (-0.3, 2.1))


class Wave:
    """The mean squared error of ŷ = v tanh(w x) on 21 points of the wave y = sin 1.5x; theta = (w, v).

    A network with one hidden unit and no biases. Its gradient is written here four times; each
    subclass is one source of it.
    """

    dimension, window = 2, WINDOW
    x = np.linspace(-2, 2, 21)
    y = np.sin(1.5 * x)

    def __call__(self, theta):
        """The value, shape (...)."""
        w, v = theta[..., :1], theta[..., 1:]
        return np.mean((v * np.tanh(w * self.x) - self.y) ** 2, axis=-1)


class Formula(Wave):
    """The derivative worked out on paper, and typed in."""

    def gradient(self, theta):
        """Shape (..., 2)."""
        w, v = theta[..., :1], theta[..., 1:]
        h = np.tanh(w * self.x)
        slope = 2 * (v * h - self.y)
        parts = [slope * v * self._bend(h) * self.x, slope * h]
        return np.stack([part.mean(axis=-1) for part in parts], axis=-1)

    def _bend(self, h):
        return 1 - h**2


class Wrong(Formula):
    """The same with a famous slip: the slope of tanh, 1 − h², is forgotten."""

    def _bend(self, h):
        return 1.0


class Backpropagation(Wave):
    """The network's own backward pass; its two biases are held at 0."""

    def __init__(self):
        wave = Dataset(self.x[:, None], self.y, ["x"], "y", "a wave")
        self.risk = EmpiricalRisk(Network((1, 1, 1)), SquaredError(), wave)

    def gradient(self, theta):
        """Shape (..., 2)."""
        whole_theta = np.zeros((*theta.shape[:-1], 4))  # w, its bias, v, its bias
        whole_theta[..., ::2] = theta
        return self.risk.gradient(whole_theta)[..., ::2]


class Differences(Wave):
    """Two looks for each parameter, a millionth to either side."""

    def gradient(self, theta, h=1e-6):
        """Shape (..., 2)."""
        rises = [self(theta + nudge) - self(theta - nudge) for nudge in h * np.eye(2)]
        return np.stack(rises, axis=-1) / (2 * h)


class Wiring(Stage):
    """One menu chooses where the gradients come from, another what is done with them.

    Left the landscape of a tiny network and the run, right its value at each step; the broad grey line
    is the same rule fed by the formula. Click or drag on the landscape to start elsewhere.

    `source`: one of Wiring.SOURCES. `rule`: one of Wiring.RULES. `start`: (w, v) inside the window.
    """

    SOURCES: ClassVar = {
        "analytic formula": Formula,
        "backpropagation": Backpropagation,
        "finite differences": Differences,
        "wrong on purpose": Wrong,
    }
    RULES: ClassVar = {
        "gradient descent": GradientDescent(0.15),
        "momentum": Momentum(0.04),
        "RMSProp": RMSProp(0.02),
        "Adam": Adam(0.08),
    }
    MOST_STEPS = 80

    def __init__(
        self, source="backpropagation", rule="gradient descent", start=(0.4, 0.3), steps=MOST_STEPS
    ):
        option("source", source, self.SOURCES)
        option("rule", rule, self.RULES)
        start = inside("start", start, np.array(WINDOW))
        self.sources = {name: kind() for name, kind in self.SOURCES.items()}
        figure, (land, value) = plots.figure(2, height=3.9)
        truth = self.sources["analytic formula"]
        plots.contours(land, truth, labels=("weight w", "weight v"))
        best = descend(truth, [2.9, 0.7], Adam(0.02), 2000).thetas[-1]
        plots.minima(land, truth, best[None])
        land.set_title("The run on the landscape")
        value.set(xlim=(0, self.MOST_STEPS), ylim=(0, 0.6), xlabel="step", ylabel="value")
        value.set_title("The value at each step")
        low = float(truth(best))
        value.axhline(low, color=plots.TRUTH, linestyle=":", linewidth=1.4)
        value.text(1, low - 0.012, "lowest", color=plots.TRUTH, va="top", fontsize=8.5)
        broad = {"color": plots.QUIET, "linestyle": "-", "linewidth": 7, "alpha": 0.5}
        self._reference, self._levels_reference = (moving(ax, **broad) for ax in (land, value))
        value.plot([], [], **broad, label="the formula's run")
        value.legend(loc="upper right")
        # Without the outline: the steps are short, and the broad line must be seen beside them.
        style = {**plots.path_style(), "markersize": 3, "markeredgewidth": 0, "path_effects": []}
        self._path = moving(land, **style)
        self._start = moving(land, **plots.start_style())
        self._here = moving(land, **plots.point_style())
        self._levels = moving(value, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._last = moving(value, **plots.point_style())
        marks = [self._reference, self._levels_reference, self._path, self._start, self._here]
        marks += [self._levels, self._last]
        steps = whole("steps", steps, low=1)
        sliders = [
            Menu("source", "gradients from", self.SOURCES, list(self.SOURCES).index(source)),
            Menu("rule", "update rule", self.RULES, list(self.RULES).index(rule)),
            Slider("steps", "steps", np.arange(1, self.MOST_STEPS + 1), steps, play=True),
        ]
        for axis, name, begin, ends in zip("wv", ("start_w", "start_v"), start, WINDOW, strict=True):
            positions = np.linspace(*ends, 61)
            sliders.append(Slider(name, f"start, weight {axis}", positions, begin, folded=True))
        handle = Handle(("start_w", "start_v"), land, "start of the run")
        super().__init__(figure, marks, sliders, [handle])

    @property
    def trajectory(self):
        """The run that the picture shows."""
        now = self.settings
        source = list(self.sources.values())[round(now["source"])]
        rule = list(self.RULES.values())[round(now["rule"])]
        return descend(source, [now["start_w"], now["start_v"]], rule, round(now["steps"]))

    def frames(self, settings):
        """One frame a source, a rule, a number of steps or a start."""
        asked, P = lanes(settings)
        source, rule, steps = (np.rint(asked[name]).astype(int) for name in ("source", "rule", "steps"))
        starts = np.stack([asked["start_w"], asked["start_v"]], axis=-1)
        most = steps.max()
        thetas, values = np.empty((2, P, most + 1, 2)), np.empty((2, P, most + 1))
        for i, optimizer in enumerate(self.RULES.values()):
            for j, objective in enumerate(self.sources.values()):
                for row, chosen in ((0, (rule == i) & (j == 0)), (1, (rule == i) & (source == j))):
                    if not chosen.any():
                        continue
                    # Only the starts differ from lane to lane; where they do not, one lane is enough.
                    own, back = np.unique(starts[chosen], axis=0, return_inverse=True)
                    run = descend(objective, own, optimizer, most)
                    thetas[row, chosen] = run.thetas.swapaxes(0, 1)[back.ravel()]
                    values[row, chosen] = run.values.T[back.ravel()]
        k, p = np.arange(most + 1), np.arange(P)
        shown_so_far = np.where(k <= steps[:, None], 1.0, np.nan)
        levels = np.stack([k * shown_so_far + 0 * values, values * shown_so_far], axis=-1)
        paths = thetas * shown_so_far[..., None]
        marks = {
            self._reference: paths[0],
            self._path: paths[1],
            self._start: starts[:, None],
            self._here: thetas[1, p, steps][:, None],
            self._levels_reference: levels[0],
            self._levels: levels[1],
            self._last: levels[1, p, steps][:, None],
        }
        apart = np.nanmax(np.abs(paths[1] - paths[0]), axis=(1, 2))
        told = zip(source, rule, steps, values[:, p, steps].T, apart, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, source, rule, steps, values, apart):
        source, rule = list(self.SOURCES)[source], list(self.RULES)[rule]
        rate = self.RULES[rule].learning_rate
        after = f"After {counted(steps, 'step')}"
        wired = f"Gradients: {source}. Rule: {rule}, α = {rate:g}. {after}"
        if source == "analytic formula":
            return f"{wired} the value is {values[1]:.2g}."
        if apart < 1e-6:
            return (
                f"{wired} the value is {values[1]:.2g}; the formula's run is less than a millionth away."
            )
        return f"{wired} the value is {values[1]:.2g}; by the formula it is {values[0]:.2g}."
