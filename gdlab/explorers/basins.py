"""Every pixel a start: which minimum does its run reach?"""

from __future__ import annotations

import functools

import numpy as np
from matplotlib.colors import ListedColormap, to_rgb

from gdlab import landscapes, plots
from gdlab._arguments import inside, option, shown, spans, whole
from gdlab.descent import descend
from gdlab.explorers.common import START, coordinates, lanes, moving, picture, positions, xy
from gdlab.explorers.rules import build
from gdlab.optimizers import Optimizer
from gdlab.stage import Frames, Handle, Menu, Slider, Stage
from gdlab.sweeps import sweep

# Six colours that also differ in lightness; a letter at each minimum is the second cue.
TINTS = [("#0072B2", 0.75), ("#E69F00", 0.45), ("#009E73", 0.6)]
TINTS += [("#CC79A7", 0.35), ("#56B4E9", 0.3), ("#F0E442", 0.7)]
COLORS = [tuple(1 - share * (1 - np.array(to_rgb(color)))) for color, share in TINTS]
LETTERS = "ABCDEF"
STAR = {"marker": "*", "markersize": 13, "color": "white", "mec": "#1a1a1a", "zorder": 2.5}
SEEN = np.append(np.arange(61), np.arange(64, 301, 4))  # the steps whose value is drawn
CHOICES = ("gradient descent", "momentum", "Adam")


def basin_map(objective, optimizer: Optimizer, window=None, pixels: int = 300, steps: int = 300):
    """For every pixel of a window the index of the minimum that a run from its middle reaches, else NaN.

    Reached: after `steps` steps the run lies within a thousandth of the landscape's width. `objective`:
    a landscape of two parameters with known minima. Shape (pixels, pixels), the first row at the
    bottom. ValueError for a bad argument.
    """
    middles = _middles(spans("window", objective.window if window is None else window, 2), pixels)
    theta, _ = sweep(objective, middles, optimizer, whole("steps", steps))
    return _reached(objective, theta)


def draw_map(ax, landscape, reached, window=None, title=""):
    """Draw what `basin_map` returns: a colour and a letter for each minimum; hatched reaches none."""
    window, count = landscape.window if window is None else window, len(landscape.minima)
    how = {"cmap": ListedColormap(COLORS[:count]), "vmin": -0.5, "vmax": count - 0.5, "origin": "lower"}
    ax.imshow(reached, extent=np.ravel(window), interpolation="nearest", aspect="auto", **how)
    ax.plot(*landscape.minima.T, linestyle="none", **STAR)
    for letter, (x, y) in zip(LETTERS, landscape.minima, strict=False):
        offset = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center"}
        ax.annotate(letter, (x, y), color="#1a1a1a", fontsize=11, annotation_clip=True, **offset)
    _paper(ax, window)
    ax.set_title(title)


def _paper(ax, window):
    """The map's axes: square, and hatched wherever no colour lies."""
    ax.set(xlim=window[0], ylim=window[1], xlabel="start, θ₁", ylabel="start, θ₂", box_aspect=1)
    ax.grid(False)
    ax.patch.set(hatch="///", edgecolor="#b0b0b0", facecolor="white", linewidth=0)


def _middles(window, pixels):
    """The middles of the pixels, (pixels, pixels, 2)."""
    shares = (np.arange(whole("pixels", pixels, low=1)) + 0.5) / pixels
    x, y = (low + (high - low) * shares for low, high in window)
    return np.stack(np.meshgrid(x, y), axis=-1)


def _reached(objective, theta):
    """The index of the minimum that each point (..., 2) lies at, NaN where at none."""
    near = 1e-3 * np.ptp(objective.window, axis=1).min()
    index = np.full(theta.shape[:-1], np.nan)
    with np.errstate(all="ignore"):
        for i, minimum in enumerate(objective.minima):
            index[np.hypot(*np.moveaxis(theta - minimum, -1, 0)) < near] = i
    return index


class Basins(Stage):
    """A map whose pixels are starts: its colour says which minimum the run from there reaches.

    Hatched: none within 300 steps. Click a pixel, and its run is traced over the map; draw a rectangle
    to zoom in. Right the value at each step, and the share of the map that each minimum draws in.

    `landscape`: of two parameters, with one to six known minima, by default Himmelblau's. `start`:
    inside its window. `learning_rates` = (lowest, highest) of the slider. `pixels`: to a side.
    """

    STEPS = 300

    def __init__(
        self,
        landscape=None,
        start=(0.5, -0.5),
        learning_rate=0.01,
        optimizer="gradient descent",
        momentum=0.9,
        learning_rates=(0.0005, 0.5),
        pixels=150,
    ):
        self.landscape = landscapes.Himmelblau() if landscape is None else landscape
        count = len(getattr(self.landscape, "minima", ()))
        if getattr(self.landscape, "dimension", None) != 2 or not 1 <= count <= len(COLORS):
            raise ValueError(
                "landscape: one of two parameters with one to six known minima is expected, "
                f"{shown(landscape)} given"
            )
        self._whole = self.window = spans("landscape.window", self.landscape.window, 2)
        start = inside("start", start, self._whole)
        option("optimizer", optimizer, CHOICES)
        self._pixels_a_side = whole("pixels", pixels, low=2)
        self._map = functools.lru_cache(maxsize=16)(self._computed)
        self._letters = LETTERS[:count]
        figure = self._draw(count)
        rates, betas = positions("learning_rates", learning_rates), np.linspace(0, 0.98, 50)
        sliders = [
            Menu("optimizer", "optimizer", CHOICES, CHOICES.index(optimizer)),
            Slider("learning_rate", "learning rate α", rates, learning_rate, ahead=False),
            Slider("momentum", "β, for momentum and Adam", betas, momentum, ahead=False),
            *self._starts(*start),
        ]
        handle = Handle(START, self._axes[0], "start of the run", zoom=True)
        super().__init__(figure, self._parts, sliders, [handle])

    def _draw(self, count):
        figure, axes = plots.mosaic([["map", "value"], ["map", "share"]], heights=[1.25, 1])
        land, value, share = self._axes = axes["map"], axes["value"], axes["share"]
        _paper(land, self.window)
        land.set_title("Every pixel a start: which minimum it reaches")
        seen = self.landscape(plots.grid(self.window, 40)) - self.landscape(self.landscape.minima[0])
        size = max(float(np.median(np.abs(seen))), np.finfo(float).tiny)
        value.set(xlim=(0, self.STEPS), yscale="log", ylim=(1e-9 * size, 1e3 * size))
        value.set(xlabel="step", ylabel="value above the lowest", title="The run from the ring")
        value.minorticks_off()
        land.yaxis.set_label_coords(-0.17, 0.5)  # room for the longer numbers of a zoom
        share.set(xlim=(-0.03, 1.36), ylim=(count + 0.6, -0.6), xlabel="share of the map")
        share.set(xticks=[0, 0.5, 1], yticks=range(count + 1), yticklabels=[*self._letters, "none"])
        share.set_title("How much of the map each one draws in")
        share.grid(False, axis="y")
        colors = COLORS[:count]
        self._image = picture(land, ListedColormap(colors), -0.5, count - 0.5)
        self._stars = moving(land, linestyle="none", **STAR)
        self._path = moving(land, **plots.path_style())
        self._start = moving(land, **plots.start_style("#1a1a1a"))
        self._here = moving(land, **plots.point_style(), zorder=2.6)
        self._names = [
            land.text(0, 0, "", color="#1a1a1a", fontsize=11, ha="center", animated=True, clip_on=True)
            for _ in colors
        ]
        self._name_the_minima()
        self._values = moving(value, color=plots.PATH, linestyle="-", marker="o", markersize=3)
        self._bars = moving(share, color=plots.QUIET, linestyle="-", linewidth=1.6)
        dot = {"marker": "o", "markersize": 8, "linestyle": "none", "mec": "#1a1a1a", "mew": 0.8}
        self._dots = [moving(share, **dot, color=color) for color in [*colors, "white"]]
        low = {"ha": "right", "va": "center", "fontsize": 8.5, "animated": True}
        self._counts = [share.text(1.35, i, "", **low) for i in range(count + 1)]
        self._parts = [self._image, self._path, self._stars, *self._names, self._start, self._here]
        self._parts += [self._values, self._bars, *self._dots, *self._counts]
        return figure

    def _name_the_minima(self):
        """The letters a little above the stars, wherever the window lies."""
        lift = 0.035 * np.ptp(self.window[1])
        for text, (x, y) in zip(self._names, self.landscape.minima, strict=True):
            text.set_position((x, y + lift))

    def _starts(self, x, y):
        """The two sliders of the start, over the window shown."""
        return coordinates(START, "start", self.window, (x, y), 61)

    def zoom(self, window):
        """Show ((x₀, x₁), (y₀, y₁)) of the map, widened to the map's shape, or all of it for None."""
        if window is None:
            self.window = self._whole
        else:
            window, whole_size = spans("window", window, 2), np.ptp(self._whole, axis=1)
            share = (np.ptp(window, axis=1) / whole_size).max()
            if not 1e-7 <= share:
                raise ValueError("window: it is as narrow as the digits of a computer allow")
            middle = window.mean(axis=1)
            self.window = middle[:, None] + min(share, 1) * whole_size[:, None] / 2 * [-1, 1]
        self._axes[0].set(xlim=self.window[0], ylim=self.window[1])
        self._map.cache_clear()
        self._name_the_minima()
        start = np.array([self.start_x, self.start_y])
        seen = ((start >= self.window[:, 0]) & (start <= self.window[:, 1])).all()
        self.redraw(*self._starts(*(start if seen else self.window.mean(axis=1))))

    @property
    def trajectory(self):
        """The run that the picture shows."""
        rule = self._rule(self.optimizer, self.learning_rate, self.momentum)
        return descend(self.landscape, [self.start_x, self.start_y], rule, self.STEPS)

    @property
    def map(self) -> np.ndarray:
        """The map that the picture shows: the index of a minimum for each pixel, NaN for none."""
        beta = self._beta(self.optimizer, self.momentum)
        return self._map(round(self.optimizer), self.learning_rate, beta)

    def _rule(self, optimizer, rate, beta):
        return build(CHOICES[round(optimizer)], rate, beta)

    def _beta(self, optimizer, beta):
        return float(beta) if round(optimizer) else 0.0  # gradient descent has none: one map for all

    def _computed(self, optimizer, rate, beta):
        rule = self._rule(optimizer, rate, beta)
        return basin_map(self.landscape, rule, self.window, self._pixels_a_side, self.STEPS)

    def frames(self, settings):
        """One frame a position; the maps of settings met before are kept."""
        asked, P = lanes(settings)
        keys = [
            (round(o), float(a), self._beta(o, b))
            for o, a, b in zip(
                asked["optimizer"], asked["learning_rate"], asked["momentum"], strict=True
            )
        ]
        maps = {key: self._map(*key) for key in dict.fromkeys(keys)}
        starts = np.stack([asked["start_x"], asked["start_y"]], axis=-1)
        thetas, values = np.empty((P, self.STEPS + 1, 2)), np.empty((P, self.STEPS + 1))
        for key in maps:  # the runs of one rule are lanes
            rows = [p for p in range(P) if keys[p] == key]
            run = descend(self.landscape, starts[rows], self._rule(*key), self.STEPS)
            thetas[rows], values[rows] = run.thetas.swapaxes(0, 1), run.values.T
        ends = _reached(self.landscape, thetas[:, -1])
        shares = {key: self._shares(map_) for key, map_ in maps.items()}
        bars = np.array([shares[key] for key in keys])  # (P, minima + 1)
        middle, size = self._whole.mean(axis=1), np.ptp(self._whole, axis=1)
        with np.errstate(all="ignore"):
            gone = ~(np.abs(thetas - middle) <= 2 * size).all(axis=-1)
        place = np.where(np.logical_or.accumulate(gone, axis=1)[..., None], np.nan, thetas)
        height = values[:, SEEN] - self.landscape(self.landscape.minima[0])
        height = xy(SEEN, height)
        height[np.logical_or.accumulate(gone, axis=1)[:, SEEN]] = np.nan
        images = np.stack([maps[key] for key in (keys if len(maps) > 1 else maps)])
        marks = {
            self._image: images,
            self._stars: self.landscape.minima,
            self._path: place,
            self._start: place[:, :1],
            self._here: place[:, -1:],
            self._values: height,
        }
        for text, letter in zip(self._names, self._letters, strict=True):
            marks[text] = [letter] * P
        rows = np.broadcast_to(np.arange(bars.shape[1], dtype=float), bars.shape)
        ends_of_bars = np.stack([0 * bars, bars, np.nan * bars], axis=-1)
        marks[self._bars] = xy(ends_of_bars, rows[..., None])
        marks[self._bars] = marks[self._bars].reshape(P, -1, 2)
        for i, (dot, text) in enumerate(zip(self._dots, self._counts, strict=True)):
            marks[dot] = np.stack([bars[:, i], rows[:, i]], axis=-1)[:, None]
            marks[text] = [f"{share:.1%}" for share in bars[:, i]]
        told = zip(keys, starts, ends, bars, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _shares(self, map_):
        """The share of the map that reaches each minimum, and last that of the rest."""
        each = [(map_ == i).mean() for i in range(len(self._letters))]
        return [*each, np.isnan(map_).mean()]

    def _sentence(self, key, start, end, shares):
        optimizer, rate, beta = key
        rule = f"{CHOICES[optimizer]} with α = {rate:.3g}" + (f", β = {beta:.3g}" if optimizer else "")
        # As many digits as tell places in the window apart.
        digits = max(0, 3 - int(np.floor(np.log10(np.ptp(self.window, axis=1).min()))))
        x, y = (f"{round(part, digits) + 0.0:g}" for part in start)
        names = [*self._letters, "none"]
        where = f"reaches none in {self.STEPS} steps" if np.isnan(end) else f"reaches {names[int(end)]}"
        told = ", ".join(f"{name} {share:.0%}" for name, share in zip(names, shares, strict=True))
        return f"{rule[0].upper()}{rule[1:]}: from ({x}, {y}) the run {where}. Of the map: {told}."
