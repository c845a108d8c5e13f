"""Many walkers in a double well: descent with noise on every slope."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import number, whole
from gdlab.explorers.common import lanes, moving, xy
from gdlab.landscapes import DoubleWell
from gdlab.stage import Frames, Slider, Stage
from gdlab.words import counted


class Walkers(Stage):
    """500 walkers in the higher of two valleys, each descending by slopes with noise, under a slider.

    w ← w − α (slope + σ · a standard normal number), α = 0.05, from the bottom of the right valley. Left
    150 of them on the landscape, lifted by up to 0.05 to tell them apart. Right, against σ: the share in
    the left valley, and the mean height above the lowest point, without the lift. All σ share the same
    numbers.

    `noise`: σ, 0 to 8. `steps`: 0 to 600; the slider moves by 6.
    """

    RATE, COUNT, DRAWN, STRIDE, MOST = 0.05, 500, 150, 6, 600

    def __init__(self, noise=4.0, steps=600, seed=0):
        self._noises = np.linspace(0, 8, 41)
        number("noise", noise, 0, 8)
        whole("steps", steps, high=self.MOST)
        self.well = DoubleWell()
        hill = np.sort(np.roots([4, 0, -4, self.well.tilt]).real)[1]  # where the slope is 0 between them
        self._lift = np.random.default_rng(0).uniform(0, 0.05, self.DRAWN)
        self._places = self._walk(np.random.default_rng(whole("seed", seed)))  # (101, 41, 500)
        height = self.well(self._places[..., None]) - self.well(self.well.minima[0])
        self.shares, self.heights = (self._places < hill).mean(axis=-1), height.mean(axis=-1)
        figure = self._draw()
        times = np.arange(0, self.MOST + 1, self.STRIDE)
        sliders = [
            Slider("noise", "noise σ of every slope", self._noises, noise),
            Slider("steps", "steps", times, steps, play=True),
        ]
        super().__init__(figure, self._moving_parts, sliders)

    def _walk(self, rng):
        """Where the walkers are after 0, 6, 12 … steps, for every σ."""
        w = np.full((len(self._noises), self.COUNT), self.well.minima[1, 0])
        kept = [w]
        for step in range(1, self.MOST + 1):
            slope = self.well.gradient(w[..., None])[..., 0]
            w = w - self.RATE * (slope + self._noises[:, None] * rng.normal(size=self.COUNT))
            if step % self.STRIDE == 0:
                kept.append(w)
        return np.array(kept)

    def _draw(self):
        figure, axes = plots.mosaic([["well", "share"], ["well", "height"]], height=4.6)
        well, share, height = axes["well"], axes["share"], axes["height"]
        plots.curve(well, self.well)
        well.set(ylim=(-0.6, 3.2), title=f"{self.DRAWN} of the {self.COUNT} walkers")
        share.set(ylim=(-0.04, 1.04), ylabel="share", title="Share in the left, lower valley")
        height.set(ylim=(0, 1.1), ylabel="height", title="Mean height above the lowest point")
        dots = {"marker": "o", "markersize": 4.5, "markeredgewidth": 0, "alpha": 0.6}
        self._dots = moving(well, color=plots.PATH, linestyle="none", **dots)
        self._star = moving(well, **plots.star_style())  # a mark, to lie above the walkers
        self._curves, self._here = [], []
        for ax, color, style in ((share, plots.TRUTH, "--"), (height, plots.PATH, "-")):
            ax.set(xlim=(0, 8), xlabel="noise σ")
            self._curves.append(moving(ax, color=color, linestyle=style, linewidth=2))
            self._here.append(moving(ax, **plots.point_style(color)))
        self._moving_parts = [self._dots, self._star, *self._curves, *self._here]
        return figure

    def frames(self, settings):
        """One frame a noise, or one a step; between two positions the nearer one."""
        asked, _ = lanes(settings)
        s = np.abs(asked["noise"][:, None] - self._noises).argmin(axis=1)
        k = np.rint(asked["steps"] / self.STRIDE).astype(int)
        w = self._places[k, s, : self.DRAWN]
        marks = {
            self._dots: np.stack([w, self.well(w[..., None]) + self._lift], axis=-1),
            self._star: np.array([[self.well.minima[0, 0], self.well(self.well.minima[0])]]),
        }
        one_step = bool((k == k[0]).all())
        for values, curve, here in zip(
            (self.shares, self.heights), self._curves, self._here, strict=True
        ):
            marks[curve] = xy(self._noises, values[k[:1] if one_step else k])
            marks[here] = np.stack([self._noises[s], values[k, s]], axis=-1)[:, None]
        told = zip(self._noises[s], k * self.STRIDE, self.shares[k, s], self.heights[k, s], strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, noise, steps, share, height):
        return (
            f"σ = {noise:.1f}, {counted(steps, 'step')}: in the left valley "
            f"{round(share * self.COUNT)} of {self.COUNT} walkers; "
            f"mean height above the lowest point {height:.2f}."
        )
