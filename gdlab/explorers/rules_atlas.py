"""Every pixel a run of an update rule: learning rate against start, or against curvature."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import ClassVar

import numpy as np
from matplotlib import ticker
from matplotlib.colors import LinearSegmentedColormap

from gdlab import landscapes, plots
from gdlab._arguments import option, shown
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving, picture, xy
from gdlab.explorers.rules import RULES, build
from gdlab.stage import Frames, Handle, Menu, Slider, Stage
from gdlab.sweeps import sweep

WELL = landscapes.DoubleWell()
# Blue on the left, orange on the right, strong where it is quick; safe for colour-blind readers.
ENDS = LinearSegmentedColormap.from_list("ends", ["#08306b", "#6baed6", "#f2f2f2", "#fdae6b", "#8c3a00"])


class RulesAtlas(Stage):
    """For one rule at a time: 160 learning rates against 120 starts, or against 120 curvatures.

    `against` "start": runs in the double well, blue where they end in its lower left valley, orange in
    the right one. `against` "curvature": runs on ½ λ w² from w = 1, orange where they end at 0. The
    stronger the colour, the fewer steps until the run is within 0.001 of a minimum, there to stay up to
    step 200; pale: not by then. Hatched: it has left for good. Click a pixel to see its run, or draw a
    rectangle to zoom.
    """

    NEAR, STEPS, FAR = 1e-3, 200, 100.0
    SIZE = (120, 160)  # rows, columns
    SPANS: ClassVar = {"start": ((1e-3, 3.0), (-2.0, 2.0)), "curvature": ((1e-3, 3.0), (0.1, 250.0))}

    def __init__(self, against="start", rule="momentum", learning_rate=0.05, y=None, beta=0.9):
        self._against = option("against", against, self.SPANS)
        index = list(RULES).index(option("rule", rule, RULES))
        y = (1.9 if against == "start" else 5.0) if y is None else y
        self._map = functools.lru_cache(maxsize=8)(self._map)
        self._paper, (self._atlas, run) = plots.figure(2, height=4.4)
        title = "Every pixel a run: blue ends left, orange right"
        if against == "curvature":
            title = "Every pixel a run: the darker, the sooner near 0"
        atlas, spans = self._atlas, self.SPANS[against]
        atlas.set(xscale="log", xlim=spans[0], ylim=spans[1], xlabel="learning rate α")
        atlas.set(ylabel="start w" if against == "start" else "curvature λ", title=title)
        atlas.set_yscale("linear" if against == "start" else "log")
        atlas.grid(False)
        atlas.set_facecolor("white")
        atlas.fill_between([0, 1], 0, 1, transform=atlas.transAxes, facecolor="none", hatch="///",
                           edgecolor="#c4c4c4", linewidth=0, zorder=-2)  # fmt: skip
        run.set(xlim=(0, self.STEPS), xlabel="step", title="The run of the chosen pixel")
        if against == "start":
            run.set(ylim=(-2.1, 2.1), ylabel="w")
            for w, name in zip(WELL.minima[:, 0], ("lower valley", "higher valley"), strict=True):
                run.axhline(w, color=plots.TRUTH, linewidth=1.2, linestyle="--")
                run.text(self.STEPS * 0.985, w + 0.06, name, ha="right", fontsize=8.5, color="#00664b")
        else:
            run.set(ylim=(1e-6, 1e3), yscale="log", ylabel="distance from the minimum")
            run.axhline(self.NEAR, color=plots.TRUTH, linewidth=1.2, linestyle="--")
            run.text(self.STEPS * 0.985, self.NEAR * 1.25, "near: 0.001", ha="right", fontsize=8.5,
                     color="#00664b")  # fmt: skip
        self._image = picture(atlas, cmap=ENDS, vmin=-1, vmax=1)
        self._line = moving(
            run, color=plots.PATH, linestyle="-", linewidth=1, marker="o", markersize=2.5
        )
        self._pixel = moving(atlas, **{**plots.point_style("#1a1a1a"), "markersize": 9})
        label = "start w" if against == "start" else "curvature λ"
        rows = self._axis(1, 121)
        sliders = [
            Slider("learning_rate", "learning rate α", self._axis(0, 121), learning_rate, along=atlas),
            Menu("rule", "rule", list(RULES), index, ahead=False),
            Slider("y", label, rows, y),
            Slider("beta", "β, memory of slopes", np.linspace(0, 0.99, 34), beta, ahead=False),
        ]
        handle = Handle(("learning_rate", "y"), atlas, f"learning rate and {against}", zoom=True)
        super().__init__(self._paper, [self._image, self._line, self._pixel], sliders, [handle])

    def _axis(self, which, count):
        """That many values from end to end of what the atlas shows."""
        low, high = (self._atlas.get_xlim, self._atlas.get_ylim)[which]()
        log = which == 0 or self._against == "curvature"
        return np.geomspace(low, high, count) if log else np.linspace(low, high, count)

    def _centres(self, which):
        """The values in the middles of the pixels."""
        edges = self._axis(which, 2 * self.SIZE[1 - which] + 1)
        return edges[1::2]

    def _asked(self, y):
        """(objective, start) whose runs, one lane a learning rate, are those of the rows `y`."""
        if self._against == "start":
            return WELL, np.reshape(y, (-1, 1, 1))
        return landscapes.Quadratic(y), np.ones(len(y))  # as many parabolas side by side

    def _rows(self, w):
        """Numbers w (..., y, α, 1) or (..., α, λ) as (..., y, α)."""
        return w[..., 0] if self._against == "start" else w.swapaxes(-1, -2)

    def _ends(self, walk):
        """How runs end (± speed, 0 not near a minimum, NaN it left), and since when they are near."""
        minima = WELL.minima[:, 0] if self._against == "start" else np.zeros(1)
        last = 0  # the step after the last one that was not near
        for k, (w, *_) in enumerate(walk):
            near = np.logical_or.reduce([np.abs(w - at) <= self.NEAR for at in minima])
            last = np.where(near, last, k + 1)
        share = np.sqrt(np.minimum(last / self.STEPS, 1))
        speed = np.where(last <= self.STEPS, 1 - 0.7 * share, 0.0)
        left = (self._against == "start") & (w < 0)
        return np.where(np.abs(w) <= self.FAR, np.where(left, -speed, speed), np.nan), last

    def _map(self, name, beta, x_ends, y_ends):
        """The image for a rule: (rows, columns) between −1 and 1."""
        rule = build(name, self._centres(0), beta)
        return self._rows(sweep(*self._asked(self._centres(1)), rule, self.STEPS, self._ends)[0])

    def fate(self, rule, beta=None):
        """The map of a rule as the picture shows it: ± speed, 0 not arrived, NaN left for good."""
        return self._map(
            option("rule", rule, RULES), beta, self._atlas.get_xlim(), self._atlas.get_ylim()
        )

    def zoom(self, window):
        """Show the part ((α₀, α₁), (y₀, y₁)) of the atlas, or all of it for None."""
        window = np.array(self.SPANS[self._against] if window is None else window, dtype=float)
        spans = np.array(self.SPANS[self._against])
        window = np.clip(np.sort(window, axis=1), spans[:, :1], spans[:, 1:])
        if (np.diff(window, axis=1) <= 1e-9 * np.abs(window).max(axis=1, keepdims=True)).any():
            raise ValueError(
                f"window: two pairs (low, high) are expected, {shown(window.tolist())} given"
            )
        self._atlas.set(xlim=window[0], ylim=window[1])
        for axis, (low, high) in zip((self._atlas.xaxis, self._atlas.yaxis), window, strict=True):
            if axis.get_scale() == "log":
                near = high < 30 * low  # too few powers of ten to read the scale from
                axis.set_major_locator(ticker.MaxNLocator(4) if near else ticker.LogLocator())
                axis.set_major_formatter("{x:.3g}" if near else ticker.LogFormatterMathtext())
                axis.set_minor_formatter(ticker.NullFormatter())
        renewed = []
        for which, name in enumerate(("learning_rate", "y")):
            old, values = self._sliders[name], self._axis(which, 121)
            value = np.clip(getattr(self, name), values[0], values[-1])
            renewed.append(replace(old, values=values, value=value))
        self.redraw(*renewed)

    def frames(self, settings):
        """One frame a learning rate, a start or curvature, a rule or a β."""
        asked, _ = lanes(settings)
        names = [list(RULES)[round(index)] for index in asked["rule"]]
        kinds = list(zip(names, asked["beta"], strict=True))
        maps = {kind: self.fate(*kind) for kind in dict.fromkeys(kinds)}
        rates, ys = map(np.atleast_1d, (settings["learning_rate"], settings["y"]))
        runs = {}
        for kind in maps:
            run = descend(*self._asked(ys), build(kind[0], rates, kind[1]), self.STEPS)
            runs[kind] = np.moveaxis(self._rows(run.thetas), 0, -1)  # (y, α, step)
        w = np.stack([runs[kind][i % len(ys), i % len(rates)] for i, kind in enumerate(kinds)])
        shown_w = w if self._against == "start" else np.maximum(np.abs(w), 1e-300)
        marks = {
            self._image: np.stack([maps[kind] for kind in (kinds if len(maps) > 1 else maps)]),
            self._line: xy(np.arange(self.STEPS + 1), shown_w),
            self._pixel: np.stack([asked["learning_rate"], asked["y"]], axis=-1)[:, None],
        }
        ends, last = self._ends((step,) for step in w.T)
        told = zip(kinds, asked["learning_rate"], asked["y"], ends, last, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, kind, rate, y, end, last):
        name = kind[0][0].upper() + kind[0][1:]
        beta = f", β = {kind[1]:.2g}" if kind[0] in ("momentum", "Nesterov", "Adam") else ""
        about = (
            f"{name}{beta}, α = {rate:.3g}, {'start' if self._against == 'start' else 'λ ='} {y:.3g}: "
        )
        if np.isnan(end):
            return about + "the run leaves for good."
        if end == 0:
            return about + f"after {self.STEPS} steps it is not yet at rest near a minimum."
        where = "in the lower left valley" if end < 0 else "in the higher right valley"
        where = where if self._against == "start" else "near 0"
        return f"{about}from step {last} to {self.STEPS} it is {where}."
