"""A direction, drawn: an arrow on a landscape whose tip is dragged."""

from __future__ import annotations

import numpy as np
import traitlets

from gdlab import plots
from gdlab._arguments import array, number, shown
from gdlab.stage import Frames, Handle, Slider, Stage

BARBS = np.radians([150.0, -150.0])  # of an arrow's head, against its direction


class Dial(Stage):
    """A landscape from above, and an arrow to draw from the point `at`.

    `dial.degrees` is its direction, 0 to the right and 90 upwards; None while none is drawn. Writing it
    draws the arrow, `show(degrees)` draws the true one beside it, `disabled` holds it fast.
    ValueError where the landscape has not two dimensions or the point is not in its window.
    """

    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, landscape, at):
        if getattr(landscape, "dimension", None) != 2 or not hasattr(landscape, "window"):
            raise ValueError(f"landscape: one of two dimensions is expected, {shown(landscape)} given")
        self.at, window = array("at", at, "(2,)", ndim=1), np.array(landscape.window)
        if self.at.shape != (2,) or ((self.at <= window[:, 0]) | (self.at >= window[:, 1])).any():
            raise ValueError(
                f"at: a point inside the window is expected, {shown(self.at.tolist())} given"
            )
        room = np.abs(window - self.at[:, None]).min()  # to the nearest edge
        self._truth, self._reach = None, min(room, 0.3 * np.ptp(window, axis=1).min())
        figure, ax = plots.figure(1, height=4.4, width=5.2)
        plots.contours(ax, landscape)
        plots.minima(ax, landscape)
        ax.set(aspect="equal", title="Drag from the ring: draw your arrow")
        ax.plot(*self.at, **plots.start_style())
        lines = {"linewidth": 2.6, "path_effects": plots.OUTLINE, "animated": True}
        (self._right,) = ax.plot([], [], color=plots.TRUTH, linestyle=(0, (2.5, 1)), **lines)
        (self._drawn,) = ax.plot([], [], color=plots.PATH, linestyle="-", **lines)
        sliders = [
            Slider(name, f"tip, {name}", np.linspace(*span, 101), start, folded=True, ahead=False)
            for name, span, start in zip(("across", "up"), window, self.at, strict=True)
        ]
        handle = Handle(("across", "up"), ax, "your arrow's tip")
        super().__init__(figure, [self._right, self._drawn], sliders, [handle])

    @property
    def degrees(self) -> float | None:
        """The direction drawn, None if there is none."""
        return self._direction(np.array([self.across, self.up]))

    @degrees.setter
    def degrees(self, degrees: float):
        turn = np.radians(number("degrees", degrees))
        self.across, self.up = self.at + self._reach * np.array([np.cos(turn), np.sin(turn)])

    def show(self, degrees: float):
        """Draw the true direction beside the reader's."""
        self._truth = number("degrees", degrees)
        self.redraw()

    def frames(self, settings):
        """One frame a tip."""
        tips = np.stack(np.broadcast_arrays(*(np.atleast_1d(tip) for tip in settings.values())), axis=-1)
        turns = [self._direction(tip) for tip in tips]
        told = [
            "No arrow yet." if turn is None else f"Your arrow: {turn:.0f}°. (Right is 0°, up is 90°.)"
            for turn in turns
        ]
        if self._truth is not None:
            told = [f"{words} The true one, dashed: {self._truth:.0f}°." for words in told]
        drawn = [
            self._arrow(turn, np.hypot(*(tip - self.at))) for turn, tip in zip(turns, tips, strict=True)
        ]
        return Frames(
            {self._drawn: np.stack(drawn), self._right: self._arrow(self._truth, self._reach)}, told
        )

    def _direction(self, tip):
        away = tip - self.at
        near = np.hypot(*away) < 0.05 * self._reach
        return None if near else float(np.degrees(np.arctan2(away[1], away[0])))

    def _arrow(self, degrees, length):
        """Shaft and head as one line, shape (5, 2)."""
        if degrees is None:
            return np.full((5, 2), np.nan)
        turns = np.radians(degrees) + np.array([0, *BARBS])
        tip, left, right = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
        tip, head = self.at + length * tip, 0.15 * self._reach
        return np.stack([self.at, tip, tip + head * left, tip, tip + head * right])
