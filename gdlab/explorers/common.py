"""What the explorers share."""

from __future__ import annotations

import numpy as np

from gdlab._arguments import spans
from gdlab.stage import Slider

POSITIONS = 200  # of a slider: enough to look continuous
START = ("start_x", "start_y")  # the sliders of a start


def positions(name, ends, count=POSITIONS):
    """The positions of a learning-rate slider from the lowest rate to the highest, (count,)."""
    ((low, high),) = spans(name, [ends], 1, above=0)
    return np.geomspace(low, high, count)


def coordinates(names, what, window, at, count, ahead=True):
    """A folded slider for each coordinate of a place in a window, with that many positions."""
    return [
        Slider(
            name, f"{what}, {which} parameter", np.linspace(*span, count), x, folded=True, ahead=ahead
        )
        for name, which, span, x in zip(names, ("first", "second"), window, at, strict=False)
    ]


def moving(ax, **style):
    """A mark: a line without data that moves."""
    return ax.plot([], [], animated=True, **style)[0]


def xy(x, y):
    """What a line is drawn from, (..., 2), for x and y that broadcast."""
    return np.stack(np.broadcast_arrays(x, y), axis=-1)


def lanes(settings):
    """The settings as arrays of shape (P,), and P."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(value) for value in settings.values()))
    return dict(zip(settings, arrays, strict=True)), len(arrays[0])


def picture(ax, cmap, vmin, vmax):
    """A mark: an image that fills the axes, whatever their scales; its first row is at the bottom."""
    limits = ax.get_xlim(), ax.get_ylim()
    how = {"cmap": cmap, "vmin": vmin, "vmax": vmax, "origin": "lower", "interpolation": "nearest"}
    place = {"extent": (0, 1, 0, 1), "transform": ax.transAxes, "aspect": "auto", "animated": True}
    image = ax.imshow([[vmin]], **how, **place)
    ax.set(xlim=limits[0], ylim=limits[1])
    return image
