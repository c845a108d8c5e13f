"""What the explorers share."""

from __future__ import annotations

import numpy as np

POSITIONS = 200  # of a slider: enough to look continuous


def moving(ax, **style):
    """A mark: a line without data that moves."""
    return ax.plot([], [], animated=True, **style)[0]


def lanes(settings):
    """The settings as arrays of shape (P,), and P."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(value) for value in settings.values()))
    return dict(zip(settings, arrays, strict=True)), len(arrays[0])
