"""What each function of `plots` puts on the axes it is given: data, places and styles, read back."""

import inspect

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Annotation

from gdlab import EmpiricalRisk, GradientDescent, data, descend, landscapes, losses, models, plots

BOWL = landscapes.Quadratic([1, 10], rotation=30)
WELL = landscapes.DoubleWell()
BIRDS = data.standardize(data.penguins())
RISK = EmpiricalRisk(models.Linear(), losses.SquaredError(), BIRDS)
RUN = descend(BOWL, [-2, 1.5], GradientDescent(0.15), 12)
RUN_1D = descend(WELL, [1.8], GradientDescent(0.05), 7)
PLANES = [f for f in landscapes.GALLERY if f.dimension == 2]
PREDICTED = RISK.model.predict(np.array([700.0, 4000.0]), BIRDS.X)

DRAWN = {
    "contours": lambda ax: plots.contours(ax, BOWL),
    "curve": lambda ax: plots.curve(ax, WELL),
    "minima": lambda ax: plots.minima(ax, BOWL),
    "path": lambda ax: plots.path(ax, RUN),
    "values": lambda ax: plots.values(ax, RUN),
    "points": lambda ax: plots.points(ax, BIRDS),
    "predictions": lambda ax: plots.predictions(ax, RISK.model, np.array([700.0, 4000.0]), (-2, 2)),
    "squares": lambda ax: plots.squares(ax, BIRDS, PREDICTED, [0, 5]),
    "limit": lambda ax: plots.limit(ax, 0.5, "limit"),
    "arrow": lambda ax: plots.arrow(ax, [0, 0], [1, 1], label="gradient"),
}
OTHERS = {
    "contrast",
    "legible",
    "style",
    "figure",
    "mosaic",
    "grid",
    "path_style",
    "start_style",
    "star_style",
    "point_style",
}


@pytest.fixture
def ax():
    return Figure(figsize=(5, 4)).subplots()


def test_every_function_is_tried_here():
    public = {
        name
        for name, function in inspect.getmembers(plots, inspect.isfunction)
        if function.__module__ == plots.__name__ and name[0] != "_"
    }
    assert public == set(DRAWN) | OTHERS


@pytest.mark.parametrize("name", DRAWN)
def test_drawing_returns_nothing_and_stays_on_the_axes_given(name):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    settings = dict(matplotlib.rcParams)
    before = len(left.get_children())
    assert DRAWN[name](left) is None
    assert len(left.get_children()) > before
    assert not (right.lines or right.patches or right.collections or right.texts)
    assert figure.axes == [left, right]
    assert plt.get_fignums() == [] and dict(matplotlib.rcParams) == settings


# --- figures -----------------------------------------------------------------------------------------


def test_a_figure_is_900_pixels_wide_and_in_the_series_style():
    settings = dict(matplotlib.rcParams)
    figure, ax = plots.figure(height=3)
    assert figure.bbox.size.tolist() == [900, 300] and figure.axes == [ax]
    assert not ax.spines["top"].get_visible() and ax.spines["left"].get_visible()
    assert to_hex(ax.plot([0, 1])[0].get_color()) == plots.PATH.lower()
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    assert plt.get_fignums() == [] and dict(matplotlib.rcParams) == settings
    _, pair = plots.figure(2)
    assert pair.shape == (2,)


def test_a_mosaic_has_named_axes_and_heights():
    figure, axes = plots.mosaic([["a", "b"], ["c", "c"]], height=6, heights=[2, 1])
    figure.draw_without_rendering()
    assert set(axes) == {"a", "b", "c"} and figure.bbox.size.tolist() == [900, 600]
    assert axes["a"].bbox.height == pytest.approx(2 * axes["c"].bbox.height, rel=0.02)
    assert axes["c"].bbox.width > 1.9 * axes["a"].bbox.width


def test_the_style_goes_with_its_context():
    before = matplotlib.rcParams["lines.markersize"], matplotlib.rcParams["axes.grid"]
    with plots.style():
        assert (matplotlib.rcParams["lines.markersize"], matplotlib.rcParams["axes.grid"]) == (5, True)
        sizes = [key for key in matplotlib.rcParams if key.endswith(("labelsize", "fontsize"))]
        sizes = [matplotlib.rcParams[key] for key in [*sizes, "font.size", "axes.titlesize"]]
        sizes = [size for size in sizes if isinstance(size, float)]
        assert len(sizes) >= 6 and min(sizes) * 100 / 72 >= 11  # pixels
    assert (matplotlib.rcParams["lines.markersize"], matplotlib.rcParams["axes.grid"]) == before


def test_every_colour_of_the_cycle_has_a_line_style_of_its_own():
    with plots.style():
        cycle = list(matplotlib.rcParams["axes.prop_cycle"])
    assert len({entry["color"] for entry in cycle}) == len(cycle) >= 5
    assert len({str(entry["linestyle"]) for entry in cycle}) == len(cycle)


# --- landscapes --------------------------------------------------------------------------------------


def test_a_grid_holds_both_corners():
    found = plots.grid(((-1, 2), (3, 5)), 4)
    assert found.shape == (4, 4, 2)
    assert found[0, 0].tolist() == [-1, 3] and found[-1, -1].tolist() == [2, 5]
    assert (found[:, :, 0] == [-1, 0, 1, 2]).all() and (np.diff(found[:, :, 1], axis=0) > 0).all()


def mesh(window):
    (a, b), (c, d) = window
    return np.stack(np.meshgrid(np.linspace(a, b, 120), np.linspace(c, d, 120)), axis=-1)


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: type(plane).__name__)
def test_contours_cover_the_landscape_from_bottom_to_top(ax, plane):
    plots.contours(ax, plane)
    filled, lines = (found for found in ax.collections if isinstance(found, ContourSet))
    values = plane(mesh(plane.window))
    assert filled.filled and not lines.filled and (filled.levels == lines.levels).all()
    assert filled.levels[[0, -1]] == pytest.approx([values.min(), values.max()], rel=1e-12)
    assert (np.diff(filled.levels) > 0).all() and len(filled.levels) == 19
    # Dark is low: each band is lighter than the one below.
    light = filled.get_facecolor()[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert len(light) == 18 and (np.diff(light) > 0).all()
    # The bands are put where the values are: most of them can be seen.
    assert (np.histogram(values, filled.levels)[0] > 10).sum() >= 12
    assert (ax.get_xlim(), ax.get_ylim()) == tuple(tuple(side) for side in plane.window)


def test_contours_fill_the_axes_whatever_is_there_already(ax):
    ax.plot([-99, 99], [-99, 99])
    plots.contours(ax, BOWL)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-3, 3), (-3, 3))


def test_on_a_bowl_the_rings_are_evenly_spaced(ax):
    plots.contours(ax, landscapes.Quadratic([1, 1]))
    radii = np.sqrt(2 * ax.collections[0].levels)
    assert np.diff(radii).max() < 2.2 * np.diff(radii).min()  # 8 times with evenly spaced levels


def test_contours_through_another_window(ax):
    window = ((-1500, 3000), (-500, 9000))
    plots.contours(ax, RISK, window, levels=7, labels=("weight", "bias"))
    assert (ax.get_xlim(), ax.get_ylim()) == window
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("weight", "bias")
    values = RISK(mesh(window))
    assert ax.collections[0].levels[[0, -1]] == pytest.approx([values.min(), values.max()], rel=1e-12)
    assert len(ax.collections[0].levels) == 8


def test_a_curve(ax):
    plots.curve(ax, WELL)
    ((w, values),) = (line.get_data() for line in ax.lines)
    assert w[[0, -1]].tolist() == [-2, 2] and len(w) > 200
    assert np.allclose(values, (w**2 - 1) ** 2 + 0.3 * w, rtol=0, atol=1e-12)
    low, high = ax.get_ylim()
    assert low < values.min() and values.max() < high < 1.2 * values.max()
    assert ax.get_xlim() == (-2, 2)


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: type(plane).__name__)
def test_a_star_at_every_minimum(ax, plane):
    plots.minima(ax, plane)
    (line,) = ax.lines
    assert line.get_marker() == "*" and line.get_linestyle() == "None"
    assert to_hex(line.get_color()) == plots.TRUTH.lower()
    assert np.array_equal(line.get_xydata(), plane.minima.reshape(-1, 2))


def test_minima_of_one_parameter_lie_on_the_curve(ax):
    plots.minima(ax, WELL)
    w = WELL.minima[:, 0]
    found = ax.lines[0].get_xydata()
    assert np.allclose(found, np.column_stack([w, (w**2 - 1) ** 2 + 0.3 * w]), rtol=0, atol=1e-12)


def test_minima_that_are_given(ax):
    plots.minima(ax, RISK, np.array([[700.0, 4000.0]]))
    assert ax.lines[0].get_xydata().tolist() == [[700, 4000]]


# --- runs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "place"),
    [(RUN, RUN.thetas), (RUN_1D, np.column_stack([RUN_1D.thetas[:, 0], RUN_1D.values]))],
    ids=["two parameters", "one parameter"],
)
def test_a_path_is_the_run_with_a_ring_at_the_start_and_a_dot_at_the_end(ax, run, place):
    plots.path(ax, run, label="descent", color="#0072B2")
    way, start, here = ax.lines
    assert np.array_equal(way.get_xydata(), place) and len(place) == run.steps + 1
    assert np.array_equal(start.get_xydata(), place[:1])
    assert np.array_equal(here.get_xydata(), place[-1:])
    assert way.get_label() == "descent" and way.get_marker() == "o" and way.get_linestyle() == "-"
    assert start.get_markerfacecolor() == "none" and start.get_marker() == "o"
    assert to_hex(here.get_markerfacecolor()) == "#0072b2" and here.get_linestyle() == "None"
    assert {to_hex(line.get_color()) for line in (way, here)} == {"#0072b2"}
    assert to_hex(start.get_markeredgecolor()) == "#0072b2"
    assert way.get_path_effects()  # a light outline


def test_values(ax):
    plots.values(ax, RUN, label="α = 0.15", color="#0072B2")
    (line,) = ax.lines
    assert np.array_equal(line.get_xydata(), np.column_stack([np.arange(13), RUN.values]))
    assert (line.get_label(), to_hex(line.get_color())) == ("α = 0.15", "#0072b2")
    assert (ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "step", "value")


# --- data --------------------------------------------------------------------------------------------


def test_points(ax):
    birds = data.penguins()
    plots.points(ax, birds, markersize=7)
    (line,) = ax.lines
    assert np.array_equal(line.get_xydata(), np.column_stack([birds.X[:, 0], birds.y]))
    assert line.get_linestyle() == "None" and line.get_markersize() == 7
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("flipper length (mm)", "body mass (g)")


def test_predictions(ax):
    plots.predictions(ax, models.Linear(), np.array([2.0, -1.0]), (-3, 4), label="fit", color="black")
    x, y = ax.lines[0].get_data()
    assert x[[0, -1]].tolist() == [-3, 4] and np.allclose(y, 2 * x - 1, rtol=0, atol=1e-12)
    assert ax.lines[0].get_label() == "fit"


@pytest.mark.parametrize("limits", [((-3, 3), (0, 9000)), ((2.4, -2.4), (6500, 2500))])
def test_squares_are_square_on_the_page(limits):
    figure, (_, ax) = plots.figure(2, height=3.6)
    ax.set(xlim=limits[0], ylim=limits[1], title="Squares", xlabel="x")
    residuals = PREDICTED - BIRDS.y
    rows = [*np.flatnonzero(residuals > 300)[::25], *np.flatnonzero(residuals < -300)[::25]]
    plots.squares(ax, BIRDS, PREDICTED, rows, alpha=0.5)
    figure.draw_without_rendering()  # as it will be drawn
    assert len(ax.patches) == len(rows) > 5 and {patch.get_alpha() for patch in ax.patches} == {0.5}
    assert (residuals[rows] > 0).any() and (residuals[rows] < 0).any()
    for row, patch in zip(rows, ax.patches, strict=True):
        assert isinstance(patch, Polygon)
        pixels = ax.transData.transform(patch.get_xy())
        ends = [[BIRDS.X[row, 0], y] for y in (BIRDS.y[row], PREDICTED[row])]
        bird, line = ax.transData.transform(ends)
        side = abs(line[1] - bird[1])
        assert side > 5
        assert np.abs(np.ptp(pixels, axis=0) - side).max() < 1
        for corner in (bird, line):  # the residual itself is one of its sides
            assert np.abs(pixels - corner).max(axis=1).min() < 0.01
        corners = {tuple(corner) for corner in np.round(pixels, 3)}
        assert len(corners) == 4


# --- notes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ha", "side"), [("left", 1), ("right", -1)])
@pytest.mark.parametrize("va", ["top", "bottom"])
def test_a_limit_bears_its_name_beside_the_line(ax, ha, side, va):
    ax.set(xscale="log", xlim=(0.01, 1), ylim=(0, 5))
    plots.limit(ax, 0.2, "limit 2/λ_max", color=plots.TRUTH, ha=ha, va=va)
    ax.figure.draw_without_rendering()
    (line,), (name,) = ax.lines, ax.texts
    assert list(line.get_xdata()) == [0.2, 0.2] and line.get_linestyle() == "--"
    assert name.get_text() == "limit 2/λ_max"
    assert to_hex(line.get_color()) == to_hex(name.get_color()) == plots.TRUTH.lower()
    at, _ = ax.transData.transform([0.2, 0])
    box = name.get_window_extent()
    near = box.x0 if side > 0 else box.x1
    assert 0 < side * (near - at) < 12  # pixels
    assert ax.bbox.y0 < box.y0 and box.y1 < ax.bbox.y1
    assert (box.y0 > ax.bbox.y1 - 40) if va == "top" else (box.y1 < ax.bbox.y0 + 40)
    assert name.get_fontsize() * 100 / 72 >= 11


def test_an_arrow_points_from_there_along_the_vector(ax):
    ax.set(xlim=(-5, 5), ylim=(-5, 5))
    plots.arrow(ax, [1, 2], [-3, 1], color=plots.GRADIENT, label="gradient")
    ax.figure.draw_without_rendering()
    arrow, label = (found for found in ax.texts if isinstance(found, Annotation))
    assert (tuple(arrow.xyann), tuple(arrow.xy)) == ((1, 2), (-2, 3)) and arrow.get_text() == ""
    assert arrow.arrow_patch.get_arrowstyle().__class__.__name__ == "CurveFilledB"  # a head at the tip
    assert (label.get_text(), tuple(label.xy)) == ("gradient", (-2, 3))
    assert {to_hex(arrow.arrow_patch.get_edgecolor()), to_hex(label.get_color())} == {"#0072b2"}
    plots.arrow(ax, [0, 0], [1, 1])
    assert len(ax.texts) == 3  # without a name there is no second text


def test_collections_are_all_looked_at(ax):
    """Whatever a function draws is a line, a patch, a text or contours: the kinds read above."""
    for draw in DRAWN.values():
        draw(ax)
    kinds = {type(found) for found in ax.collections if isinstance(found, Collection)}
    assert all(issubclass(kind, ContourSet) for kind in kinds) and not ax.images


def test_words_without_colour_stay_unseen():
    figure = Figure()
    seen, unseen = figure.text(0, 0, "a", color="#999999"), figure.text(0, 0, "b", color="none")
    plots.legible(figure)
    assert plots.contrast(seen.get_color(), "white") >= 4.5 > plots.contrast("#999999", "white")
    assert unseen.get_color() == "none"
