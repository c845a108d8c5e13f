"""The value's change in every direction around a point, and the gradient among them."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import inside, number, shown, spans
from gdlab.explorers.common import coordinates, lanes, moving
from gdlab.stage import Frames, Handle, Slider, Stage

COARSE = np.arange(0.0, 360.0, 2.0)  # degrees: the directions tried
FINE = np.linspace(-2.0, 2.0, 81)  # degrees: tried again around the best of them
HEAD = np.radians(152)  # of an arrow: its barbs turn back by this angle


def units(degrees):
    """Unit vectors (..., 2) in these directions, anticlockwise from the right."""
    turn = np.radians(degrees)
    return np.stack([np.cos(turn), np.sin(turn)], axis=-1)


def arrows(tail, vector, head):
    """Arrows as lines (P, 6, 2): shaft, gap, two barbs of length `head`; tail and vector (P, 2)."""
    tip = tail + vector
    back = np.arctan2(vector[:, 1], vector[:, 0])[:, None] + np.array([HEAD, -HEAD])
    back = np.where(np.linalg.norm(vector, axis=-1) > 0, back.T, np.nan).T
    barbs = tip[:, None] + np.reshape(head, (-1, 1, 1)) * units(np.degrees(back))
    gap = np.full_like(tip, np.nan)
    return np.stack([tail, tip, gap, barbs[:, 0], tip, barbs[:, 1]], axis=1)


class Compass(Stage):
    """How much the value changes one radius away, measured in every direction around a point.

    Left the landscape, the point and the circle of that radius. Right the compass: the further the
    curve reaches in a direction, the more the value changes there, rises and falls apart; the outer
    ring is the largest change. On top the gradient, its opposite, and the measured best directions.

    `landscape`: an objective of dimension 2. `at`: the point, inside the window. `radius`: by default a
    thousandth of the window's shorter side. `window`: for an objective that has none of its own.
    """

    def __init__(self, landscape, at, radius=None, window=None):
        self.landscape = landscape
        if not callable(landscape) or getattr(landscape, "dimension", None) != 2:
            raise ValueError(f"landscape: one of dimension 2 is expected, {shown(landscape)} given")
        window = getattr(landscape, "window", None) if window is None else window
        self.window = spans("window", window, 2)
        at = inside("at", at, self.window)
        self._size = size = float(np.ptp(self.window, axis=1).min())
        radii = size * np.geomspace(1e-4, 0.5, 100)
        radius = 1e-3 * size if radius is None else number("radius", radius, radii[0], radii[-1])
        sliders = [
            Slider("radius", "radius", radii, radius),
            *coordinates(("x", "y"), "point", self.window, at, 101),
        ]
        figure, land = self._draw()
        super().__init__(figure, self._moving_parts, sliders, [Handle(("x", "y"), land, "point")])

    def _draw(self):
        figure, (land, compass) = plots.figure(2, height=4.3)
        plots.contours(land, self.landscape, self.window)
        plots.minima(land, self.landscape, getattr(self.landscape, "minima", np.empty((0, 2))))
        land.set(title="The point and the circle", aspect="equal")
        ring = units(np.arange(0, 361, 3))
        compass.plot(*ring.T, color="#9a9a9a", linestyle=":", linewidth=1.2)
        for degrees in (0, 90, 180, 270):
            compass.plot(
                *np.outer(units(degrees), [0, 1]), color="#dcdcdc", linestyle="-", linewidth=0.8
            )
            x, y = units(degrees) * (1.18, 1.12)
            compass.text(x, y, f"{degrees}°", ha="center", va="center", color=plots.QUIET, fontsize=8.5)
        compass.set(xlim=(-1.36, 1.36), ylim=(-1.42, 1.26), aspect="equal")
        compass.set_title("The change in every direction")
        compass.axis("off")
        blue, orange, black = plots.GRADIENT, plots.PATH, "#1a1a1a"
        self._circle = moving(land, color=black, linestyle="-", linewidth=1.2)
        self._up, self._down = (
            moving(land, color=color, linestyle="-", linewidth=2.4, path_effects=plots.OUTLINE)
            for color in (blue, orange)
        )
        tops = {"linestyle": "none", "markersize": 8, "color": black, "markeredgecolor": "white"}
        self._point = moving(land, **{**plots.point_style(black), "markersize": 5})
        self._highest, self._lowest = (moving(land, marker=m, **tops) for m in "^v")
        self._rises = moving(compass, color=blue, linestyle="-", label="rises: how much")
        self._falls = moving(compass, color=orange, linestyle="--", label="falls: how much")
        self._gradient = moving(compass, color=blue, linestyle="-", linewidth=3, label="the gradient")
        self._opposite = moving(compass, color=orange, linestyle="-", linewidth=3, label="its opposite")
        self._best = moving(compass, marker="^", label="measured: most rise", **tops)
        self._worst = moving(compass, marker="v", label="measured: most fall", **tops)
        self._ring = compass.text(
            0, -1.38, "", ha="center", color=plots.QUIET, fontsize=8.5, animated=True
        )
        beside = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "handlelength": 1.6}
        compass.legend(**beside, fontsize=8.5, frameon=False)
        self._moving_parts = [
            self._circle, self._up, self._down, self._point, self._highest, self._lowest, self._rises,
            self._falls, self._gradient, self._opposite, self._best, self._worst, self._ring,
        ]  # fmt: skip
        return figure, land

    def _changes(self, at, value, radius, degrees):
        """The change of the value one radius away, shape (P, directions)."""
        around = at[:, None] + radius[:, None, None] * units(degrees)
        return self.landscape(around) - value[:, None]

    def _most(self, at, value, radius, sign):
        """The direction of most rise (sign 1) or most fall (−1), in degrees, and the change there."""
        p = np.arange(len(at))
        degrees = np.broadcast_to(COARSE, (len(at), len(COARSE)))
        for closer in (FINE, None):
            change = sign * self._changes(at, value, radius, degrees)
            # Of directions that differ by rounding only, the first.
            level = change.max(axis=1, keepdims=True)
            found = (change >= level - 1e-9 * np.abs(change).max(axis=1, keepdims=True)).argmax(axis=1)
            if closer is not None:
                degrees = degrees[p, found][:, None] + closer
        return degrees[p, found], sign * change[p, found]

    def frames(self, settings):
        """One frame a radius or a place."""
        asked, P = lanes(settings)
        at, radius = np.stack([asked["x"], asked["y"]], axis=-1), asked["radius"]
        value, gradient = self.landscape(at), self.landscape.gradient(at)
        slope = np.linalg.norm(gradient, axis=-1)
        unit = gradient / np.where(slope > 0, slope, np.nan)[:, None]
        best, rise = self._most(at, value, radius, 1)
        worst, fall = self._most(at, value, radius, -1)
        drawn = np.append(COARSE[::2], 0)
        change = self._changes(at, value, radius, drawn)
        scale = np.maximum(np.abs(rise), np.abs(fall))
        share = change / np.where(scale > 0, scale, 1)[:, None]
        length = np.maximum(radius, 0.13 * self._size)[:, None]
        one, head = np.zeros((P, 2)), 0.045 * self._size
        marks = {
            self._circle: at[:, None] + radius[:, None, None] * units(np.arange(0, 361, 6)),
            self._up: arrows(at, length * unit, head),
            self._down: arrows(at, -length * unit, head),
            self._point: at[:, None],
            self._highest: (at + length * units(best))[:, None],
            self._lowest: (at + length * units(worst))[:, None],
            self._rises: np.maximum(share, 0)[..., None] * units(drawn),
            self._falls: np.maximum(-share, 0)[..., None] * units(drawn),
            self._gradient: arrows(one, 0.97 * unit, 0.1),
            self._opposite: arrows(one, -0.97 * unit, 0.1),
            self._best: units(best)[:, None],
            self._worst: units(worst)[:, None],
            self._ring: [f"outer ring: a change of {size:.3g}" for size in scale],
        }
        up = np.degrees(np.arctan2(gradient[:, 1], gradient[:, 0]))
        own = self.landscape(at - radius[:, None] * np.nan_to_num(unit)) - value
        told = zip(radius, slope, best, up, worst, fall, own, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, radius, slope, best, up, worst, fall, own):
        best, up, worst = (f"{round(float(a) % 360, 1) % 360:.1f}°" for a in (best, up, worst))
        if slope == 0:
            return (
                f"Radius {radius:.3g}: the gradient is 0 here, it points nowhere; most rise at {best}."
            )
        said = f"Radius {radius:.3g}: steepest rise measured at {best}, the gradient points to {up}. "
        if fall >= 0:
            return said + "At this radius no direction falls: every one leads higher."
        went = f"falls by {-own:.3g}" if own < 0 else f"rises by {own:.3g}"
        return (
            said
            + f"Against the gradient the value {went}; the most it falls is {-fall:.3g}, at {worst}."
        )
