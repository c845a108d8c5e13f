"""The gradients of many mini-batches at one point, and how they scatter around the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdlab import plots
from gdlab._arguments import inside, shown, whole
from gdlab.closed_form import lstsq
from gdlab.explorers.common import lanes, moving
from gdlab.explorers.compass import arrows, units
from gdlab.losses import SquaredError
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk
from gdlab.stage import Frames, Handle, Slider, Stage

DRAWS = 500
RING = units(np.arange(0, 361, 6))


class Microscope(Stage):
    """500 mini-batch gradients of a line's mean squared error at one point, under a batch-size slider.

    Left each mini-batch's gradient as a dot, their mean, the true gradient as an arrow, and an ellipse:
    two of the standard deviations that the law expects, in every direction. A dot beyond the dotted line
    belongs to a step that goes uphill; the sentence counts the dots outside the picture. Right the point
    among all lines, and the noise against the batch size B: the root of the mean squared distance from
    the true gradient.

    A batch of B is the first B of the N examples in a shuffled order; as B grows, the order stays. No
    example is drawn twice, so the law is σ/√B · √((N − B)/(N − 1)), with σ the noise of single examples.

    `risk`: squared error of `Linear` on one standardized feature. `theta`: weight and bias, no
    further from the best line's than 1.4 standard deviations of the target. `size`: B, 1 to N.
    """

    def __init__(self, risk, theta, size=10, seed=0):
        fits = isinstance(risk, EmpiricalRisk) and isinstance(risk.model, Linear)
        if not fits or not isinstance(risk.loss, SquaredError) or risk.dimension != 2:
            raise ValueError(
                f"risk: the squared error of a line on one feature is expected, {shown(risk)} given"
            )
        self.risk, X, y = risk, risk.dataset.X, risk.dataset.y
        if not (np.allclose(X.mean(), 0) and np.allclose(X.std(), 1) and np.ptp(y) > 0):
            raise ValueError("risk: a standardized feature and targets that vary are expected")
        self.minimum, self._reach = lstsq(X, y), 1.4 * float(y.std())
        self.window = self.minimum[:, None] + self._reach * np.array([-1, 1])
        theta = inside("theta", theta, self.window)
        whole("size", size, 1, len(y))
        rng = np.random.default_rng(whole("seed", seed))
        self._orders = np.array([rng.permutation(len(y)) for _ in range(DRAWS)])
        self._kept = None
        figure, land = self._draw(len(y))
        sizes = np.unique(np.rint(np.geomspace(1, len(y), 75)).astype(int))
        sliders = [Slider("size", "batch size B", sizes, size)]
        for name, value, span in zip(("weight", "bias"), theta, self.window, strict=True):
            positions = np.linspace(*span, 101)
            label = f"point, {name} {name[0]}"
            sliders.append(Slider(name, label, positions, value, folded=True, ahead=False))
        super().__init__(
            figure, self._moving_parts, sliders, [Handle(("weight", "bias"), land, "point")]
        )

    def _draw(self, n):
        figure, axes = plots.mosaic([["cloud", "land"], ["cloud", "noise"]], height=5.2)
        cloud, land, noise = axes["cloud"], axes["land"], axes["noise"]
        for line in (cloud.axhline, cloud.axvline):
            line(0, color="#b5b5b5", linestyle="-", linewidth=0.8)
        self._edge = 5.8 * self._reach
        span = self._edge * np.array([-1, 1])
        cloud.set(xlim=span, ylim=span, aspect="equal", title=f"The gradients of {DRAWS} mini-batches")
        _, bracket, rest = self.risk.dataset.target.partition(" (")  # 'body mass (kg)': all is in kg
        unit = bracket + rest
        cloud.set(xlabel=f"slope for the weight w{unit}", ylabel=f"slope for the bias b{unit}")
        plots.contours(land, self.risk, self.window, labels=(f"weight w{unit}", f"bias b{unit}"))
        plots.minima(land, self.risk, self.minimum[None])
        land.set(aspect="equal", title="The point where they are measured")
        noise.set(xscale="log", yscale="log", xlim=(1, n), ylim=(0.02 * self._reach, 8 * self._reach))
        noise.set(
            xlabel="batch size B", ylabel=f"noise{unit}", title="Their noise, against the batch size"
        )
        ticks = [tick for tick in (1, 10, 100, 1000, 10_000) if tick < n / 1.5] + [n]
        noise.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        noise.yaxis.set_major_formatter("{x:g}")
        orange, black = plots.PATH, "#1a1a1a"
        small = {"marker": "o", "markersize": 3.2, "markeredgewidth": 0, "alpha": 0.5}
        level = {"linestyle": ":", "linewidth": 1.6, "label": "beyond it: uphill"}
        self._level = moving(cloud, color=plots.QUIET, **level)
        self._dots = moving(cloud, color=orange, linestyle="none", label="one mini-batch", **small)
        self._ellipse = moving(cloud, color=black, linestyle="--", linewidth=1.3, label="the law")
        blue = {"color": plots.GRADIENT, "linestyle": "-", "linewidth": 2.6}
        self._true = moving(cloud, **blue, path_effects=plots.OUTLINE, label="the true gradient")
        mark = {**plots.start_style(black), "marker": "D", "markersize": 8}  # hollow: the tip is seen
        self._mean = moving(cloud, **mark, label=f"mean of the {DRAWS}")
        named = [self._dots, self._mean, self._true, self._ellipse, self._level]
        figure.legend(handles=named, loc="outside lower center", ncols=5)
        self._here = moving(land, **plots.point_style())
        self._law = moving(noise, color=black, linestyle="--", linewidth=1.3)
        self._measured = moving(noise, color=orange, linestyle="-", linewidth=2.2, alpha=0.8)
        self._at = moving(noise, **plots.point_style())
        self._moving_parts = [
            self._level, self._dots, self._ellipse, self._true, self._mean, self._here, self._law,
            self._measured, self._at,
        ]  # fmt: skip
        return figure, land

    def gradients(self, size: int) -> np.ndarray:
        """The gradients (500, 2) of mini-batches of that size at the point shown."""
        whole("size", size, 1, len(self.risk.dataset))
        return self._view(np.array([self.weight, self.bias])).sums[:, size - 1] / size

    def _view(self, theta):
        """What can be seen from one point; the last one is kept."""
        if self._kept is None or not np.array_equal(self._kept.theta, theta):
            X, y = self.risk.dataset.X, self.risk.dataset.y
            prediction, pullback = self.risk.model.forward(theta, X)
            single = pullback(np.diag(self.risk.loss.slope(prediction, y)))  # (n, 2): one an example
            sums, B = np.cumsum(single[self._orders], axis=1), np.arange(1, len(y) + 1)
            away = sums / B[:, None] - single.mean(axis=0)
            noise = np.sqrt((away**2).sum(axis=-1).mean(axis=0))
            width, turn = np.linalg.eigh(np.cov(single.T, bias=True))
            around = RING @ (turn * np.sqrt(np.maximum(width, 0))).T
            shrink = np.sqrt((len(y) - B) / (len(y) - 1) / B)
            self._kept = View(
                theta.copy(), single.mean(axis=0), sums, noise, around, shrink, width.sum() ** 0.5
            )
        return self._kept

    def frames(self, settings):
        """One frame a batch size, or one a point: a new point costs some milliseconds."""
        asked, _ = lanes(settings)
        thetas = np.stack([asked["weight"], asked["bias"]], axis=-1)
        sizes = np.rint(asked["size"]).astype(int)
        B, reach = self._sliders["size"].values.astype(int), self._reach
        one_point = bool((thetas == thetas[0]).all())
        fixed, moves, sentences = [], [], []
        for theta, size in zip(thetas, sizes, strict=True):
            view = self._view(theta)
            dots, length = view.sums[:, size - 1] / size, np.linalg.norm(view.true)
            unit = view.true / length if length > 1e-6 * view.sigma else np.full(2, np.nan)
            across = np.array([-unit[1], unit[0]]) * 20 * reach
            seen = np.where(B < len(self.risk.dataset), 1.0, np.nan)  # no noise is left at N
            fixed.append(
                {
                    self._level: np.stack([-across, across]),
                    self._true: arrows(
                        np.zeros((1, 2)), length * unit[None], min(0.5 * reach, 0.4 * length)
                    )[0],
                    self._here: theta[None],
                    self._law: np.stack([B, view.sigma * view.shrink[B - 1] * seen], axis=-1),
                    self._measured: np.stack([B, view.noise[B - 1] * seen], axis=-1),
                }
            )
            height = view.noise[size - 1] if size < len(self.risk.dataset) else np.nan
            moves.append(
                {
                    self._dots: dots,
                    self._ellipse: view.true + 2 * view.shrink[size - 1] * view.around,
                    self._mean: dots.mean(axis=0)[None],
                    self._at: np.array([[size, height]]),
                }
            )
            along = dots @ view.true if length > 1e-6 * view.sigma else None
            outside = int((np.abs(dots) > self._edge).any(axis=1).sum())
            sentences.append(self._sentence(size, height, length, along, outside))
        marks = {mark: np.stack([frame[mark] for frame in moves]) for mark in moves[0]}
        for mark in fixed[0]:
            marks[mark] = fixed[0][mark] if one_point else np.stack([frame[mark] for frame in fixed])
        return Frames(marks, sentences)

    def _sentence(self, size, noise, length, along, outside):
        lie = f"; {outside} lie{'s' if outside == 1 else ''} outside the picture" if outside else ""
        if along is None:
            rest = "no noise" if np.isnan(noise) else f"noise {noise:.2g}, so every step leads away"
            return f"B = {size} at the lowest point: the gradient is 0, {rest}{lie}."
        if np.isnan(noise):
            return f"B = {size}: all examples, no noise; the gradient is {length:.2g} long."
        return (
            f"B = {size}: noise {noise:.2g} around a gradient of length {length:.2g}; "
            f"{np.sum(along > 0)} of {DRAWS} mini-batches point downhill{lie}."
        )


@dataclass(frozen=True, eq=False)
class View:
    """From one point: the true gradient, sums over the first B examples of every order, their noise for
    every B, the ellipse of single examples, what it shrinks by, and σ."""

    theta: np.ndarray
    true: np.ndarray
    sums: np.ndarray
    noise: np.ndarray
    around: np.ndarray
    shrink: np.ndarray
    sigma: float
