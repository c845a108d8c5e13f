"""A surface over two parameters: data, contours and 3-D view, with one point in all three."""

from __future__ import annotations

import numpy as np

from gdlab import data, plots
from gdlab.closed_form import lstsq
from gdlab.explorers.common import POSITIONS, lanes, moving, xy
from gdlab.losses import SquaredError
from gdlab.models import Linear
from gdlab.objectives import EmpiricalRisk
from gdlab.stage import Frames, Handle, Slider, Stage

BOX = np.array([(x, y, z) for z in (-0.8, 0.8) for x, y in [(-1, -1), (1, -1), (1, 1), (-1, 1)]])
PEN = [0, 1, 2, 3, 0, 4, 5, 6, 7, 4, None, 1, 5, None, 2, 6, None, 3, 7]  # None: lift it
EDGES = np.array([[np.nan] * 3 if corner is None else BOX[corner] for corner in PEN])


def project(places, azimuth, elevation):
    """Places (P, n, 3) in a box around 0, seen from far away: (P, n, 2), across and up.

    `azimuth` and `elevation` (P,) in degrees: from which side, and from how high above the floor.
    Each of the three may be of length 1 and then serves all P.
    """
    x, y, z = np.moveaxis(np.asarray(places, dtype=float), -1, 0)
    turn, tilt = np.radians(azimuth)[:, None], np.radians(elevation)[:, None]
    nearer = x * np.cos(turn) + y * np.sin(turn)
    across = y * np.cos(turn) - x * np.sin(turn)
    return xy(across, z * np.cos(tilt) - nearer * np.sin(tilt))


def mesh(grid):
    """A grid of places (n, m, ...) as one line: to and fro along the rows, then along the columns."""
    back = grid[::-1] if len(grid) % 2 == 0 else grid[::-1, ::-1]  # begins where the rows end
    snakes = []
    for rows in (grid, np.swapaxes(back, 0, 1)):
        rows = rows.copy()
        rows[1::2] = rows[1::2, ::-1]
        snakes.append(rows.reshape(-1, *grid.shape[2:]))
    return np.concatenate(snakes)


class LineSurface(Stage):
    """A line over real penguins, and the surface of its mean squared error: from above and in 3-D.

    One point is shown three times: as the line, on the contours, on the surface. Its height above the
    floor of the box is the mean squared error. `weight` and `bias`: where it begins, in gram a standard
    deviation and in gram. `azimuth` and `elevation`: from where the box is seen, in degrees.
    """

    WINDOW = ((-400.0, 1800.0), (3100.0, 5300.0))
    TOP = 2.6e6  # g²: the height of the box

    def __init__(self, weight=0.0, bias=3500.0, azimuth=-60.0, elevation=24.0):
        self.dataset = data.standardize(data.penguins())
        self.objective = EmpiricalRisk(Linear(), SquaredError(), self.dataset)
        self.solution = lstsq(self.dataset.X, self.dataset.y)
        self.lowest = float(self.objective(self.solution))
        self._rows = np.sort(np.random.default_rng(1).choice(len(self.dataset), 20, replace=False))
        self.grid = plots.grid(self.WINDOW, 16)
        self.heights = self.objective(self.grid)
        self._mesh = mesh(self._in_box(self.grid, self.heights))
        figure, (birds, above, box) = plots.figure(3, height=3.5)
        plots.points(birds, self.dataset, markersize=3)
        birds.set(xlim=(-2.3, 2.4), ylim=(2400, 6600), title="The line", ylabel="body mass (g)")
        birds.set_xlabel("flipper (standardized)")
        labels = ("weight w (g per std. dev.)", "bias b (g)")
        plots.contours(above, self.objective, self.WINDOW, labels=labels)
        above.plot(*self.solution, **plots.star_style())
        above.set(title="The point from above", aspect="equal", xticks=(0, 500, 1000, 1500))
        box.set(xlim=(-1.62, 1.62), ylim=(-1.62, 1.62), aspect="equal", xticks=[], yticks=[])
        box.set(
            title="The point on the surface",
            xlabel="height: mean squared error,\nfloor 0, top 2.6 million g²",
        )
        box.spines[:].set_visible(False)
        self._marks_in(birds, above, box)
        sliders = [
            Slider("weight", "weight w", np.linspace(*self.WINDOW[0], POSITIONS + 1), weight),
            Slider("bias", "bias b", np.linspace(*self.WINDOW[1], POSITIONS + 1), bias),
            Slider("azimuth", "turn the box (degrees)", np.linspace(-180, 180, 91), azimuth, play=True),
            Slider("elevation", "tilt the box (degrees)", np.linspace(0, 90, 91), elevation),
        ]
        handle = Handle(("weight", "bias"), above, "weight and bias")
        super().__init__(figure, self._moving_parts, sliders, [handle])

    def _marks_in(self, birds, above, box):
        blue, quiet = plots.GRADIENT, plots.QUIET
        self._residuals = moving(birds, color=plots.PATH, linestyle="-", linewidth=1, alpha=0.6)
        self._line = moving(birds, color=blue, linestyle="-", linewidth=2.4)
        self._point = moving(above, **plots.point_style(blue))
        self._edges = moving(box, color="#c4c4c4", linestyle="-", linewidth=0.8)
        self._names = [
            moving(box, marker=f"${name}$", markersize=7, color="#1a1a1a", markeredgewidth=0)
            for name in "wb"
        ]
        self._wire = moving(box, color=quiet, linestyle="-", linewidth=0.7)
        self._drop = moving(box, color=blue, linestyle="--", linewidth=1.4)
        self._star = moving(box, **plots.star_style(12))
        self._spot = moving(box, **plots.point_style(blue))
        self._moving_parts = [
            self._residuals, self._line, self._point, self._edges, *self._names, self._wire, self._drop,
            self._star, self._spot,
        ]  # fmt: skip

    def _in_box(self, theta, height):
        """Parameters (..., 2) and heights (...) as places (..., 3) in the box."""
        middle, half = np.mean(self.WINDOW, axis=1), np.ptp(self.WINDOW, axis=1) / 2
        up = 1.6 * np.asarray(height) / self.TOP - 0.8
        return np.concatenate([(theta - middle) / half, up[..., None]], axis=-1)

    def frames(self, settings):
        """One frame a position of the point or of the eye."""
        asked, P = lanes(settings)
        names = "weight", "bias", "azimuth", "elevation"
        weight, bias, *eye = (np.atleast_1d(settings[name]) for name in names)
        theta = np.stack(np.broadcast_arrays(weight, bias), axis=-1)  # of length 1 while the eye moves
        x, y = self.dataset.X[self._rows, 0], self.dataset.y[self._rows]
        ends, heights = np.array([-2.3, 2.4]), self.objective(theta)
        residuals = np.full((len(theta), len(x), 3, 2), np.nan)  # from the line to the bird, then a gap
        residuals[:, :, :2, 0] = x[:, None]
        residuals[:, :, 0, 1], residuals[:, :, 1, 1] = theta[:, :1] * x + theta[:, 1:], y
        line = xy(ends, theta[:, :1] * ends + theta[:, 1:])
        spot, foot = self._in_box(theta, heights), self._in_box(theta, 0 * heights)
        beside = np.array([[0, -1.25, -0.8], [1.25, 0, -0.8]])[:, None, None]
        marks = {
            self._residuals: residuals.reshape(len(theta), -1, 2),
            self._line: line,
            self._point: theta[:, None],
            self._edges: project(EDGES[None], *eye),
            self._wire: project(self._mesh[None], *eye),
            self._drop: project(np.stack([spot, foot], axis=1), *eye),
            self._star: project(self._in_box(self.solution, self.lowest)[None, None], *eye),
            self._spot: project(spot[:, None], *eye),
        }
        marks |= {mark: project(at, *eye) for mark, at in zip(self._names, beside, strict=True)}
        marks = {mark: shown if len(shown) == P else shown[0] for mark, shown in marks.items()}
        asked["height"] = np.broadcast_to(heights, P)
        told = zip(*(asked[name] for name in (*names, "height")), strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, weight, bias, azimuth, elevation, height):
        return (
            f"w = {round(weight)}, b = {round(bias)}: height {height / 1e6:.3g} million g², "
            f"{height / self.lowest:.2f} × the lowest. "
            f"The box is turned by {round(azimuth)}°, seen from {round(elevation)}° above the floor."
        )
