"""Every explorer without a browser: each control to both ends and along a random walk, what is drawn.

The oracles are descents run one by one, least squares, and the formulas of the losses.
"""

import functools
import importlib
import inspect
import io
import itertools
import json
import pkgutil
import re
from pathlib import Path
from unittest import mock

import matplotlib.style
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from gdlab import (
    EmpiricalRisk,
    GradientDescent,
    closed_form,
    data,
    descend,
    explorers,
    landscapes,
    losses,
    models,
)
from gdlab.stage import Stage

BOWL = landscapes.Quadratic([1, 10], rotation=30)
WELL = landscapes.DoubleWell()
BIRDS = data.standardize(data.penguins())
RISK = EmpiricalRisk(models.Linear(), losses.SquaredError(), BIRDS)
LOWEST = closed_form.lstsq(BIRDS.X, BIRDS.y)
SOME = data.standardize(data.penguins().take(np.arange(0, 342, 12)))  # all would take ten times longer
SOME_RISK = EmpiricalRisk(models.Linear(), losses.SquaredError(), SOME)
SOME_LOWEST = closed_form.lstsq(SOME.X, SOME.y)
SEEN = {"window": ((-1500, 3000), (-500, 9000)), "minimum": SOME_LOWEST}

LearningRate = explorers.LearningRate
EXPLORERS = {
    "a bowl": lambda: LearningRate(BOWL, [-2, 1.5], learning_rate=0.15),
    "a parabola": lambda: LearningRate(landscapes.Quadratic([2.0]), [1.8], 0.9, 12, (0.05, 1.4)),
    "a double well": lambda: LearningRate(WELL, [0.5], 0.1, 60, (0.01, 0.5)),
    "a saddle": lambda: LearningRate(landscapes.Saddle(), [1.0, 0.1], 0.1),
    "a curved valley": lambda: LearningRate(landscapes.Rosenbrock(), [-1.0, 2.0], steps=100),
    "penguins": lambda: LearningRate(SOME_RISK, [0, 0], learning_rate=0.1, **SEEN),
    "LineFit": explorers.LineFit,
    "LineDescent": explorers.LineDescent,
    "Outlier": explorers.Outlier,
    "LossShapes": explorers.LossShapes,
    "Atlas": explorers.Atlas,
    "NetworkGraph": explorers.NetworkGraph,
    "Wiring": explorers.Wiring,
}
BOWLS = ["a bowl", "a parabola", "penguins"]
RATES = [*BOWLS, "a double well", "a saddle", "a curved valley"]


def quick(make):
    """An explorer whose background is not rendered: that takes long, and test_stage looks at it."""
    with mock.patch.object(Stage, "_png", lambda *_: b""):
        return make()


built = functools.cache(lambda name: quick(EXPLORERS[name]))
every_explorer = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture
def stage(name):
    """The explorer of that name; it is put back after the test."""
    stage = built(name)
    before = stage.settings
    yield stage
    for each, value in before.items():
        setattr(stage, each, value)


def test_every_explorer_is_tried_somewhere():
    modules = [importlib.import_module(f"gdlab.explorers.{m.name}") for m in
               pkgutil.iter_modules(explorers.__path__)]  # fmt: skip
    public = {
        name
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Stage) and kind.__module__ == module.__name__ and name[0] != "_"
    }
    assert public <= set(explorers.__all__)
    here = {type(built(name)).__name__ for name in EXPLORERS}
    # Some have a file of tests to themselves: test_explorers_....py, where they are built by name.
    others = "".join(path.read_text() for path in Path(__file__).parent.glob("test_explorers_*.py"))
    assert {name for name in public - here if not re.search(rf"\b{name}\(", others)} == set()
    assert here <= public


def at(stage, settings):
    """The one frame at some settings."""
    first = next(iter(settings))
    return stage.frames({**settings, first: np.array([settings[first]])})


def table(stage, slider, settings):
    return stage.frames({**settings, slider: positions(stage)[slider]})


def positions(stage):
    return {slider["name"]: np.array(slider["values"]) for slider in stage.picture["sliders"]}


def on_page(stage, frames):
    """The frames' lines in pixels, (P, points, 2) each, cut off 500 pixels outside the picture."""
    P, width, height = len(frames.sentences), stage.picture["width"], stage.picture["height"]
    for mark in stage._marks:
        if not isinstance(mark, Text):
            pixels = stage._pixels(mark, np.asarray(frames.marks[mark], dtype=float))
            pixels = np.clip(pixels, -500, [width + 500, height + 500])
            yield np.broadcast_to(pixels, (P, *pixels.shape[-2:]))


def walk(stage, moves, seed=0):
    """Settings along a random walk over all sliders, one slider a move."""
    rng, values = np.random.default_rng(seed), positions(stage)
    for name in rng.choice(list(values), moves):
        setattr(stage, str(name), rng.choice(values[name]))
        yield str(name), stage.settings


def assert_whole(stage, frames, P):
    """P pictures: every mark has data for each, on the page all is finite or a gap, all is told."""
    assert len(frames.sentences) == P
    for sentence in frames.sentences:
        assert isinstance(sentence, str) and re.fullmatch(r"\S.*\.", sentence), sentence
        assert not re.search(r"\b(nan|inf|None)\b|-0\.?0* ", sentence), sentence
    assert set(frames.marks) == set(stage._marks)
    for mark, content in frames.marks.items():
        if isinstance(mark, Text):
            assert len(content) == P and all(isinstance(text, str) for text in content)
        else:
            assert np.shape(content)[-1] == 2 and np.shape(content)[:-2] in {(P,), ()}
            assert np.asarray(content).dtype.kind == "f"
            assert not np.isinf(stage._pixels(mark, content)).any()
    json.dumps(frames.sentences, allow_nan=False)


# --- what holds for all of them ----------------------------------------------------------------------


@every_explorer
def test_every_slider_at_both_ends_and_in_the_middle(stage):
    start = stage.settings
    for name, values in positions(stage).items():
        for value in (values[0], values[len(values) // 2], values[-1]):
            setattr(stage, name, value)
            assert_whole(stage, at(stage, stage.settings), 1)
            assert stage.sentence == at(stage, stage.settings).sentences[0]
        setattr(stage, name, start[name])


@every_explorer
def test_a_random_walk_over_all_sliders(stage):
    for i, (name, settings) in enumerate(walk(stage, 50)):
        assert_whole(stage, at(stage, settings), 1)
        if i % 10 == 0:
            assert_whole(stage, table(stage, name, settings), len(positions(stage)[name]))


@every_explorer
def test_a_table_is_its_frames_one_by_one(stage):
    """The stack law of explorers, for every slider, at the start and somewhere else."""
    rng, start = np.random.default_rng(1), stage.settings
    *_, (_, elsewhere) = walk(stage, 5, seed=1)
    for settings, (name, values) in itertools.product((start, elsewhere), positions(stage).items()):
        frames = table(stage, name, settings)
        lines = [*on_page(stage, frames)]
        for i in {0, len(values) - 1, *rng.choice(len(values), 6).tolist()}:
            single = at(stage, {**settings, name: values[i]})
            assert frames.sentences[i] == single.sentences[0]
            for all_of_them, (alone,) in zip(lines, on_page(stage, single), strict=True):
                # A table may hold more points than a frame: a gap for every step not taken.
                assert np.isnan(all_of_them[i, len(alone) :]).all()
                found = all_of_them[i, : len(alone)]
                assert np.allclose(found, alone, rtol=0, atol=0.01, equal_nan=True), name


@every_explorer
def test_every_slider_moves_something(stage):
    for name, values in positions(stage).items():
        low, high = (at(stage, {**stage.settings, name: values[i]}) for i in (0, -1))
        pairs = zip(on_page(stage, low), on_page(stage, high), strict=True)
        far = [a.shape != b.shape or np.nanmax(np.abs(a - b), initial=0) > 5 for a, b in pairs]
        told = any(
            list(low.marks[m]) != list(high.marks[m]) for m in stage._marks if isinstance(m, Text)
        )
        assert any(far) or told, f"{name} moves no mark"
        assert len(set(table(stage, name, stage.settings).sentences)) > 1


@every_explorer
def test_the_same_settings_give_the_same_picture(stage):
    for name in positions(stage):
        first, again = (stage._table(name, stage.settings) for _ in range(2))
        assert first == again


@pytest.mark.parametrize("kind", [explorers.LineFit, explorers.Outlier])
def test_what_is_drawn_at_random_is_seeded(kind):
    assert quick(kind).table == built(kind.__name__).table


@pytest.mark.parametrize("name", ["a bowl", "LineFit", "LossShapes"])
def test_the_readers_own_style_changes_no_picture(name):
    """As in a notebook whose first cell says matplotlib.style.use("dark_background")."""
    plain = built(name)
    with matplotlib.style.context(["dark_background", {"font.size": 14, "lines.linewidth": 4}]):
        styled = quick(EXPLORERS[name])
    assert styled.picture == plain.picture
    images = [
        np.asarray(Image.open(io.BytesIO(stage.png())).convert("RGB")) for stage in (plain, styled)
    ]
    assert (images[0] == images[1]).all()


@pytest.mark.parametrize(("name", "ahead"), [("a bowl", True), ("penguins", False)])
def test_a_table_that_takes_long_is_not_sent_ahead(name, ahead):
    sliders = {slider["name"]: slider["ahead"] for slider in built(name).picture["sliders"]}
    assert sliders == {"learning_rate": True, "steps": True, "start_x": ahead, "start_y": ahead}


# --- the learning rate --------------------------------------------------------------------------------


def solo(stage, settings):
    """The run that some settings mean, as the plainest call of `descend`."""
    start = [settings[name] for name in ("start_x", "start_y") if name in settings]
    rate = GradientDescent(settings["learning_rate"])
    return descend(stage.objective, start, rate, int(settings["steps"]))


def run_marks(stage, settings):
    """What the overlay must hold: path on the landscape, and value above the lowest, step by step."""
    run, bottom = solo(stage, settings), 0.0
    if stage.limit is None or not isinstance(stage.objective, landscapes.Saddle):
        lowest = SOME_LOWEST if stage.objective is SOME_RISK else stage.objective.minima[0]
        bottom = float(stage.objective(lowest))
    place = run.thetas
    if place.shape[1] == 1:
        place = np.column_stack([place[:, 0], run.values])
    left = len(place)
    for k, theta in reversed(list(enumerate(run.thetas))):
        centre, size = np.mean(stage.window, axis=1), np.ptp(stage.window, axis=1)
        if not (np.abs(theta - centre) <= 2 * size).all():
            left = k
    return run, place, left, run.values - bottom


@pytest.mark.parametrize("name", RATES)
def test_the_overlay_is_the_trajectory(stage):
    rates = positions(stage)["learning_rate"]
    cases = [stage.settings, *(settings for _, settings in walk(stage, 12, seed=2))]
    cases += [{**stage.settings, "learning_rate": rate} for rate in rates[[0, 150, 199]]]
    for settings in cases:
        for each, value in settings.items():
            setattr(stage, each, value)
        run, place, left, heights = run_marks(stage, settings)
        assert (stage.trajectory.thetas == run.thetas).all() or np.isnan(run.thetas).any()
        marks = {mark: np.squeeze(found, axis=0) for mark, found in at(stage, settings).marks.items()}
        path, scale = marks[stage._path], np.ptp(stage.window, axis=1).max()
        height = np.abs(heights[0]) + 1
        # Up to where it is two windows away the path is the run; from there on it is not drawn.
        assert np.allclose(path[:left], place[:left], rtol=1e-9, atol=1e-9 * scale)
        assert np.isnan(path[left:]).all() and len(path) == len(place)
        assert (marks[stage._start] == place[:1]).all()
        assert np.array_equal(marks[stage._here], path[-1:], equal_nan=True)
        levels = marks[stage._values]
        assert (levels[:, 0] == np.arange(len(heights))).all()
        assert np.allclose(levels[:, 1], heights, rtol=1e-9, atol=1e-12 * height, equal_nan=True)
        assert np.array_equal(marks[stage._last], levels[-1:], equal_nan=True)
        ((rate, end),) = marks[stage._dot]
        assert rate == settings["learning_rate"] and np.array_equal(end, levels[-1, 1], equal_nan=True)


def test_a_run_that_comes_back_from_far_away_stays_cut_off():
    """Steep dips throw a run out of the window, and the wide bowl under them brings it back."""
    dips = landscapes.Rastrigin(1)
    stage = quick(lambda: LearningRate(dips, [4.3], learning_rates=(0.1, 0.9)))
    runs, returned = table(stage, "learning_rate", stage.settings).marks[stage._path], 0
    for rate, path in zip(positions(stage)["learning_rate"], runs, strict=True):
        _, _, left, _ = run_marks(stage, {**stage.settings, "learning_rate": rate})
        w = solo(stage, {**stage.settings, "learning_rate": rate}).thetas[left:, 0]
        assert np.isfinite(path[:left]).all() and np.isnan(path[left:]).all()
        returned += (np.abs(w) < 5).any()
    assert returned > 10


@pytest.mark.parametrize("name", RATES)
def test_the_strip_shows_where_every_learning_rate_ends(stage):
    *_, (_, settings) = walk(stage, 4, seed=3)
    strip = np.squeeze(at(stage, settings).marks[stage._ends])
    rates = positions(stage)["learning_rate"]
    assert np.allclose(strip[:, 0], rates, rtol=1e-15, atol=0)
    for i in range(0, 200, 19):
        heights = run_marks(stage, {**settings, "learning_rate": rates[i]})[3]
        size = np.abs(heights[0]) + 1
        assert np.allclose(strip[i, 1], heights[-1], rtol=1e-9, atol=1e-12 * size, equal_nan=True)


def curvatures(name):
    """λ_min and λ_max, from the formulas."""
    A = np.column_stack([SOME.X, np.ones(len(SOME))])
    w = WELL.minima[0, 0]
    return {
        "a bowl": (1, 10),
        "a parabola": (2, 2),
        "penguins": np.linalg.eigvalsh(2 * A.T @ A / len(A)),
        "a double well": (12 * w**2 - 4,) * 2,
        "a saddle": (-2, 2),
        "a curved valley": np.linalg.eigvalsh([[802, -400], [-400, 200]]),
    }[name]


@pytest.mark.parametrize("name", RATES)
def test_limit_and_best_rate(stage, name):
    low, high = curvatures(name)
    assert stage.limit == pytest.approx(2 / high, rel=1e-6)
    assert stage.best is None if low < 0 else stage.best == pytest.approx(2 / (low + high), rel=1e-6)


@pytest.mark.parametrize("name", BOWLS)
def test_a_bowls_sentence_says_diverges_exactly_above_the_limit(stage, name):
    rates, limit = positions(stage)["learning_rate"], 2 / curvatures(name)[1]
    rates = np.concatenate([rates, limit * np.array([0.9999, 1.0001])])
    said = stage.frames({**stage.settings, "learning_rate": rates}).sentences
    assert [("diverges" in sentence) for sentence in said] == (rates > limit).tolist()
    bottom = SOME_LOWEST if name == "penguins" else np.zeros(stage.objective.dimension)
    runs = descend(stage.objective, bottom + 1, GradientDescent(rates), 3000)
    grew = ~(runs.values[-1] < runs.values[0])
    assert grew.tolist() == (rates > limit).tolist() and 10 < grew.sum() < 100


@pytest.mark.parametrize("name", BOWLS)
def test_a_bowls_sentence_tells_factor_limit_and_best(stage, name):
    low, high = curvatures(name)
    rates = positions(stage)["learning_rate"][::7]
    for rate, sentence in zip(
        rates, stage.frames({**stage.settings, "learning_rate": rates}).sentences, strict=True
    ):
        factors = 1 - rate * np.array([low, high])
        told = float(re.search(r"in the end (\S+) × a step", sentence)[1])
        assert told == pytest.approx(np.abs(factors).max() ** 2, rel=0.006, abs=1e-12)
        assert f"α = {rate:.3g}" in sentence
        assert ("no overshoot" in sentence) == (factors.min() >= 0 and "best" not in sentence)
        assert "overshoots" not in sentence or factors.min() < 0 < 2 / high - rate
        if "diverges" in sentence:
            assert f"2/λ_max = {2 / high:.3g}" in sentence
    (best,) = stage.frames({**stage.settings, "learning_rate": np.array([2 / (low + high)])}).sentences
    assert "is the best rate" in best
    (limit,) = stage.frames({**stage.settings, "learning_rate": np.array([2 / high])}).sentences
    assert "is the limit" in limit and "diverges" not in limit


@pytest.mark.parametrize("name", ["a double well", "a saddle", "a curved valley"])
def test_elsewhere_the_sentence_says_what_the_run_did(stage, name):
    for steps in (5, 40, 100):
        settings = {**stage.settings, "steps": steps}
        for rate, sentence in zip(
            positions(stage)["learning_rate"],
            table(stage, "learning_rate", settings).sentences,
            strict=True,
        ):
            values = solo(stage, {**settings, "learning_rate": rate}).values
            finite = np.isfinite(values).all()
            rose = finite and (np.diff(values) > 1e-9 * np.ptp(values)).any()
            if not finite:
                assert "runs away" in sentence
            elif "falls at every step" in sentence:
                assert not rose
            elif "jumps about" in sentence:
                assert rose, f"steps {steps}, α = {rate:.3g}"
            else:
                assert "runs away" in sentence and abs(values[-1]) > 10 * abs(values[0])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"start": [1.0]}, "start"),
        ({"start": [1.0, 1.0, 1.0]}, "start"),
        ({"start": [[1.0, 1.0]]}, "start"),
        ({"start": [3.1, 0.0]}, "start"),
        ({"start": [0.0, -3.1]}, "start"),
        ({"start": [np.nan, 0.0]}, "start"),
        ({"start": "ab"}, "start"),
        ({"start": None}, "start"),
        ({"objective": landscapes.Quadratic([1, 2, 3]), "start": [1.0, 1, 1]}, "objective|start"),
        ({"objective": "bowl"}, "objective"),
        ({"objective": RISK}, "window"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": 0.41}, "learning_rate"),
        ({"learning_rate": np.nan}, "learning_rate"),
        ({"learning_rate": "0.1"}, "learning_rate"),
        ({"learning_rate": True}, "learning_rate"),
        ({"steps": 0}, "steps"),
        ({"steps": 101}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"steps": "9"}, "steps"),
        ({"learning_rates": (0, 1)}, "learning_rates"),
        ({"learning_rates": (1, 0.1)}, "learning_rates"),
        ({"learning_rates": (0.1,)}, "learning_rates"),
        ({"learning_rates": 0.1}, "learning_rates"),
        ({"learning_rates": (0.1, np.inf)}, "learning_rates"),
        ({"learning_rates": ("a", 1)}, "learning_rates"),
        ({"window": 3}, "window"),
        ({"window": ((-2, 2),)}, "window"),
        ({"window": ((2, -2), (2, -2))}, "window"),
        ({"window": ((-2, np.nan), (-2, 2))}, "window"),
        ({"minimum": [0.0]}, "minimum"),
        ({"minimum": [[0.0, 0.0]]}, "minimum"),
        ({"minimum": "ab"}, "minimum"),
        ({"minimum": [np.nan, 0]}, "minimum"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_bad_argument_is_refused_by_its_name(arguments, says):
    with pytest.raises((ValueError, TypeError), match=rf"^({says}): .* expected, .* given$"):
        LearningRate(**{"objective": BOWL, "start": [1.0, 1.0], **arguments})


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("LineFit", {"weight": np.nan}),
        ("LineFit", {"bias": 1e9}),
        ("LineDescent", {"learning_rate": 0}),
        ("LineDescent", {"steps": -1}),
        ("LineDescent", {"steps": 1.5}),
        ("Outlier", {"outlier": 9.01}),
        ("LossShapes", {"logit": None}),
        ("Atlas", {"curvature": 0}),
        ("Atlas", {"learning_rate": "1"}),
    ],
)
def test_the_others_refuse_by_name_too(kind, arguments):
    (name,) = arguments
    with pytest.raises((ValueError, TypeError), match=rf"^{name}: .* expected, .* given$"):
        getattr(explorers, kind)(**arguments)


@pytest.mark.parametrize(
    ("objective", "start"),
    [
        (landscapes.Saddle(), [0.8, 0.8]),  # of value 0, where there is no minimum
        (landscapes.MonkeySaddle(), [0.0, 0.0]),  # without curvature
        (BOWL, [0.0, 0.0]),  # at the minimum
        (BOWL, [-3.0, 3.0]),  # in the corner of the window
        (landscapes.Quadratic([1e-4, 1e4]), [1.0, 1.0]),
    ],
)
def test_odd_places_to_start_from(objective, start):
    stage = quick(lambda: LearningRate(objective, start))
    for name, values in positions(stage).items():
        assert_whole(stage, table(stage, name, stage.settings), len(values))


# --- the others ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["LineFit"])
def test_the_line_is_the_point_and_its_loss(stage):
    A = np.column_stack([BIRDS.X, np.ones(len(BIRDS))])
    for _, settings in walk(stage, 10, seed=4):
        w, b = settings["weight"], settings["bias"]
        frames = at(stage, settings)
        marks = {mark: np.squeeze(found, axis=0) for mark, found in frames.marks.items()}
        assert (marks[stage._point] == [w, b]).all()
        x, y = marks[stage._line].T
        assert np.ptp(x) > 4 and np.allclose(y, w * x + b, rtol=1e-12, atol=0)
        loss = float(RISK([w, b]))
        assert loss == pytest.approx(np.mean((A @ [w, b] - BIRDS.y) ** 2), rel=1e-12)
        told = [float(n) for n in re.findall(r"error (\S+) g²|root (\S+) g|; (\S+) ×", *frames.sentences)
                for n in n if n]  # fmt: skip
        expected = [loss, loss**0.5, loss / float(RISK(LOWEST))]
        assert told == pytest.approx(expected, rel=0.006)
        # Thirty residuals: upright, from the line to a bird, then a gap.
        pieces = marks[stage._residuals].reshape(-1, 3, 2)
        assert len(pieces) == 30 and np.isnan(pieces[:, 2]).any(axis=1).all()
        (x0, y0), (x1, y1) = pieces[:, 0].T, pieces[:, 1].T
        assert (x0 == x1).all() and np.allclose(y0, w * x0 + b, rtol=1e-12, atol=0)
        birds = set(zip(BIRDS.X[:, 0], BIRDS.y, strict=True))
        assert set(zip(x1, y1, strict=True)) <= birds


@pytest.mark.parametrize("name", ["LineFit"])
def test_at_least_squares_no_residual_is_wasted(stage):
    assert np.allclose(stage.solution, LOWEST, rtol=1e-9)
    weight, bias = LOWEST
    (sentence,) = at(stage, {"weight": weight, "bias": bias}).sentences
    assert sentence.endswith("1.00 × the lowest possible.")


@pytest.mark.parametrize("name", ["LineDescent"])
def test_the_learning_line_is_the_trajectory(stage):
    for _, settings in walk(stage, 15, seed=5):
        rate, steps = settings["learning_rate"], int(settings["steps"])
        run = descend(RISK, [0, 0], GradientDescent(rate), steps)
        assert (stage.trajectory.thetas == run.thetas).all()
        frames = at(stage, settings)
        marks = {mark: np.squeeze(found, axis=0) for mark, found in frames.marks.items()}
        trail = marks[stage._trail].reshape(-1, 3, 2)
        assert len(trail) == steps + 1 and np.isnan(trail[:, 2]).any(axis=1).all()
        pieces = [*zip(trail, run.thetas, strict=True), (marks[stage._line], run.thetas[-1])]
        for piece, (w, b) in pieces:
            assert np.ptp(piece[:2, 0]) > 4
            assert np.allclose(piece[:2, 1], w * piece[:2, 0] + b, rtol=1e-9, atol=1e-6)
        levels = marks[stage._values]
        assert (levels[:, 0] == np.arange(steps + 1)).all()
        assert np.allclose(levels[:, 1], run.values, rtol=1e-9)
        assert (marks[stage._last] == levels[-1]).all()
        assert ("above the limit" in frames.sentences[0]) == (rate > 1)


@pytest.fixture(scope="module")
def fits():
    """The points of the outlier explorer at every height of the outlier."""
    stage = built("Outlier")
    y = np.tile(stage.y, (201, 1))
    y[:, -1] = positions(stage)["outlier"]
    return stage.x, y


def test_the_robust_line_of_the_squared_error_is_least_squares(fits):
    x, y = fits
    found = explorers.robust_line(x, y, losses.SquaredError())
    right = [np.polyfit(x, row, 1) for row in y]
    assert np.abs(found - right).max() < 1e-9


def test_the_robust_line_of_the_absolute_error_is_the_best_through_two_points(fits):
    """Some line of least absolute error goes through two of the points, so trying all pairs finds it."""
    x, y = fits
    w, b = explorers.robust_line(x, y, losses.AbsoluteError()).T
    loss = np.abs(w[:, None] * x + b[:, None] - y).mean(axis=1)
    for i, j in itertools.combinations(range(len(x)), 2):
        slope = (y[:, j] - y[:, i]) / (x[j] - x[i])
        other = np.abs(slope[:, None] * (x - x[i]) + y[:, i : i + 1] - y).mean(axis=1)
        assert (loss <= other + 1e-6).all()


def test_the_robust_line_of_huber_has_no_slope_left(fits):
    x, y = fits
    w, b = explorers.robust_line(x, y, losses.Huber()).T
    pull = np.clip(w[:, None] * x + b[:, None] - y, -1, 1)
    assert np.abs(np.stack([(pull * x).mean(axis=1), pull.mean(axis=1)])).max() < 1e-6
    assert (np.abs(pull) == 1).any(axis=1).sum() > 100  # the outlier is mostly one


@pytest.mark.parametrize("name", ["Outlier"])
def test_the_lines_and_dots_of_the_outlier(stage, fits):
    x, y = fits
    formulas = {
        "squared": lambda r: r**2,
        "absolute": np.abs,
        "Huber": lambda r: np.where(np.abs(r) <= 1, r**2 / 2, np.abs(r) - 0.5),
    }
    frames = table(stage, "outlier", stage.settings)
    assert (frames.marks[stage._point][:, 0] == np.stack([x[[-1] * 201], y[:, -1]], axis=-1)).all()
    assert set(stage._lines) == set(stage._dots) == set(formulas)
    for name, formula in formulas.items():
        w, b = explorers.robust_line(x, y, stage.losses[name]).T
        line = frames.marks[stage._lines[name]]
        assert np.allclose(line[..., 1], w[:, None] * line[..., 0] + b[:, None], rtol=0, atol=1e-9)
        assert (np.ptp(line[..., 0], axis=1) > 4).all()
        miss = w * x[-1] + b - y[:, -1]
        dots = frames.marks[stage._dots[name]][:, 0]
        assert np.allclose(dots, np.stack([miss, formula(miss)], axis=-1), rtol=0, atol=1e-9)
        told = [float(re.search(rf"{name} (\S+?)[,.]?(?: |$)", said)[1]) for said in frames.sentences]
        assert np.allclose(told, w, rtol=0, atol=0.00501)


@pytest.mark.parametrize("name", ["LossShapes"])
def test_the_dots_lie_on_the_losses_and_on_their_slopes(stage):
    z = positions(stage)["logit"]
    p = 1 / (1 + np.exp(-z))
    formulas = {  # for the label 1
        "cross-entropy": (np.log(1 + np.exp(-z)), p - 1),
        "squared error of p": ((1 - p) ** 2, -2 * (1 - p) ** 2 * p),
        "hinge": (np.maximum(0, 1 - z), np.where(z < 1, -1.0, 0.0)),
        "zero-one": ((z <= 0) * 1.0, 0 * z),
    }
    frames = table(stage, "logit", stage.settings)
    assert set(stage._dots) == set(formulas)
    for name, dots in stage._dots.items():
        for dot, height in zip(dots, formulas[name], strict=True):
            found = frames.marks[dot][:, 0]
            assert np.allclose(found, np.stack([z, height], axis=-1), rtol=0, atol=1e-12)
        told = [float(re.search(rf"{name} (\S+?)[,.]?(?: |$)", said)[1]) for said in frames.sentences]
        assert np.allclose(told, formulas[name][1], rtol=0.06, atol=1e-12)


@pytest.mark.parametrize("name", ["Atlas"])
def test_the_run_of_a_pixel_follows_the_law(stage):
    for slider in ("learning_rate", "curvature"):
        other, at_it = ("curvature", 7.0) if slider == "learning_rate" else ("learning_rate", 0.11)
        values = positions(stage)[slider]
        frames = table(stage, slider, {slider: 1.0, other: at_it})
        factor = np.abs(1 - values * at_it)
        with np.errstate(under="ignore"):
            right = factor[:, None] ** np.arange(41)
        for mark in (stage._run, stage._law):
            assert (frames.marks[mark][..., 0] == np.arange(41)).all()
            assert np.allclose(frames.marks[mark][..., 1], right, rtol=1e-9, atol=1e-14)
        pixel = frames.marks[stage._pixel][:, 0]
        chosen = [values, np.full(200, at_it)]
        assert (pixel.T == (chosen if slider == "learning_rate" else chosen[::-1])).all()
        for f, said in zip(factor, frames.sentences, strict=True):
            assert ("shrinks" if f < 1 else "grows") in said and f"{f:.3g} × a step" in said


def test_every_pixel_of_the_atlas():
    stage = built("Atlas")
    factor = np.abs(1 - stage.RATES[:, None] * stage.CURVATURES)
    clear = np.abs(factor - 1) > 1e-9
    assert (stage.diverged == (factor > 1))[clear].all()
    law = np.ones((stage.STEPS + 1, *factor.shape))
    with np.errstate(over="ignore", under="ignore"):
        np.cumprod(np.broadcast_to(factor, (stage.STEPS, *factor.shape)), axis=0, out=law[1:])
    arrived = law <= 1e-3
    needed = np.where(arrived.any(axis=0), arrived.argmax(axis=0), np.nan)
    edge = (np.abs(law - 1e-3) < 1e-9).any(axis=0)
    assert np.array_equal(stage.steps[clear & ~edge], needed[clear & ~edge], equal_nan=True)
    assert np.isfinite(stage.steps).sum() > 5000 and stage.diverged.sum() > 5000


@pytest.mark.parametrize("name", ["Atlas"])
def test_on_the_line_nothing_changes(stage):
    (said,) = at(stage, {"learning_rate": 0.5, "curvature": 4.0}).sentences
    assert "stays as it is" in said and "1 × a step" in said
