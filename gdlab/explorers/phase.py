"""Momentum on bowls: the long-run rate for every learning rate and every memory."""

from __future__ import annotations

import functools

import matplotlib
import numpy as np

from gdlab import landscapes, plots
from gdlab._arguments import number, numbers
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving, picture, xy
from gdlab.optimizers import Momentum
from gdlab.stage import Frames, Handle, Slider, Stage

EARLY, LATE = (200, 500), (700, 1000)  # steps: the largest distance in the one against that in the other


def measured_rate(learning_rate, beta, curvature):
    """What a step of momentum leaves of the distance from the minimum in the long run, measured.

    On ½ λ w², from w = 1 and v = 0: v ← β v + λ w; w ← w − α v. The largest distance in the steps LATE
    over the largest in EARLY, and of that the 500th root; above 1 it grows. The arguments broadcast.
    """
    rate, beta, curvature = (
        numbers(name, value, "fiu").astype(float)
        for name, value in (("learning_rate", learning_rate), ("beta", beta), ("curvature", curvature))
    )
    w = np.ones(np.broadcast_shapes(rate.shape, beta.shape, curvature.shape))
    v, largest = np.zeros_like(w), np.zeros_like(w)
    with np.errstate(all="ignore"):
        for k in range(LATE[1]):
            if k == EARLY[1]:  # from here on in units of the largest so far, so that nothing overflows
                largest = np.maximum(largest, np.finfo(float).tiny)
                w, v, largest = w / largest, v / largest, np.zeros_like(w)
            v = beta * v + curvature * w
            w = w - rate * v
            if EARLY[0] <= k < EARLY[1] or LATE[0] <= k:
                np.maximum(largest, np.abs(w), out=largest)
        left = largest ** (1 / (LATE[0] - EARLY[0]))
    return np.where(np.isnan(left), np.inf, left)


def best_momentum(low, high):
    """(α, β, rate): the optimum that theory gives for a bowl with curvatures from `low` to `high`.

    Source: Polyak (1964).
    """
    low, high = np.sqrt(low), np.sqrt(high)
    rate = (high - low) / (high + low)
    return (2 / (low + high)) ** 2, rate**2, rate


class Phase(Stage):
    """Momentum on a bowl: every pixel a learning rate α and a memory β, its colour the measured rate.

    The bowl has curvatures 1 and 1/κ. Colour: in how many steps the distance falls to a tenth, in the
    long run; hatched: it grows. Star: where theory puts the best pair. Click a pixel to see its run.

    `condition`: κ, from 10 to 1,000. `learning_rate` from 0.04 to 4, `beta` from 0 to 0.99.
    """

    RATES = np.linspace(0.04, 4, 100)
    BETAS = np.linspace(0, 0.99, 67)
    CONDITIONS = np.geomspace(10, 1000, 9)
    STEPS = 80

    def __init__(self, condition=100.0, learning_rate=1.0, beta=0.0):
        number("condition", condition, 10, 1000)
        number("learning_rate", learning_rate, self.RATES[0], self.RATES[-1])
        number("beta", beta, self.BETAS[0], self.BETAS[-1])
        for kappa in self.CONDITIONS:
            _map(float(kappa))  # once, so that no slider waits for one
        sliders = [
            Slider("learning_rate", "learning rate α", self.RATES, learning_rate),
            Slider("beta", "memory β", self.BETAS, beta),
            Slider("condition", "κ, how stretched the bowl is", self.CONDITIONS, condition),
        ]
        figure, chart = self._draw()
        handle = Handle(("learning_rate", "beta"), chart, "learning rate and memory")
        super().__init__(figure, self._parts, sliders, [handle])

    def _draw(self):
        figure, axes = plots.mosaic([["map", "parts"], ["map", "distance"]], height=4.8)
        chart, parts, distance = axes["map"], axes["parts"], axes["distance"]
        chart.set(xlim=(0.02, 4.02), ylim=(-0.0075, 0.9975), xlabel="learning rate α")
        chart.set(ylabel="memory β", title="Every pixel a run: how soon a tenth is left")
        chart.grid(False)
        chart.patch.set(hatch="///", edgecolor="#b0b0b0", facecolor="white", linewidth=0)
        image = picture(chart, matplotlib.colormaps["cividis"].resampled(36), *np.log10([2, 2000]))
        bar = figure.colorbar(
            image, ax=chart, pad=0.02, aspect=30, ticks=np.log10([2, 10, 100, 1000, 2000])
        )
        bar.ax.set_yticklabels(["2", "10", "100", "1000", "2000+"])
        bar.ax.minorticks_off()
        bar.set_label("steps to a tenth of the distance")
        chart.plot([2, 4], [0, 1], "--", color="#1a1a1a", linewidth=1.2)
        chart.text(3.3, 0.2, "limit α = 2 + 2β", fontsize=8.5, bbox=plots.PAPER, ha="center")
        parts.axhline(0, color=plots.QUIET, linewidth=0.8, linestyle=":")
        parts.set_yscale("symlog", linthresh=1, linscale=1.5)  # beyond ±1 in powers of ten
        parts.set(xlim=(0, self.STEPS), ylim=(-40, 40), ylabel="place on the axis")
        parts.set_yticks([-10, -1, 0, 1, 10], ["−10", "−1", "0", "1", "10"])
        parts.minorticks_off()
        parts.set_title("The run: gentle axis thick, steep axis thin")
        distance.set(xlim=(0, self.STEPS), ylim=(1e-6, 1e3), yscale="log", xlabel="step")
        distance.set(ylabel="distance")
        distance.set_title("Dashed: the long-run rate, as a slope")
        self._image = image
        self._steep = moving(parts, color=plots.GRADIENT, linestyle="-", linewidth=0.9)
        self._gentle = moving(parts, color=plots.PATH, linestyle="-", linewidth=2.6)
        self._run = moving(distance, color=plots.PATH, linestyle="none", marker="o", markersize=3.6)
        self._law = moving(distance, color=plots.GRADIENT, linestyle="--", linewidth=1.6)
        self._star = moving(chart, **plots.star_style(15))
        self._pixel = moving(chart, **{**plots.point_style(), "markersize": 8})
        self._parts = [image, self._star, self._pixel]
        self._parts += [self._steep, self._gentle, self._run, self._law]
        return figure, chart

    @property
    def trajectory(self):
        """The run that the picture shows."""
        bowl = landscapes.Quadratic([1, 1 / self.condition])
        return descend(bowl, [1, 1], Momentum(self.learning_rate, beta=self.beta), self.STEPS)

    def frames(self, settings):
        """One frame a learning rate, a memory or a κ."""
        asked, P = lanes(settings)
        rate, beta, kappa = (asked[name] for name in ("learning_rate", "beta", "condition"))
        curvature = np.stack([np.ones(P), 1 / kappa])  # (axes, P)
        w, v, places = np.ones((2, P)), np.zeros((2, P)), [np.ones((2, P))]
        for _ in range(self.STEPS):
            v = beta * v + curvature * w
            w = w - rate * v
            places.append(w)
        places = np.array(places).T  # (P, axes, steps)
        k, left = np.arange(self.STEPS + 1), measured_rate(rate, beta, curvature).max(axis=0)
        best = np.array(best_momentum(1 / kappa, 1)[:2]).T
        distance = np.linalg.norm(places, axis=1)

        images = {float(each): _map(float(each)) for each in dict.fromkeys(kappa)}
        one = next(iter(images.values()))
        marks = {
            self._image: one if len(images) == 1 else np.stack([images[float(each)] for each in kappa]),
            self._star: best[:, None],
            self._pixel: np.stack([rate, beta], axis=-1)[:, None],
            self._steep: xy(k, places[:, 0]),
            self._gentle: xy(k, places[:, 1]),
            self._law: xy(k, _touching(distance, left)),
            self._run: xy(k, distance),
        }
        return Frames(marks, [_sentence(*each) for each in zip(rate, beta, kappa, left, strict=True)])


def _touching(distance, left):
    """The law leftᵏ for each run, as high as it must be to touch the run's second half from above."""
    with np.errstate(all="ignore"):
        k = np.arange(distance.shape[1])
        logs = np.log10(np.maximum(distance, 1e-300))
        slope = np.log10(np.clip(left, 1e-9, 1e9))[:, None]
        half = distance.shape[1] // 2
        height = (logs - slope * k)[:, half:].max(axis=1, keepdims=True)
        return 10.0 ** (height + slope * k)


@functools.lru_cache(maxsize=64)
def _map(kappa):
    """log₁₀ of the steps to a tenth of the distance for every pixel, NaN where the distance grows."""
    grid = Phase.RATES, Phase.BETAS[:, None]
    left = np.maximum(_steep_map(), measured_rate(*grid, 1 / kappa))
    with np.errstate(all="ignore"):
        return np.where(left < 1, -np.log10(-np.log10(left)), np.nan)


@functools.cache
def _steep_map():
    return measured_rate(Phase.RATES, Phase.BETAS[:, None], 1.0)


def _sentence(rate, beta, kappa, left):
    about = f"α = {rate:.4g}, β = {beta:.4g}, κ = {kappa:.0f}: "
    if abs(left - 1) < 1e-6:
        return about + "in the long run the distance stays as it is."
    if left > 1:
        return about + f"the distance grows, {left:.3g} × a step."
    steps = np.ceil(np.log(0.1) / np.log(max(left, 1e-9)))
    share = f"{left:.3g}" if left < 0.9995 else f"{left:.5f}"
    return f"{about}in the long run a step leaves {share} of the distance, {steps:,.0f} steps a tenth."
