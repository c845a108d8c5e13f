"""Films: a run as a GIF, or as an MP4 where ffmpeg is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from matplotlib import animation

from gdlab import plots
from gdlab._arguments import instance, number, shown
from gdlab.trajectory import Trajectory

WRITERS = {".gif": "pillow", ".mp4": "ffmpeg"}


def film(path, objective, run, rate: float = 20, progress: Callable[[Iterable], Iterable] = iter):
    """Write a single run on a landscape of one or two dimensions, one picture a step, then a rest.

    `path`: ends in .gif or .mp4. `rate`: steps a second. `progress`: wraps the steps, as tqdm does.
    ValueError where the landscape cannot be drawn, the run has lanes, or nothing writes such a file.
    """
    path, rate = Path(path), number("rate", rate, 0, open_low=True)
    if path.suffix not in WRITERS:
        raise ValueError(f"path: a name that ends in .gif or .mp4 is expected, {path.name!r} given")
    if not animation.writers.is_available(WRITERS[path.suffix]):
        raise ValueError(
            f"path: {path.suffix} needs {WRITERS[path.suffix]}, which is not installed here"
        )
    if getattr(objective, "dimension", None) not in (1, 2) or not hasattr(objective, "window"):
        raise ValueError(
            f"objective: a landscape of 1 or 2 dimensions is expected, {shown(objective)} given"
        )
    if instance("run", run, Trajectory).lanes:
        raise ValueError(f"run: a single run is expected, one with lanes {run.lanes} given")
    figure, draw = _screen(objective, run)
    writer = animation.writers[WRITERS[path.suffix]](fps=rate)
    with plots.style(), writer.saving(figure, str(path), dpi=100):
        for k in progress(range(run.steps + 1)):
            draw(k)
            writer.grab_frame()
        for _ in range(round(rate)):  # a second on the last picture, before it begins again
            writer.grab_frame()


def _screen(objective, run):
    """The figure, and a function that draws it after k steps."""
    figure, (land, height) = plots.figure(2)
    thetas = run.thetas
    if objective.dimension == 2:
        plots.contours(land, objective)
    else:
        plots.curve(land, objective)
        thetas = np.column_stack([thetas, run.values])
    plots.minima(land, objective)
    land.plot(*thetas[0], **plots.start_style())
    (way,) = land.plot([], [], **plots.path_style())
    (here,) = land.plot([], [], **plots.point_style())
    finite = run.values[np.isfinite(run.values)]
    plots.values(height, run, color=plots.QUIET, linewidth=1, markersize=0)
    if (finite <= 0).any():
        height.set_yscale("linear")
    (now,) = height.plot([], [], **plots.point_style())
    height.set_title("The value after each step")

    def draw(k):
        way.set_data(*thetas[: k + 1].T)
        here.set_data(*thetas[k : k + 1].T)
        now.set_data([k], run.values[k : k + 1])
        land.set_title(f"Step {k}, value {run.values[k]:.3g}")

    return figure, draw
