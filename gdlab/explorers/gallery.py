"""A gallery of landscapes: what slope and curvature say of the ground under the cursor."""

from __future__ import annotations

import ipywidgets
import numpy as np

from gdlab import landscapes, plots
from gdlab._arguments import option
from gdlab.explorers.common import POSITIONS, lanes, moving, xy
from gdlab.explorers.surface import mesh, project
from gdlab.stage import Board, Frames, Handle, Slider, Stage
from gdlab.words import short

# name: (landscape, where the cursor begins, window if not its own). Ackley's tip has no curvature, so it
# is not shown here.
ROOMS = {
    "saddle": (landscapes.Saddle(), (0.0, 0.0)),
    "bowl": (landscapes.Quadratic((1.0, 10.0), rotation=30.0), (1.2, -0.9)),
    "double well": (landscapes.DoubleWell(), (0.08,)),
    "plateau": (landscapes.Plateau(), (4.5, 1.5)),
    "monkey saddle": (landscapes.MonkeySaddle(), (0.0, 0.0)),
    "Himmelblau's four valleys": (landscapes.Himmelblau(), (3.0, 2.0)),
    "Rosenbrock's curved valley": (landscapes.Rosenbrock(), (-1.0, 1.0)),
    "Beale's corners": (landscapes.Beale(), (3.0, 0.5)),
    "six-hump camel": (landscapes.SixHumpCamel(), (0.0, 0.0)),
    "Rastrigin's egg box": (landscapes.Rastrigin(), (0.0, 0.0), ((-2.2, 2.2), (-2.2, 2.2))),
    "Styblinski and Tang's wells": (landscapes.StyblinskiTang(), (0.16, 0.16)),
}
ROUNDING = 1e-12  # a number smaller than that is 0, rounded
NEAR = 0.01  # of the window: the patch's half width is 5 of these


class Gallery(Board):
    """Landscapes to choose from, each with a cursor: slope, curvatures and the ground there in words.

    `landscape`: the name of the first one shown, by default the saddle. `gallery.stage` is the picture,
    `gallery.show(name)` changes it.
    """

    def __init__(self, landscape=None):
        name = next(iter(ROOMS)) if landscape is None else landscape
        self._rooms = {}
        self._choice = ipywidgets.Dropdown(options=list(ROOMS), description="landscape")
        self._choice.observe(lambda change: self._open(change["new"]), "value")
        super().__init__()
        self.show(name)

    def show(self, name: str):
        """Show the landscape of that name; ValueError for one that is not here."""
        self._choice.value = option("landscape", name, ROOMS)
        self._open(name)

    @property
    def stage(self) -> Stage:
        """The picture shown now."""
        return self.children[1]

    def _stages(self):
        return list(self._rooms.values())

    def _open(self, name):
        if name not in self._rooms:  # made when first looked at
            self._rooms[name] = _Room(*ROOMS[name])
        self.children = [self._choice, self._rooms[name]]


class _Room(Stage):
    """One landscape, the cursor with the two directions of its curvatures, and the ground enlarged."""

    def __init__(self, landscape, at, window=None):
        self.landscape, self.window = landscape, np.array(window or landscape.window)
        figure, (land, patch) = plots.figure(2, height=4.2)
        if landscape.dimension == 2:
            plots.contours(land, landscape, self.window, labels=("x", "y"))
            land.set_aspect("equal")
            seen = landscape(plots.grid(self.window, 81))
        else:
            plots.curve(land, landscape, self.window, labels=("x", "value"))
            seen = landscape(np.linspace(*self.window[0], 81)[:, None])
        self._tall = float(np.median(seen) - seen.min())
        plots.minima(land, landscape)
        land.set_title("The landscape, and the cursor")
        patch.set(xlim=(-1.7, 1.7), ylim=(-1.6, 1.6), xticks=[], yticks=[], aspect="equal")
        patch.set_title("The ground around the cursor, enlarged")
        patch.set_xlabel("the height is scaled to fit, unless it is nearly flat")
        patch.spines[:].set_visible(False)
        ink = {"color": "#1a1a1a", "linewidth": 2.2, "path_effects": plots.OUTLINE}
        self._up = moving(land, linestyle="-", **ink)
        self._down = moving(land, linestyle="--", **ink)
        self._cursor = moving(land, **plots.point_style(plots.GRADIENT))
        self._ground = moving(patch, color=plots.QUIET, linestyle="-", linewidth=1)
        self._spot = moving(patch, **plots.point_style(plots.GRADIENT))
        marks = [self._up, self._down, self._cursor, self._ground, self._spot]
        self._names = ("x", "y")[: landscape.dimension]
        sliders = [
            Slider(name, name, np.linspace(*span, POSITIONS + 1), value)
            for name, span, value in zip(self._names, self.window, at, strict=True)
        ]
        super().__init__(figure, marks, sliders, [Handle(self._names, land, "cursor")])

    def frames(self, settings):
        """One frame a place."""
        asked, P = lanes(settings)
        theta = np.stack([asked[name] for name in self._names], axis=-1)
        value, slope = self.landscape(theta), self.landscape.gradient(theta)
        curvatures, directions = np.linalg.eigh(self.landscape.hessian(theta))
        size = np.ptp(self.window, axis=1).min()
        marks = {self._cursor: theta[:, None]}
        if len(self._names) == 1:
            marks[self._cursor] = np.stack([theta[:, 0], value], axis=-1)[:, None]
        plane = len(self._names) == 2
        for mark, bent in ((self._up, curvatures > 0), (self._down, curvatures < 0)):
            lines = np.full((P, 2, 3, 2), np.nan)  # two directions: two ends, then a gap
            if plane:
                arm = 0.12 * size * np.where(bent[..., None], directions.swapaxes(1, 2), np.nan)
                lines[:, :, 0], lines[:, :, 1] = theta[:, None] - arm, theta[:, None] + arm
            marks[mark] = lines.reshape(P, 6, 2)
        marks |= self._patch(theta, value, size)
        told = zip(theta, np.linalg.norm(slope, axis=-1), curvatures, slope, directions, strict=True)
        return Frames(marks, [self._sentence(*about, size) for about in told])

    def _patch(self, theta, value, size):
        """The ground within 5 % of the window around the cursor, as a small wire surface or curve."""
        if len(self._names) == 1:
            across = np.linspace(-1, 1, 41)[:, None]
        else:
            across = mesh(plots.grid(((-1, 1), (-1, 1)), 9))
        rise = self.landscape(theta[:, None] + 5 * NEAR * size * across) - value[:, None]
        rise = rise / np.maximum(np.abs(rise).max(axis=1, keepdims=True), 0.002 * self._tall)
        if len(self._names) == 1:
            ground = xy(across[:, 0], rise)
        else:
            flat = np.broadcast_to(across, (*rise.shape, 2))
            places = np.concatenate([flat, 0.7 * rise[..., None]], axis=-1)
            ground = project(places, np.array([-60.0]), np.array([35.0]))
        return {self._ground: ground, self._spot: np.zeros((1, 2))}

    def _sentence(self, theta, steep, curvatures, slope, directions, size):
        at, bends = ([short(x, ROUNDING) for x in each] for each in (theta, curvatures))
        place = f"({', '.join(at)})" if len(at) == 2 else f"x = {at[0]}"
        said = f"curvature{'s' if len(at) == 2 else ''} {' and '.join(bends)}"
        words = self._words(steep, curvatures, slope, directions, size)
        return f"At {place}: slope {short(steep, ROUNDING)}, {said}: {words}."

    def _words(self, steep, curvatures, slope, directions, size):
        """What kind of place it is."""
        reach = 5 * NEAR * size  # over so small a walk, neither slope nor bending lifts or lowers much
        little = 0.002 * self._tall
        if steep * reach < little and np.abs(curvatures).max() * reach**2 / 2 < little:
            return "flat, as far as slope and curvatures tell"
        bend = {1: "curving up", -1: "curving down"}
        ways = [bend[int(np.sign(c))] if c else "straight" for c in curvatures]
        turned = ways[0] if len(set(ways)) == 1 else "curving up one way and down another"
        with np.errstate(all="ignore"):
            # The place without slope, if the ground were a bowl or saddle: Newton's step.
            off = np.linalg.norm(directions.T @ slope / curvatures)
        if not off <= NEAR * size:
            return f"on a slope, {turned}"
        kind = "a minimum" if curvatures[0] > 0 else "a maximum" if curvatures[-1] < 0 else "a saddle"
        return kind if off < 1e-6 * size else f"next to {kind}"
