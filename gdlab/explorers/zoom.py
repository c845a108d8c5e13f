"""A curve seen closer and closer, until it is a line."""

from __future__ import annotations

import numpy as np

from gdlab import plots
from gdlab._arguments import array, number, shown, vector
from gdlab.explorers.common import POSITIONS, moving, xy
from gdlab.stage import Frames, Slider, Stage


class Zoom(Stage):
    """A landscape in a window that shrinks around a point, with the tangent at that point.

    Left the curve and the window on it, in the middle what the window shows, right the gap between curve
    and tangent at the window's right end, against the window's half width; both scales go in powers of
    ten. The axes in the middle stay; their numbers change.

    `landscape`: any objective. `at`: the point, where it must not be level. `direction`: of the slice
    through the point, by default along the gradient. `width`: half of the window. `widest`: the largest
    half width, by default a quarter of the landscape's window.
    """

    def __init__(self, landscape, at, direction=None, width=None, widest=None):
        self.landscape = landscape
        if not callable(landscape) or not hasattr(landscape, "gradient"):
            raise TypeError(
                f"landscape: f(theta) with f.gradient(theta) is expected, {shown(landscape)} given"
            )
        at = array("at", at, "(d,)", ndim=1)
        d = getattr(landscape, "dimension", len(at))
        self._at = at = vector("at", at, d)
        gradient = landscape.gradient(at)
        if direction is None:
            direction = [1.0] if d == 1 else gradient
        along = array("direction", direction, "(d,)", ndim=1)
        length = np.linalg.norm(along)
        if len(along) != d or (length == 0 and direction is not gradient):
            raise ValueError(
                f"direction: {d} numbers, not all 0, are expected, {shown(direction)} given"
            )
        self._along = along / length if length else along
        self.value, self.slope = float(landscape(at)), float(gradient @ self._along)
        if abs(self.slope) < 1e-9 * max(1.0, abs(self.value)):
            raise ValueError(f"at: a place that is not level is expected, {shown(at.tolist())} given")
        if widest is None:
            window = getattr(landscape, "window", None)
            if window is None:
                raise ValueError("widest: a half width is expected, None given")
            widest = np.ptp(window[0]) / 4
        widest = number("widest", widest, 0, open_low=True)
        widths = widest * np.geomspace(1e-3, 1, POSITIONS)
        width = (
            widths[POSITIONS // 2] if width is None else number("width", width, widths[0], widths[-1])
        )
        slider = Slider("width", "half width of the window", widths, width)
        super().__init__(self._draw(widths), self._moving_parts, [slider])

    def _rise(self, s):
        """The change of the value at distances s along the slice."""
        return self.landscape(self._at + np.asarray(s)[..., None] * self._along) - self.value

    def _where(self, s):
        """Where distances s lie on the x axis of the whole."""
        return self._at[0] + s if len(self._at) == 1 else s

    def gap(self, s):
        """How far the value at distance s lies from the tangent."""
        return np.abs(self._rise(s) - self.slope * np.asarray(s))

    def _draw(self, widths):
        figure, (whole, near, error) = plots.figure(3, height=3.7)
        figure.get_layout_engine().set(wspace=0.06)
        if len(self._at) == 1 and hasattr(self.landscape, "window"):
            plots.curve(whole, self.landscape)
        else:
            s = np.linspace(-1.3 * widths[-1], 1.3 * widths[-1], 301)
            whole.plot(self._where(s), self.value + self._rise(s), color=plots.QUIET, linestyle="-")
            whole.set(xlabel="distance along the slice", ylabel="value")
        whole.set_title("The whole")
        whole.locator_params(nbins=5)
        near.set(xlim=(-1.08, 1.08), ylim=(-2, 2), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        near.set(xticklabels=[], yticklabels=[], title="In the window")
        near.set_xlabel("distance from the point", labelpad=17)
        near.set_ylabel("change of the value", labelpad=40)
        down = self.slope < 0
        near.plot((-1, 1), (1, -1) if down else (-1, 1), color=plots.GRADIENT, linestyle="--")
        near.text(
            0.04 if down else 0.96, 0.05, "dashed: tangent", color=plots.GRADIENT, fontsize=8.5,
            transform=near.transAxes, ha="left" if down else "right",
        )  # fmt: skip
        gap = self.gap(widths)
        error.plot(widths, gap, color=plots.QUIET, linestyle="-")
        error.plot(widths, gap[0] * (widths / widths[0]) ** 2, color=plots.TRUTH, linestyle=":")
        error.text(
            0.06, 0.92, "dotted: slope 2", color=plots.TRUTH, transform=error.transAxes, fontsize=8.5
        )
        error.set(xscale="log", yscale="log", xlabel="half width of the window")
        error.set(ylabel="gap at its right end", title="The gap")
        self._window = moving(whole, color=plots.PATH, linestyle="-", linewidth=3.4)
        self._here = moving(whole, **{**plots.point_style("#1a1a1a"), "markersize": 5})
        self._curve = moving(near, color=plots.QUIET, linestyle="-", linewidth=2)
        self._gap = moving(near, color=plots.PATH, linestyle="-", linewidth=3)
        self._dot = moving(error, **plots.point_style())
        # The numbers at the ticks: the axes stay, what they mean does not.
        style = {"animated": True, "color": "#3c3c3c", "fontsize": 8.5}
        self._across = [near.text(x, -2.23, "", ha="center", **style) for x in (-1, 0, 1)]
        self._upwards = [near.text(-1.15, y - 0.05, "", ha="right", **style) for y in (-1, 0, 1)]
        self._moving_parts = [self._window, self._here, self._curve, self._gap, self._dot]
        self._moving_parts += self._across + self._upwards
        return figure

    def frames(self, settings):
        """One frame a width."""
        width = np.atleast_1d(settings["width"])
        t, unit = np.linspace(-1, 1, 61), width * abs(self.slope)
        s = width[:, None] * t
        rise, gap = self._rise(s), self.gap(width)
        end = np.stack([np.full_like(unit, np.sign(self.slope)), rise[:, -1] / unit], axis=-1)
        marks = {
            self._window: np.stack([self._where(s), self.value + rise], axis=-1),
            self._here: np.array([[self._where(0.0), self.value]]),
            self._curve: xy(t, rise / unit[:, None]),
            self._gap: np.stack([np.ones_like(end), end], axis=-1),
            self._dot: np.stack([width, gap], axis=-1)[:, None],
        }
        for texts, sizes in ((self._across, width), (self._upwards, unit)):
            for text, sign in zip(texts, ("−", "", "+"), strict=True):
                marks[text] = [f"{sign}{size:.2g}" if sign else "0" for size in sizes]
        way = "falls" if self.slope < 0 else "rises"
        sentences = [
            f"Window ±{w:.3g}: to its right end the tangent {way} by {u:.3g}; "
            f"its gap to the curve there is {g:.3g}, {100 * g / u:.3g} % of that."
            for w, g, u in zip(width, gap, unit, strict=True)
        ]
        return Frames(marks, sentences)
