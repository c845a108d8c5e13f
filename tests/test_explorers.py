"""The first explorers: the learning rate, fitting a line, an outlier, shapes of losses, the atlas.

The oracles are descents run one by one, least squares, and the formulas of the losses.
"""

import io
import itertools
import re

import matplotlib.style
import numpy as np
import pytest
from every import (
    BIRDS,
    BOWL,
    EXPLORERS,
    SOME,
    SOME_LOWEST,
    SOME_RISK,
    WELL,
    assert_whole,
    at,
    built,
    only,
    picture,
    pictures,
    positions,
    quick,
    read,
    risk,
    table,
    walk,
)
from PIL import Image

from gdlab import GradientDescent, closed_form, descend, explorers, landscapes, losses

RISK = risk(BIRDS)
LOWEST = closed_form.lstsq(BIRDS.X, BIRDS.y)

LearningRate = explorers.LearningRate
RATES = [name for name in EXPLORERS if name.startswith("learning rate")]
BOWLS = [f"learning rate on {where}" for where in ("a bowl", "a parabola", "penguins")]


@only("learning rate on a bowl", "line fit", "loss shapes")
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


@pytest.mark.parametrize(("name", "ahead"), [(BOWLS[0], True), (BOWLS[2], False)])
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


@only(*RATES)
def test_the_overlay_is_the_trajectory(stage):
    rates = positions(stage)["learning_rate"]
    cases = [stage.settings, *(settings for _, settings in walk(stage, 12, seed=2))]
    cases += [{**stage.settings, "learning_rate": rate} for rate in rates[[0, 150, 199]]]
    for settings in cases:
        for each, value in settings.items():
            setattr(stage, each, value)
        run, place, left, heights = run_marks(stage, settings)
        assert (stage.trajectory.thetas == run.thetas).all() or np.isnan(run.thetas).any()
        marks = pictures(at(stage, **settings))
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
    runs, returned = table(stage, "learning_rate").marks[stage._path], 0
    for rate, path in zip(positions(stage)["learning_rate"], runs, strict=True):
        _, _, left, _ = run_marks(stage, {**stage.settings, "learning_rate": rate})
        w = solo(stage, {**stage.settings, "learning_rate": rate}).thetas[left:, 0]
        assert np.isfinite(path[:left]).all() and np.isnan(path[left:]).all()
        returned += (np.abs(w) < 5).any()
    assert returned > 10


@only(*RATES)
def test_the_strip_shows_where_every_learning_rate_ends(stage):
    *_, (_, settings) = walk(stage, 4, seed=3)
    strip = picture(at(stage, **settings), stage._ends)
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
        "on a bowl": (1, 10),
        "on a parabola": (2, 2),
        "on penguins": np.linalg.eigvalsh(2 * A.T @ A / len(A)),
        "in a double well": (12 * w**2 - 4,) * 2,
        "on a saddle": (-2, 2),
        "in a curved valley": np.linalg.eigvalsh([[802, -400], [-400, 200]]),
    }[name.removeprefix("learning rate ")]


@only(*RATES)
def test_limit_and_best_rate(stage, name):
    low, high = curvatures(name)
    assert stage.limit == pytest.approx(2 / high, rel=1e-6)
    assert stage.best is None if low < 0 else stage.best == pytest.approx(2 / (low + high), rel=1e-6)


@only(*BOWLS)
def test_a_bowls_sentence_says_diverges_exactly_above_the_limit(stage, name):
    rates, limit = positions(stage)["learning_rate"], 2 / curvatures(name)[1]
    rates = np.concatenate([rates, limit * np.array([0.9999, 1.0001])])
    said = stage.frames({**stage.settings, "learning_rate": rates}).sentences
    assert [("diverges" in sentence) for sentence in said] == (rates > limit).tolist()
    bottom = SOME_LOWEST if name == BOWLS[2] else np.zeros(stage.objective.dimension)
    runs = descend(stage.objective, bottom + 1, GradientDescent(rates), 3000)
    grew = ~(runs.values[-1] < runs.values[0])
    assert grew.tolist() == (rates > limit).tolist() and 10 < grew.sum() < 100


@only(*BOWLS)
def test_a_bowls_sentence_tells_factor_limit_and_best(stage, name):
    low, high = curvatures(name)
    rates = positions(stage)["learning_rate"][::7]
    for rate, sentence in zip(
        rates, stage.frames({**stage.settings, "learning_rate": rates}).sentences, strict=True
    ):
        factors = 1 - rate * np.array([low, high])
        told = read(re.search(r"in the end (\S+) × a step", sentence)[1])
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


@only(*(name for name in RATES if name not in BOWLS))
def test_elsewhere_the_sentence_says_what_the_run_did(stage, name):
    for steps in (5, 40, 100):
        settings = {**stage.settings, "steps": steps}
        for rate, sentence in zip(
            positions(stage)["learning_rate"],
            table(stage, "learning_rate", **settings).sentences,
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
        assert_whole(stage, table(stage, name), len(values))


# --- the others ----------------------------------------------------------------------------------------


@only("line fit")
def test_the_line_is_the_point_and_its_loss(stage):
    A = np.column_stack([BIRDS.X, np.ones(len(BIRDS))])
    for _, settings in walk(stage, 10, seed=4):
        w, b = settings["weight"], settings["bias"]
        frames = at(stage, **settings)
        marks = pictures(frames)
        assert (marks[stage._point] == [w, b]).all()
        x, y = marks[stage._line].T
        assert np.ptp(x) > 4 and np.allclose(y, w * x + b, rtol=1e-12, atol=0)
        loss = float(RISK([w, b]))
        assert loss == pytest.approx(np.mean((A @ [w, b] - BIRDS.y) ** 2), rel=1e-12)
        words = r"error (\S+) thousand g², its root (\S+) g; (\S+) ×"
        told = [float(n.replace(",", "")) for n in re.search(words, frames.sentences[0]).groups()]
        expected = [loss / 1000, loss**0.5, loss / float(RISK(LOWEST))]
        assert told == pytest.approx(expected, rel=0.006)
        # Thirty residuals: upright, from the line to a bird, then a gap.
        pieces = marks[stage._residuals].reshape(-1, 3, 2)
        assert len(pieces) == 30 and np.isnan(pieces[:, 2]).any(axis=1).all()
        (x0, y0), (x1, y1) = pieces[:, 0].T, pieces[:, 1].T
        assert (x0 == x1).all() and np.allclose(y0, w * x0 + b, rtol=1e-12, atol=0)
        birds = set(zip(BIRDS.X[:, 0], BIRDS.y, strict=True))
        assert set(zip(x1, y1, strict=True)) <= birds


@only("line fit")
def test_at_least_squares_no_residual_is_wasted(stage):
    assert np.allclose(stage.solution, LOWEST, rtol=1e-9)
    weight, bias = LOWEST
    (sentence,) = at(stage, weight=weight, bias=bias).sentences
    assert sentence.endswith("1.00 × the lowest possible.")


@only("line descent")
def test_the_learning_line_is_the_trajectory(stage):
    for _, settings in walk(stage, 15, seed=5):
        rate, steps = settings["learning_rate"], int(settings["steps"])
        run = descend(RISK, [0, 0], GradientDescent(rate), steps)
        assert (stage.trajectory.thetas == run.thetas).all()
        frames = at(stage, **settings)
        marks = pictures(frames)
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
    stage = built("outlier")
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


@only("outlier")
def test_the_lines_and_dots_of_the_outlier(stage, fits):
    x, y = fits
    formulas = {
        "squared": lambda r: r**2,
        "absolute": np.abs,
        "Huber": lambda r: np.where(np.abs(r) <= 1, r**2 / 2, np.abs(r) - 0.5),
    }
    frames = table(stage, "outlier")
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
        told = [read(re.search(rf"{name} (\S+?)[,.]?(?: |$)", said)[1]) for said in frames.sentences]
        assert np.allclose(told, w, rtol=0, atol=0.00501)


@only("loss shapes")
def test_the_dots_lie_on_the_losses_and_on_their_slopes(stage):
    z = positions(stage)["logit"]
    p = 1 / (1 + np.exp(-z))
    formulas = {  # for the label 1
        "cross-entropy": (np.log(1 + np.exp(-z)), p - 1),
        "squared error of p": ((1 - p) ** 2, -2 * (1 - p) ** 2 * p),
        "hinge": (np.maximum(0, 1 - z), np.where(z < 1, -1.0, 0.0)),
        "zero-one": ((z <= 0) * 1.0, 0 * z),
    }
    frames = table(stage, "logit")
    assert set(stage._dots) == set(formulas)
    for name, dots in stage._dots.items():
        for dot, height in zip(dots, formulas[name], strict=True):
            found = frames.marks[dot][:, 0]
            assert np.allclose(found, np.stack([z, height], axis=-1), rtol=0, atol=1e-12)
        told = [read(re.search(rf"{name} (\S+?)[,.]?(?: |$)", said)[1]) for said in frames.sentences]
        assert np.allclose(told, formulas[name][1], rtol=0.06, atol=1e-12)


@only("atlas")
def test_the_run_of_a_pixel_follows_the_law(stage):
    for slider in ("learning_rate", "curvature"):
        other, at_it = ("curvature", 7.0) if slider == "learning_rate" else ("learning_rate", 0.11)
        values = positions(stage)[slider]
        frames = table(stage, slider, **{other: at_it})
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
    stage = built("atlas")
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


@only("atlas")
def test_on_the_line_nothing_changes(stage):
    (said,) = at(stage, learning_rate=0.5, curvature=4.0).sentences
    assert "stays as it is" in said and "1 × a step" in said
