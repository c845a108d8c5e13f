"""The explorers of notebook 07, without a browser.

The oracles: runs one by one in plain loops, the basins read off a single `descend`, and for the networks
a forward pass written out.
"""

import time

import numpy as np
import pytest
from every import HILLS, at, built, picture, positions, quick, wave

from gdlab import (
    Adam,
    EmpiricalRisk,
    GradientDescent,
    Momentum,
    closed_form,
    data,
    descend,
    landscapes,
    losses,
    models,
    plots,
)
from gdlab.exercises import EXERCISES, QUESTIONS
from gdlab.explorers.basins import COLORS, Basins, basin_map, draw_map
from gdlab.explorers.generalization import Generalization
from gdlab.explorers.valleys import Valleys, Widths

# --- the double well ---------------------------------------------------------------------------------


def by_hand(w, rate, tilt, steps=80):
    for _ in range(steps):
        w = w - rate * (4 * w * (w * w - 1) + tilt)
        if abs(w) > 1e6:
            return np.nan
    return w


@pytest.mark.parametrize(("rate", "tilt"), [(0.05, 0.3), (0.15, 0.3), (0.05, -0.46), (0.25, 0.6)])
def test_the_lower_picture_shows_where_every_start_ends(rate, tilt):
    stage = built("valleys")
    frames = at(stage, learning_rate=rate, tilt=tilt)
    low, high = (picture(frames, mark) for mark in (stage._low, stage._high))
    bottoms = landscapes.DoubleWell(tilt).minima[:, 0]
    for start, (x, in_low), (_, in_high) in zip(stage.STARTS, low, high, strict=True):
        end = by_hand(start, rate, tilt)
        assert x == start
        assert (not np.isnan(in_low)) == (abs(end - bottoms[0]) < 0.01)
        assert (not np.isnan(in_high)) == (abs(end - bottoms[1]) < 0.01)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"start": 0.06}, "left valley, the lowest"),
        ({"start": 0.1}, "right valley, not the lowest"),
        ({"start": 1.7, "learning_rate": 0.15}, "left valley, the lowest"),
        ({"start": 0.0, "tilt": 0.0}, "no valley yet"),
        ({"start": 0.5, "tilt": 0.0}, "right valley, as deep as the other"),
        ({"start": -0.5, "tilt": -0.46}, "left valley, not the lowest"),
    ],
)
def test_the_sentence_of_the_valleys(settings, said):
    assert said in at(built("valleys"), **settings).sentences[0]


def test_the_trajectory_of_the_valleys():
    stage = built("valleys")
    run = stage.trajectory
    path = picture(at(stage), stage._path)
    assert np.allclose(path, np.column_stack([run.thetas[:, 0], run.values]))


@pytest.mark.parametrize(
    "wrong", [{"start": 3}, {"start": np.nan}, {"learning_rate": 0}, {"tilt": 2}, {"start": "a"}]
)
def test_bad_arguments_of_the_valleys(wrong):
    with pytest.raises((ValueError, TypeError), match=next(iter(wrong))):
        quick(lambda: Valleys(**wrong))


def test_the_stars_stand_clear_of_the_ground():
    """The end of a run lies on the ground, at a bottom: it must not hide the star."""
    stage = built("valleys")
    for tilt in (-0.6, 0.3):
        well, frames = landscapes.DoubleWell(tilt), at(stage, tilt=tilt)
        low = stage._stars[0].axes.get_ylim()[0]
        for star, bottom in zip(stage._stars, well.minima, strict=True):
            ((x, y),) = picture(frames, star)
            assert x == pytest.approx(bottom[0]) and low + 0.2 < y < well(bottom) - 0.3


# --- basins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [GradientDescent(0.01), Momentum(0.005, beta=0.9), Adam(0.1)])
def test_a_map_is_its_runs_one_by_one(rule):
    window = ((-4.0, 2.0), (0.0, 3.0))
    found = basin_map(HILLS, rule, window, pixels=6, steps=200)
    for row in range(6):
        for column in range(6):
            start = [-4 + column + 0.5, 0.5 * row + 0.25]
            end = descend(HILLS, start, rule, 200).thetas[-1]
            near = [np.hypot(*(end - minimum)) < 0.01 for minimum in HILLS.minima]
            assert near.index(True) == found[row, column] if any(near) else np.isnan(found[row, column])


def test_a_map_without_an_arrival_is_nan():
    assert np.isnan(basin_map(HILLS, GradientDescent(0.4), pixels=5)).all()
    assert np.isnan(basin_map(HILLS, GradientDescent(0.01), pixels=5, steps=0)).all()


def test_a_drawn_map_shows_each_pixel_where_it_is():
    reached = basin_map(HILLS, GradientDescent(0.02), pixels=8)
    figure, ax = plots.figure(1)
    draw_map(ax, HILLS, reached, title="A map")
    (image,), (stars,) = ax.images, ax.lines
    shown = image.get_array()
    assert np.array_equal(np.ma.filled(shown, np.nan), reached, equal_nan=True)
    assert np.isnan(reached).any() and ax.patch.get_hatch()  # hatched, for no colour lies there
    assert image.get_extent() == [-5, 5, -5, 5] and image.origin == "lower"
    assert np.array_equal(np.transpose(stars.get_data()), HILLS.minima)
    assert [(text.get_text(), *text.xy) for text in ax.texts] == [
        (letter, *minimum) for letter, minimum in zip("ABCD", HILLS.minima, strict=True)
    ]
    colors = [tuple(image.to_rgba(np.array([[i]]))[0, 0, :3]) for i in range(4)]
    assert np.allclose(colors, COLORS[:4], atol=1e-6) and ax.get_title() == "A map"
    figure.draw_without_rendering()


def test_a_large_map_is_quick():
    begun = time.perf_counter()
    basin_map(HILLS, GradientDescent(0.01), pixels=300, steps=300)
    assert time.perf_counter() - begun < 6  # 0.4 s alone; loose, for a busy machine


def test_the_shares_and_the_picture_are_those_of_the_map():
    stage = built("basins")
    frames = at(stage)
    assert np.array_equal(picture(frames, stage._image), stage.map, equal_nan=True)
    for i, dot in enumerate(stage._dots[:-1]):
        assert picture(frames, dot)[0, 0] == pytest.approx((stage.map == i).mean())
    assert sum(picture(frames, dot)[0, 0] for dot in stage._dots) == pytest.approx(1)
    assert np.array_equal(picture(frames, stage._path), stage.trajectory.thetas)


def test_the_sentence_names_where_the_run_ends():
    stage = built("basins")
    for letter, minimum in zip("ABCD", HILLS.minima, strict=True):
        x, y = np.round(minimum, 1)
        assert f"reaches {letter}." in at(stage, start_x=x, start_y=y).sentences[0]
    assert "reaches none in 300 steps." in at(stage, learning_rate=0.5).sentences[0]
    assert at(stage, optimizer=0).sentences[0].startswith("Gradient descent with α")
    assert "β = 0.9" in at(stage, optimizer=1).sentences[0]


def test_descent_has_no_beta():
    stage = built("basins")
    first, second = at(stage, momentum=0.1), at(stage, momentum=0.9)
    assert first.sentences == second.sentences
    kept = stage._map.cache_info().misses
    at(stage, momentum=0.5)
    assert stage._map.cache_info().misses == kept


def test_zooming_in_and_back():
    stage = quick(lambda: Basins(pixels=10))
    whole = stage.map
    begun = time.perf_counter()
    stage.zoom([[-1.0, 1.0], [-1.0, 0.0]])
    assert time.perf_counter() - begun < 3
    assert np.allclose(stage.window, [[-1, 1], [-1.5, 0.5]])  # as square as the map
    assert np.array_equal(
        stage.map, basin_map(HILLS, GradientDescent(0.01), stage.window, 10), equal_nan=True
    )
    assert np.allclose(stage._axes[0].get_xlim(), (-1, 1)) and (stage.start_x, stage.start_y) == (
        0.5,
        -0.5,
    )
    stage.zoom([[3.0, 3.5], [1.0, 1.5]])  # the start is elsewhere: the middle in its place
    assert (stage.start_x, stage.start_y) == pytest.approx((3.25, 1.25))
    assert positions(stage)["start_x"][[0, -1]] == pytest.approx((3, 3.5))
    stage.zoom(None)
    assert np.array_equal(stage.map, whole, equal_nan=True)
    stage.start_x = -5.0
    for bad in ([[1, 1], [0, 1]], [[1.0, 1.0 + 1e-9], [1.0, 1.0 + 1e-9]], [0, 1]):
        with pytest.raises(ValueError, match="window"):
            stage.zoom(bad)
    assert np.array_equal(stage.map, whole, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("landscape", landscapes.DoubleWell()),
        ("landscape", landscapes.Saddle()),
        ("landscape", 3),
        ("start", (9, 0)),
        ("start", (0,)),
        ("learning_rate", 2),
        ("learning_rates", (1, 0.1)),
        ("optimizer", "Newton"),
        ("momentum", 1),
        ("pixels", 1),
        ("pixels", 2.5),
    ],
)
def test_bad_arguments_of_the_basins(name, wrong):
    with pytest.raises((ValueError, TypeError), match=name):
        quick(lambda: Basins(**{name: wrong}))


# --- networks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_networks_one_by_one(width):
    stage, task = built("widths"), data.xor()
    net = models.Network((2, width, 1), "relu")
    risk = EmpiricalRisk(net, losses.BinaryCrossEntropy(), task)
    for seed in (0, 17, 99):
        theta = descend(risk, net.start(seed), GradientDescent(0.5), stage.STEPS).thetas[-1]
        W, b = theta[: 2 * width].reshape(2, width), theta[2 * width : 3 * width]
        logits = np.maximum(0, task.X @ W + b) @ theta[3 * width : -1] + theta[-1]
        assert stage.solved[width - 1, seed] == ((logits > 0) == (task.y == 1)).all()


def test_each_run_is_drawn_once():
    stage = built("widths")
    for width in (1, 3, 8):
        frames = at(stage, width=width)
        good, stuck = (picture(frames, mark).reshape(100, -1, 2) for mark in (stage._good, stage._stuck))
        drawn = ~np.isnan([good[:, 0, 0], stuck[:, 0, 0]])
        assert (drawn[0] == stage.solved[width - 1]).all() and (drawn.sum(axis=0) == 1).all()
        assert f": {drawn[0].sum()} of 100 starts" in frames.sentences[0]


@pytest.mark.parametrize("wrong", [{"width": 0}, {"width": 1.5}, {"learning_rate": -1}, {"seed": -1}])
def test_bad_arguments_of_the_widths(wrong):
    with pytest.raises((ValueError, TypeError), match=next(iter(wrong))):
        quick(lambda: Widths(**wrong))


# --- train and test ----------------------------------------------------------------------------------


def test_the_errors_are_those_of_the_curve():
    stage, train, test = built("generalization"), wave(15, 2), wave(60, 9)
    for k in (1, 40, 1000):
        theta = stage.trajectory.thetas[k]
        for part, errors in ((train, stage.train), (test, stage.test)):
            assert errors[k] == pytest.approx(np.mean((part.X @ theta[:-1] + theta[-1] - part.y) ** 2))
    exact = closed_form.lstsq(train.X, train.y)
    assert stage.exact_test == pytest.approx(np.mean((test.X @ exact[:-1] + exact[-1] - test.y) ** 2))
    assert np.abs(train.X @ exact[:-1] + exact[-1] - train.y).max() < 1e-6  # through every point
    assert stage.test[stage.best] == stage.test.min() and (np.diff(stage.train) < 0).all()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("train", (3, wave(5, 0))),
        ("train", (data.blobs(8), wave(15, 0))),
        ("test", (wave(15, 0), data.xor())),
        ("test", (wave(15, 0), wave(15, 0, degree=3))),
        ("steps", (wave(15, 0), wave(15, 1), 2000)),
        ("learning_rate", (wave(15, 0), wave(15, 1), 10, 0.0)),
    ],
)
def test_bad_arguments_of_the_generalization(name, arguments):
    with pytest.raises((ValueError, TypeError), match=name):
        quick(lambda: Generalization(*arguments))


# --- exercises ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in EXERCISES if name.startswith("nonconvex")])
def test_every_mistake_gets_its_own_message(name):
    exercise = EXERCISES[name]
    mistakes = exercise.mistakes
    pairs = mistakes.items() if isinstance(mistakes, dict) else mistakes
    assert len(pairs) >= 3 and len(exercise.hints) == 3
    assert exercise.fault(exercise.answer) is None
    for wrong, message in pairs:
        assert exercise.fault(wrong) == message


def test_there_are_three_questions():
    assert len([name for name in QUESTIONS if name.startswith("nonconvex")]) == 3
