"""Many learning rates against many curvatures."""

from __future__ import annotations

import numpy as np

from gdlab import landscapes, plots
from gdlab.descent import descend
from gdlab.explorers.common import POSITIONS, lanes, moving, xy
from gdlab.optimizers import GradientDescent
from gdlab.stage import Frames, Handle, Slider, Stage
from gdlab.sweeps import sweep


def _bowl(rates, curvatures):
    """A bowl with many curvatures is as many parabolas side by side; the rates are its lanes."""
    return landscapes.Quadratic(curvatures), np.ones(len(curvatures)), GradientDescent(rates)


def _arrival(walk):
    """Of each parabola the first step with a thousandth of the distance, or NaN; the last distance."""
    first = np.nan
    for k, (theta, _, _) in enumerate(walk):
        first = np.where(np.isnan(first) & (np.abs(theta) <= 1e-3), k, first)
    return first, np.abs(theta)


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
        self.steps, distance = sweep(*_bowl(x, y), self.STEPS, _arrival)  # (α, λ)
        self.diverged = ~(distance <= 1)
        figure, (atlas, run) = plots.figure(2, height=4.2)
        shown = np.where(self.diverged, np.nan, self.steps).T
        image = atlas.pcolormesh(x, y, shown, cmap=plots.LAND, shading="nearest", rasterized=True)
        figure.colorbar(image, ax=atlas, label="steps to a thousandth", pad=0.02)
        hatched = atlas.contourf(x, y, self.diverged.T, [0.5, 1.5], colors="none", hatches=["///"])
        hatched.set(edgecolor="#c4c4c4", linewidth=0)
        atlas.plot(x, 2 / x, "--", x, 1 / x, ":", color="#1a1a1a", linewidth=1.2)
        atlas.text(0.035, 90, "limit αλ = 2", fontsize=8.5, bbox=plots.PAPER)
        along = {"rotation": -42, "ha": "center", "va": "center"}
        atlas.text(0.4, 1.6, "fastest αλ = 1", fontsize=8.5, **along)
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
        self._law = moving(run, color=plots.GRADIENT, linestyle="--", linewidth=1.6)
        self._run = moving(run, color=plots.PATH, linestyle="none", marker="o", markersize=4.5)
        self._pixel = moving(atlas, **{**plots.point_style(), "markersize": 9})
        sliders = [
            Slider("learning_rate", "learning rate α", np.geomspace(0.01, 10, POSITIONS), learning_rate),
            Slider("curvature", "curvature λ", np.geomspace(0.1, 250, POSITIONS), curvature),
        ]
        handle = Handle(("learning_rate", "curvature"), atlas, "learning rate and curvature")
        super().__init__(figure, [self._law, self._run, self._pixel], sliders, [handle])

    def frames(self, settings):
        """One frame a learning rate or a curvature."""
        asked, P = lanes(settings)
        rates, curvatures = map(np.atleast_1d, (settings["learning_rate"], settings["curvature"]))
        p, k = np.arange(P), np.arange(41)
        distance = np.abs(descend(*_bowl(rates, curvatures), 40).thetas)
        distance = distance[:, p % len(rates), p % len(curvatures)].T
        factor = np.abs(1 - asked["learning_rate"] * asked["curvature"])
        with np.errstate(over="ignore"):
            law = factor[:, None] ** k
        marks = {
            self._law: xy(k, law),
            self._run: xy(k, distance),
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
