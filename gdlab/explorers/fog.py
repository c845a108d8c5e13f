"""Fog: a ground that is hidden, and felt at a few places only."""

from __future__ import annotations

from typing import ClassVar

import ipywidgets
import numpy as np

from gdlab import landscapes, plots
from gdlab._arguments import array, number, shown, whole
from gdlab.descent import descend
from gdlab.explorers.common import lanes, moving
from gdlab.optimizers import GradientDescent
from gdlab.stage import Board, Frames, Handle, Slider, Stage

MOST = 20  # probes
LEVEL = 0.001  # slopes below this get no arrow
PLAYER, RANDOM = "#1a1a1a", "#6b6b6b"


class Hills(landscapes.Plane):
    """A wide bowl with five round dips, all from a seed:

    5 + 0.15 |θ − m|² − Σ aᵢ exp(−|θ − cᵢ|² / 2sᵢ²).
    """

    window = ((-3.0, 3.0), (-3.0, 3.0))
    source = "made for the fog, from a seed"

    def __init__(self, seed: int = 0):
        rng = np.random.default_rng(whole("seed", seed))
        self._m, self._c = rng.uniform(-1, 1, 2), rng.uniform(-2.3, 2.3, (5, 2))
        self._a, self._s = rng.uniform(1, 4, 5), rng.uniform(0.7, 1.3, 5)

    def _dips(self, x, y):
        """Offsets from the five centres and the depths there, each with a last axis of five."""
        dx, dy = x[..., None] - self._c[:, 0], y[..., None] - self._c[:, 1]
        return dx, dy, self._a * np.exp(-(dx**2 + dy**2) / (2 * self._s**2))

    def _value(self, x, y):
        bowl = 5 + 0.15 * ((x - self._m[0]) ** 2 + (y - self._m[1]) ** 2)
        return bowl - self._dips(x, y)[2].sum(axis=-1)

    def _gradient(self, x, y):
        dx, dy, dip = self._dips(x, y)
        pull = dip / self._s**2
        gx, gy = (pull * dx).sum(axis=-1), (pull * dy).sum(axis=-1)
        return 0.3 * (x - self._m[0]) + gx, 0.3 * (y - self._m[1]) + gy

    def _hessian(self, x, y):
        dx, dy, dip = self._dips(x, y)
        u, v, pull = dx / self._s, dy / self._s, dip / self._s**2
        xx, yy = (pull * (1 - u**2)).sum(axis=-1), (pull * (1 - v**2)).sum(axis=-1)
        return 0.3 + xx, -(pull * u * v).sum(axis=-1), 0.3 + yy


class Fog(Board):
    """A hidden ground: move the marker, probe, and learn value and slope there. Probes are limited.

    `lift()` shows the ground with your probes, and beside them descent and random search with as many
    calls: descent starts at your first probe, random search draws its places from `seed`.

    `landscape`: of two parameters, by default `Hills(seed)`. `probes`: 1 to 20. `learning_rate`: of
    descent, by default 1 / the largest curvature in the window.
    """

    def __init__(self, landscape=None, probes=12, seed=0, learning_rate=None):
        self.seed = whole("seed", seed)
        self.landscape = Hills(seed) if landscape is None else landscape
        if not callable(self.landscape) or getattr(self.landscape, "dimension", None) != 2:
            raise ValueError(f"landscape: one of two parameters is expected, {shown(landscape)} given")
        if whole("probes", probes, low=1) > MOST:
            raise ValueError(f"probes: a whole number from 1 to {MOST} is expected, {probes} given")
        if learning_rate is not None:
            number("learning_rate", learning_rate, 0, open_low=True)
        self.probes, self._rate = probes, learning_rate
        window = array("window", self.landscape.window, "(2, 2)", ndim=2)
        self._probe = ipywidgets.Button(description="Probe here")
        self._lift = ipywidgets.Button(description="Lift the fog", disabled=True)
        self._probe.on_click(lambda _: self.probe())
        self._lift.on_click(lambda _: self.lift())
        self.lifted, self._felt = False, _Felt(window, probes)
        super().__init__([self._felt, ipywidgets.HBox([self._probe, self._lift])])

    @property
    def stage(self) -> Stage:
        """The picture shown now."""
        return self.children[0]

    def _stages(self):
        return [self._felt, self.stage]

    @property
    def x(self) -> float:
        """Where the marker stands, first parameter."""
        return self._felt.x

    @x.setter
    def x(self, value):
        self._felt.x = value

    @property
    def y(self) -> float:
        """Where the marker stands, second parameter."""
        return self._felt.y

    @y.setter
    def y(self, value):
        self._felt.y = value

    @property
    def places(self) -> np.ndarray:
        """Where was probed so far, (n, 2)."""
        return self._felt.places

    @property
    def values(self) -> np.ndarray:
        """What was felt there, (n,)."""
        return self._felt.values

    @property
    def gradients(self) -> np.ndarray:
        """The slopes felt there, (n, 2)."""
        return self._felt.gradients

    @property
    def left(self) -> int:
        """How many probes are left."""
        return self.probes - len(self.values)

    def probe(self):
        """Feel value and slope at the marker; RuntimeError if no probe is left or the fog is lifted."""
        if self.lifted or not self.left:
            raise RuntimeError("the fog is lifted" if self.lifted else "no probe is left")
        place = np.array([self.x, self.y])
        self._felt.feel(place, float(self.landscape(place)), self.landscape.gradient(place))
        self._lift.disabled, self._probe.disabled = False, not self.left

    def lift(self):
        """Show the ground and the three walkers; RuntimeError before the first probe."""
        if not len(self.values):
            raise RuntimeError("probe at least once before the fog is lifted")
        if self.lifted:
            return
        n, window = len(self.values), np.array(self.landscape.window)
        rate = 1 / self._sharpest() if self._rate is None else self._rate
        descent = descend(self.landscape, self.places[0], GradientDescent(rate), n - 1)
        drawn = np.random.default_rng([self.seed, 1]).uniform(*window.T, (n, 2))
        walks = {
            "you": (self.places, self.values),
            "descent": (descent.thetas, descent.values),
            "random search": (drawn, self.landscape(drawn)),
        }
        stage = _Lifted(self.landscape, walks, rate)
        self.lifted, self._probe.disabled, self._lift.disabled = True, True, True
        self.children = [stage, self.children[1]]

    def _sharpest(self):
        """The largest curvature on a grid over the window, from differences of the gradient."""
        grid, h = plots.grid(self.landscape.window, 41), 1e-4
        slopes = [[self.landscape.gradient(grid + s * e) for s in (-h, h)] for e in np.eye(2)]
        H = np.stack([(high - low) / (2 * h) for low, high in slopes], axis=-1)
        return max(float(np.linalg.eigvalsh((H + np.swapaxes(H, -1, -2)) / 2).max()), 1e-6)


class _Felt(Stage):
    """Blank paper, and what was felt. It never holds the ground: what is told to it is all it knows."""

    def __init__(self, window, probes):
        self.places, self.values, self.gradients = np.empty((0, 2)), np.empty(0), np.empty((0, 2))
        self._probes, self._size = probes, np.ptp(window, axis=1).min()
        figure, (land, list_) = plots.figure(2, height=4.2)
        land.set(xlim=window[0], ylim=window[1], xlabel="x", ylabel="y", aspect="equal")
        land.set(facecolor="#dcdcdc", title="The ground, in fog")
        land.grid(False)
        list_.set(xlim=(0, 1), ylim=(probes + 0.6, -0.6), title="What you have felt")
        list_.axis("off")
        for x, head in ((0.22, "probe"), (0.5, "value"), (0.8, "slope")):
            list_.text(x, 0, head, ha="right", color=plots.QUIET)
        for k in range(1, probes + 1):
            list_.text(0.22, k, f"{k}", ha="right", color=plots.QUIET)
        self._discs = moving(land, linestyle="none", marker="o", markersize=23, color="white")
        self._best = moving(land, **{**plots.start_style(plots.TRUTH), "markersize": 23})
        self._arrows = moving(land, color=plots.PATH, linestyle="-", linewidth=2)
        self._dots = moving(land, linestyle="none", marker="o", markersize=3.5, color=PLAYER)
        self._numbers = [
            moving(
                land, marker=f"${k + 1}$", markersize=7 if k < 9 else 9, color=PLAYER, markeredgewidth=0
            )
            for k in range(probes)
        ]
        self._rows = [
            [list_.text(x, k + 1, "", ha="right", animated=True) for x in (0.5, 0.8)]
            for k in range(probes)
        ]
        self._marker = moving(land, marker="+", markersize=13, markeredgewidth=2, color=plots.GRADIENT)
        marks = [self._discs, self._best, self._arrows, self._dots, *self._numbers, self._marker]
        sliders = [
            Slider(name, name, np.linspace(*span, 121), float(np.mean(span)))
            for name, span in zip("xy", window, strict=True)
        ]
        marks += [text for row in self._rows for text in row]
        super().__init__(figure, marks, sliders, [Handle(("x", "y"), land, "marker")])

    def feel(self, place, value, gradient):
        """Write down one probe, and tell the page: its tables are of the time before."""
        self.places = np.vstack([self.places, place])
        self.values = np.append(self.values, value)
        self.gradients = np.vstack([self.gradients, gradient])
        for name in ("y", "x"):
            content, buffer = self._table(name, self.settings)
            self.send(content, [buffer])
        self.table = {**content, "numbers": buffer}  # for a view that opens later
        # A marker dragged to between two positions is in no table: its frame by itself.
        content, buffer = self._frame(self.settings)
        self.send(content, [buffer])

    def frames(self, settings):
        """One frame a place of the marker; all else stands still."""
        asked, P = lanes(settings)
        n, none = len(self.values), np.full((1, 2), np.nan)
        best = self.values.argmin() if n else None
        marks = {
            self._marker: np.stack([asked["x"], asked["y"]], axis=-1)[:, None],
            self._discs: self.places if n else none,
            self._dots: self.places if n else none,
            self._best: self.places[best][None] if n else none,
            self._arrows: self._downhill() if n else none,
        }
        beside = 0.055 * self._size * np.array([1, 1])
        for k, (digits, row) in enumerate(zip(self._numbers, self._rows, strict=True)):
            marks[digits] = self.places[k][None] + beside if k < n else none
            steep = np.linalg.norm(self.gradients[k]) if k < n else 0
            felt = f"{steep:.2g}" if steep >= LEVEL else f"below {LEVEL}"
            told = (f"{self.values[k]:.3g}", felt) if k < n else ("", "")
            marks |= {text: [word] * P for text, word in zip(row, told, strict=True)}
        left = self._probes - n
        counted = f"{left} probe{'' if left == 1 else 's'} left"
        last = (
            n
            and f"last value {self.values[-1]:.3g}, lowest {self.values[best]:.3g} at probe {best + 1}; "
        )
        at = np.round(np.stack([asked["x"], asked["y"]], axis=-1), 2) + 0.0  # no minus before a zero
        sentences = [f"Marker at ({x:.2f}, {y:.2f}); {last or ''}{counted}." for x, y in at]
        return Frames(marks, sentences)

    def _downhill(self):
        """From every probe an arrow against its slope, as line segments: all equally long."""
        length = np.linalg.norm(self.gradients, axis=1, keepdims=True)
        ahead = -0.075 * self._size * self.gradients / np.where(length < LEVEL, np.nan, length)
        side = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
        tip = self.places + ahead
        left, right = (tip - 0.35 * ahead + s * 0.25 * side for s in (-1, 1))
        gap = np.full_like(tip, np.nan)
        return np.stack([self.places, tip, gap, left, tip, right, gap], axis=1).reshape(-1, 2)


class _Lifted(Stage):
    """The ground without fog, and three walkers call by call: {name: (places, values)}."""

    LOOKS: ClassVar[dict] = {
        "you": {"color": PLAYER, "linestyle": "--", "marker": "s"},
        "descent": {"color": plots.PATH, "linestyle": "-", "marker": "o"},
        "random search": {"color": RANDOM, "linestyle": ":", "marker": "x"},
    }

    def __init__(self, landscape, walks, rate):
        self._walks, self._rate = walks, rate
        n = len(walks["you"][1])
        figure, (land, best) = plots.figure(2, height=4.2)
        plots.contours(land, landscape, labels=("x", "y"))
        land.set(aspect="equal", title="The ground, without fog")
        seen = landscape(plots.grid(landscape.window, 201))
        self.lowest = float(min(seen.min(), *(values.min() for _, values in walks.values())))
        top = max(values.max() for _, values in walks.values())
        room = 0.06 * (top - self.lowest) or 1.0
        best.set(xlim=(0.5, max(n, 2) + 0.5), ylim=(self.lowest - 2 * room, top + 5 * room))
        best.set(xlabel="calls", ylabel="lowest value so far", title="The lowest value so far")
        best.axhline(self.lowest, color=plots.TRUTH, linestyle=":", linewidth=1.4)
        named = {"transform": best.get_yaxis_transform(), "color": plots.TRUTH, "fontsize": 8.5}
        best.text(0.99, self.lowest - 0.3 * room, "lowest of all", ha="right", va="top", **named)
        best.locator_params(axis="x", integer=True)
        self._paths, self._lines = {}, {}
        for name, look in self.LOOKS.items():
            edge = "white" if look["marker"] != "x" else look["color"]
            joined = (
                {"path_effects": plots.OUTLINE} if name != "random search" else {"linestyle": "none"}
            )
            style = {**look, "linewidth": 1.6, "markersize": 5, "markeredgecolor": edge}
            self._paths[name] = moving(land, **{**style, **joined})
            self._lines[name] = moving(best, **style)
            best.plot([], [], label=name, **style)
        best.legend(loc="upper right", frameon=False)
        slider = Slider("calls", "calls", np.arange(0, n + 1), n, play=True)
        super().__init__(figure, [*self._paths.values(), *self._lines.values()], [slider])

    def frames(self, settings):
        """One frame a number of calls."""
        calls = np.rint(np.atleast_1d(settings["calls"])).astype(int)
        k = np.arange(len(self._walks["you"][1]))
        shown_ = np.where(k < calls[:, None], 1.0, np.nan)
        marks, best = {}, {}
        for name, (places, values) in self._walks.items():
            best[name] = np.minimum.accumulate(values)
            marks[self._paths[name]] = places * shown_[..., None]
            marks[self._lines[name]] = np.stack(
                np.broadcast_arrays(k + 1.0, best[name] * shown_), axis=-1
            )
        return Frames(marks, [self._sentence(best, call) for call in calls])

    def _sentence(self, best, call):
        if not call:
            return "Before the first call."
        told = ", ".join(f"{name} {values[call - 1]:.3g}" for name, values in best.items())
        counted = f"{call} call{'' if call == 1 else 's'}"
        return (
            f"Lowest value after {counted}: {told} (descent with α = {self._rate:.2g}); "
            f"lowest of all {self.lowest:.3g}."
        )
