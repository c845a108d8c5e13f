"""Drawing on given axes. Axes first; nothing is returned, nothing is shown, no global state.

One picture language for the whole series: the landscape quiet, the descent path warm with every
step a dot, the start a ring, the point where we are a filled dot, a minimum a star, the gradient
blue, limits dashed with their name on the line.
"""

from __future__ import annotations

import matplotlib.style
import numpy as np
from matplotlib import patheffects
from matplotlib.colors import ListedColormap, to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

PATH, GRADIENT, TRUTH, QUIET = "#D55E00", "#0072B2", "#009E73", "#6b6b6b"
OUTLINE = [patheffects.withStroke(linewidth=3.4, foreground="white")]
PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # behind words that lie on lines
LAND = ListedColormap(0.5 * matplotlib.colormaps["cividis"](np.linspace(0, 1, 256)) + 0.5, "land")


def style():
    """The series' style, as a context, whatever style the reader has set."""
    return matplotlib.style.context("gdlab.style", after_reset=True)


def figure(columns: int = 1, height: float = 3.6, width: float = 9.0):
    """(figure, axes) in the series' style, the axes side by side; sizes in inches of 100 pixels.

    `axes` is one Axes, or an array of them. No pyplot: nothing is kept that could leak.
    """
    with style():
        fig = Figure(figsize=(width, height))
        return fig, fig.subplots(1, columns)


def mosaic(layout, height: float = 5.0, width: float = 9.0, heights=None):
    """(figure, {name: axes}) in the series' style, for a layout such as [["a", "b"], ["c", "c"]].

    `heights`: those of the rows, relative to one another.
    """
    with style():
        fig = Figure(figsize=(width, height))
        return fig, fig.subplot_mosaic(layout, height_ratios=heights)


def contrast(one, other) -> float:
    """The contrast of two colours, from 1 to 21; small text needs 4.5. Source: WCAG 2.1 (2018)."""
    bright = [0.05 + _luminance(color) for color in (one, other)]
    return max(bright) / min(bright)


def _luminance(color):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def legible(figure):
    """Darken the words of a figure until they can be read on white; light words, meant for a dark
    ground, stay, and so do words without colour."""
    for text in figure.findobj(
        lambda artist: isinstance(artist, Text) and to_rgba(artist.get_color())[3]
    ):
        rgb = np.array(to_rgb(text.get_color()))
        while _luminance(rgb) < 0.5 and contrast(rgb, "white") < 4.5:
            rgb = 0.97 * rgb
        text.set_color(rgb)


# --- landscapes ----------------------------------------------------------------------------------


def grid(window, points: int = 120):
    """A grid of parameters over a window of two coordinates, shape (points, points, 2)."""
    (left, right), (low, high) = window
    x, y = np.linspace(left, right, points), np.linspace(low, high, points)
    return np.stack(np.meshgrid(x, y), axis=-1)


def contours(ax, objective, window=None, levels: int = 18, labels=("θ₁", "θ₂")):
    """A landscape over two parameters from above, dark where it is low.

    The heights of the levels are v_min + (v_max − v_min) tᵖ for evenly spaced t, with p such that the
    median height lies in the middle: on a bowl p is near 2 and the rings are evenly spaced.
    """
    window = objective.window if window is None else window
    points = grid(window)
    values = np.array([objective(row) for row in points])  # a row at a time: a risk is large
    low, high = values.min(), values.max()
    share = (np.median(values) - low) / (high - low)
    power = np.clip(np.log(share) / np.log(0.5), 1, 6) if share > 0 else 6
    heights = low + (high - low) * np.linspace(0, 1, levels + 1) ** power
    colors = LAND(np.linspace(0.05, 1, levels))
    x, y = points[..., 0], points[..., 1]
    ax.contourf(x, y, values, heights, colors=colors)
    ax.contour(x, y, values, heights, colors="white", linewidths=0.5, linestyles="-", alpha=0.7)
    ax.set(xlim=window[0], ylim=window[1], xlabel=labels[0], ylabel=labels[1])
    ax.locator_params(nbins=6)
    ax.grid(False)


def curve(ax, objective, window=None, labels=("w", "value")):
    """A landscape over one parameter as a curve."""
    window = objective.window if window is None else window
    w = np.linspace(*window[0], 401)
    values = objective(w[:, None])
    room = 0.06 * np.ptp(values)
    ax.plot(w, values, color=QUIET, linestyle="-", linewidth=1.6)
    ax.set(xlim=window[0], ylim=(values.min() - room, values.max() + room))
    ax.set(xlabel=labels[0], ylabel=labels[1])


def minima(ax, objective, thetas=None):
    """A star at every known minimum, or at given parameters (m, d); in one dimension on the curve."""
    thetas = objective.minima if thetas is None else thetas
    at = _on(objective, thetas) if len(thetas) else np.empty((0, 2))
    ax.plot(*at.T, **star_style())


def _on(objective, thetas):
    """Where to draw parameters: themselves in two dimensions, on the curve in one."""
    if thetas.shape[-1] == 1:
        return np.concatenate([thetas, objective(thetas)[..., None]], axis=-1)
    return thetas


# --- runs ----------------------------------------------------------------------------------------


def path(ax, run, label=None, color=PATH):
    """The way a single run went: a ring at the start, a dot a step, a filled dot where it is."""
    thetas = run.thetas
    if thetas.shape[-1] == 1:
        thetas = np.column_stack([thetas[:, 0], run.values])
    ax.plot(*thetas.T, label=label, **path_style(color))
    ax.plot(*thetas[0], **start_style(color))
    ax.plot(*thetas[-1], **point_style(color))


def path_style(color=PATH) -> dict:
    """How a descent path looks."""
    return {
        "color": color,
        "linestyle": "-",
        "linewidth": 1.4,
        "marker": "o",
        "markersize": 3.6,
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
        "path_effects": OUTLINE,
    }


def start_style(color=PATH) -> dict:
    """How a start looks."""
    return {
        "marker": "o",
        "markersize": 9,
        "markerfacecolor": "none",
        "markeredgecolor": color,
        "markeredgewidth": 1.8,
        "linestyle": "none",
    }


def star_style(size=13) -> dict:
    """How a minimum looks."""
    return {
        "marker": "*",
        "markersize": size,
        "color": TRUTH,
        "markeredgecolor": "white",
        "linestyle": "none",
    }


def point_style(color=PATH) -> dict:
    """How the point where we are looks."""
    return {
        "marker": "o",
        "markersize": 7,
        "color": color,
        "markeredgecolor": "white",
        "linestyle": "none",
    }


def values(ax, run, label=None, **line):
    """The value after each step, on a logarithmic axis."""
    ax.plot(run.values, label=label, **{"marker": "o", "markersize": 3, **line})
    ax.set(xlabel="step", ylabel="value", yscale="log")


# --- data ----------------------------------------------------------------------------------------


def points(ax, dataset, **marks):
    """The examples of a data set with one feature: the feature across, the target up."""
    marks = {"color": QUIET, "alpha": 0.45, "markersize": 4, **marks}
    ax.plot(dataset.X[:, 0], dataset.y, "o", linestyle="none", markeredgewidth=0, **marks)
    ax.set(xlabel=dataset.features[0], ylabel=dataset.target)


def predictions(ax, model, theta, window, label=None, **line):
    """A model's predictions over a window of its one feature."""
    x = np.linspace(*window, 201)
    ax.plot(x, model.predict(theta, x[:, None]), label=label, **line)


def squares(ax, dataset, predicted, rows, **marks):
    """The squared residuals of some examples as real squares, their side the residual on the y axis.

    Call it last: a square's width on the x axis is found from the axes' size and limits.
    """
    ax.figure.draw_without_rendering()
    box, (left, right), (low, high) = ax.bbox, ax.get_xlim(), ax.get_ylim()
    per_unit = (right - left) / box.width * box.height / (high - low)
    for row in rows:
        x, y, side = dataset.X[row, 0], dataset.y[row], predicted[row] - dataset.y[row]
        square = np.array([[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]) * [side * per_unit, side]
        ax.fill(
            *(square + np.array([x, y])).T,
            **{"color": PATH, "alpha": 0.25, "linewidth": 1, "linestyle": "-", **marks},
        )


# --- notes ---------------------------------------------------------------------------------------


def limit(ax, x, name, color=QUIET, ha="left", va="top"):
    """A dashed vertical line with its name beside it: `ha` "left" begins there, "right" ends there."""
    ax.axvline(x, color=color, linestyle="--", linewidth=1.2)
    named = ax.annotate(
        name,
        (x, 0.97 if va == "top" else 0.03),
        (4 if ha == "left" else -4, 0),
        xycoords=ax.get_xaxis_transform(),
        textcoords="offset points",
        color=color,
        ha=ha,
        va=va,
        fontsize=8.5,
        bbox=PAPER,
    )
    named.set_in_layout(False)


def arrow(ax, at, vector, color=GRADIENT, label=None):
    """An arrow from a point, in data coordinates."""
    tip = np.add(at, vector)
    ax.annotate("", tip, at, arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2})
    if label:
        ax.annotate(label, tip, (5, 5), textcoords="offset points", color=color)
