"""The explorers of notebook 08, without a browser.

The oracles: the chain rule written out number by number, central differences in fractions of the loss,
and each update rule as a plain loop.
"""

import itertools
import math
import re

import numpy as np
import pytest
from every import at, only, picture, quick, table, walk
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gdlab import gradients
from gdlab.explorers.graph import LABEL, NetworkGraph, text
from gdlab.explorers.wiring import WINDOW, Wiring


@only("network graph", "wiring")
def test_every_minus_is_a_true_one(stage):
    for slider, _ in walk(stage, 25):
        assert not any(re.search(r"-\d", sentence) for sentence in table(stage, slider).sentences)


# --- the graph ------------------------------------------------------------------------------------


def by_pencil(theta, x, y):
    """(values, gradient) of the 2-3-1 network, one number after another."""
    t = theta.tolist()
    sums = [x[0] * t[j] + x[1] * t[3 + j] + t[6 + j] for j in range(3)]
    units = [math.tanh(a) for a in sums]
    prediction = sum(h * t[9 + j] for j, h in enumerate(units)) + t[12]
    at_y = 2 * (prediction - y)
    at_a = [at_y * t[9 + j] * (1 - units[j] ** 2) for j in range(3)]
    gradient = [x[i] * at_a[j] for i in range(2) for j in range(3)]
    gradient += [*at_a, *(h * at_y for h in units), at_y]
    return sums, units, prediction, gradient


@only("network graph")
@pytest.mark.parametrize(("x", "y"), [((1.0, -0.5), 0.5), ((-3.0, 3.0), -2.0), ((0.0, 0.0), 2.0)])
def test_the_passes(stage, x, y):
    found = stage.passes(np.array([x]), np.array([y]))
    sums, units, prediction, gradient = by_pencil(stage.theta, x, y)
    assert np.allclose(found["a"][0], sums) and np.allclose(found["h"][0], units)
    assert found["ŷ"][0] == pytest.approx(prediction)
    assert found["loss"][0] == pytest.approx((prediction - y) ** 2)
    assert np.allclose(found["gradient"][0], gradient, rtol=1e-12)


@only("network graph")
def test_the_gradient_is_that_of_the_network_and_of_differences(stage):
    corners = itertools.product((-3.0, 0.0, 3.0), (-3.0, 0.0, 3.0), (-2.0, 0.0, 2.0))
    places = [dict(zip(("x1", "x2", "target"), corner, strict=True)) for corner in corners]
    for settings in places + [settings for _, settings in walk(stage, 40, seed=1)]:
        for slider, value in settings.items():
            setattr(stage, slider, value)
        assert np.allclose(stage.gradient, stage.objective.gradient(stage.theta), rtol=1e-12, atol=1e-14)
        assert gradients.check(stage.objective, stage.theta).passed


@only("network graph")
def test_every_slope_is_ticked_wherever_the_sliders_stand(stage):
    x = np.stack(np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25)), axis=-1).reshape(-1, 2)
    for y in (-2.0, 0.0, 2.0):
        target = np.full(len(x), y)
        error = stage.passes(x, target)["gradient"] - stage.measured(x, target)
        assert np.abs(error).max() < 1e-7
    frames = at(stage, step=10)
    ticked = [mark for mark in stage._texts.values() if frames.marks[mark][0].endswith("✓")]
    assert len(ticked) == 13


def test_a_wrong_slope_is_not_ticked():
    stage = quick(lambda: NetworkGraph(step=10))
    right = stage.passes

    def slipped(inputs, target):
        found = right(inputs, target)
        found["gradient"] = found["gradient"] + 1e-3 * (np.arange(13) == 4)
        return found

    stage.passes = slipped
    frames = at(stage)
    assert not frames.marks[stage._texts["gradient x₂→a₂"]][0].endswith("✓")
    assert "other slopes" in frames.sentences[0]


@only("network graph")
def test_numbers_appear_step_by_step(stage):
    frames = table(stage, "step")
    first = {
        name: next(i for i, told in enumerate(frames.marks[mark]) if told)
        for name, mark in stage._texts.items()
    }
    assert first["value x₁"] == 0 and first["value a₂"] == 1 and first["value h₃"] == 2
    assert first["value ŷ"] == 3 and first["value loss"] == 4 and first["slope ŷ"] == 5
    assert first["gradient h₁→ŷ"] == 6 and first["gradient bias ŷ"] == 6 and first["slope h₁"] == 7
    assert first["slope a₁"] == 8 and first["gradient x₁→a₁"] == 9 and first["gradient bias a₃"] == 9
    for mark, since in ((stage._forward, 1), (stage._backward, 5)):
        lit = np.isfinite(frames.marks[mark]).any(axis=(1, 2))
        assert lit.tolist() == [since <= k <= since + (3 if since == 1 else 4) for k in range(11)]


def test_the_number_of_the_exercise():
    stage = quick(lambda: NetworkGraph(target=1.0, step=10))
    assert at(stage).marks[stage._texts["gradient h₂→ŷ"]] == ["−1.105 ✓"]


def through(start, end, low, high):
    """Whether a straight piece meets the inside of a rectangle."""
    t = np.linspace(0, 1, 2001)[:, None]
    points = start + t * (end - start)
    return ((points > low + 1e-6) & (points < high - 1e-6)).all(axis=1).any()


@only("network graph")
def test_no_edge_runs_through_the_numbers_of_another(stage):
    labels = [stage._place(name, i) for name, n in (("in", 6), ("out", 3)) for i in range(n)]
    pieces = []
    for name in stage._edges:
        drawn = stage._segments(name)
        for start, end in itertools.pairwise(drawn):
            if np.isfinite([start, end]).all():
                pieces.append((start, end))
    assert len(pieces) == 6 * 2 + 3 + 3 * 2 + 1
    for start, end in pieces:
        assert not any(through(start, end, at - LABEL, at + LABEL) for at in labels)
    for name in ("in", "out"):  # and its own edge stops where the label begins, not before
        drawn = stage._segments(name).reshape(-1, 6, 2)
        for i, (_, leaves, _, enters, _, _) in enumerate(drawn):
            for rim in (leaves, enters):
                assert np.abs((rim - stage._place(name, i)) / LABEL).max() == pytest.approx(1)


@pytest.mark.parametrize(
    ("inputs", "target"), [((1.0, -0.5), 0.5), ((-3.0, 3.0), -2.0), ((3.0, 3.0), 2.0)]
)
def test_the_numbers_of_an_edge_fit_its_label(inputs, target):
    stage = NetworkGraph(inputs, target, step=10)
    axes = stage._texts["value x₁"].axes
    frames = at(stage)
    edges = [name for name in stage._texts if name.startswith("gradient ") and "→" in name]
    assert len(edges) == 9
    renderer = FigureCanvasAgg(axes.figure).get_renderer()
    for name in edges:
        mark = stage._texts[name]
        mark.set_text(frames.marks[mark][0])
        box = mark.get_window_extent(renderer).transformed(axes.transData.inverted())
        assert box.width <= 2 * LABEL[0] and box.height <= LABEL[1]


def test_numbers_are_written_without_a_false_zero():
    assert [text(x) for x in (-0.00001, -1.5, 0.1234)] == ["0.000", "−1.500", "0.123"]


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"inputs": (1.0,)}, ValueError, "^inputs: 2 numbers"),
        ({"inputs": (1.0, 4.0)}, ValueError, "^inputs: "),
        ({"inputs": "ab"}, TypeError, "^inputs: "),
        ({"target": 3}, ValueError, "^target: "),
        ({"target": None}, TypeError, "^target: "),
        ({"step": 2.5}, TypeError, "^step: a whole number"),
        ({"step": 11}, ValueError, "^step: "),
    ],
)
def test_bad_arguments_of_the_graph(settings, error, says):
    with pytest.raises(error, match=says):
        quick(lambda: NetworkGraph(**settings))


# --- the wiring board -----------------------------------------------------------------------------


@only("wiring")
def test_the_sources(stage):
    formula, back, differences, wrong = stage.sources.values()
    thetas = np.random.default_rng(0).uniform(*np.transpose(WINDOW), size=(50, 2))
    for theta in thetas:
        assert gradients.check(formula, theta).passed and gradients.check(back, theta).passed
        assert not gradients.check(wrong, theta).passed
    assert np.allclose(back.gradient(thetas), formula.gradient(thetas), atol=1e-13)
    assert np.allclose(differences.gradient(thetas), formula.gradient(thetas), atol=1e-8)
    assert np.allclose(wrong.gradient(thetas)[:, 1], formula.gradient(thetas)[:, 1])
    for source in stage.sources.values():
        stacked = source.gradient(thetas.reshape(5, 10, 2)).reshape(50, 2)
        assert np.allclose(stacked, [source.gradient(theta) for theta in thetas], atol=1e-13)


@only("wiring")
def test_the_run_is_a_plain_loop(stage):
    x, theta = np.linspace(-2, 2, 21), np.array([0.4, 0.3])
    for _ in range(80):
        h = np.tanh(theta[0] * x)
        slope = 2 * (theta[1] * h - np.sin(1.5 * x))
        step = [np.mean(slope * theta[1] * (1 - h * h) * x), np.mean(slope * h)]
        theta = theta - 0.15 * np.array(step)
    assert np.allclose(stage.trajectory.thetas[-1], theta)
    assert np.allclose(picture(at(stage), stage._here)[0], theta)


@only("wiring")
def test_honest_sources_lie_on_the_grey_line_and_the_wrong_one_does_not(stage):
    for rule in range(4):
        frames = table(stage, "source", rule=rule)
        apart = np.abs(frames.marks[stage._path] - frames.marks[stage._reference]).max(axis=(1, 2))
        assert (apart[:3] < 1e-6).all() and apart[3] > 0.5
        value, reference = (
            picture(frames, mark, 3)[-1, 1] for mark in (stage._levels, stage._levels_reference)
        )
        assert value > 1.5 * reference
        assert "a millionth" in frames.sentences[2] and "by the formula it is" in frames.sentences[3]


@only("wiring")
def test_rules_differ(stage):
    ends = table(stage, "rule").marks[stage._here][:, 0]
    assert min(np.abs(a - b).max() for i, a in enumerate(ends) for b in ends[:i]) > 0.01


def test_the_menus_are_named_in_the_constructor():
    stage = quick(lambda: Wiring(source="wrong on purpose", rule="Adam", steps=10))
    assert stage.settings["source"] == 3 and stage.settings["rule"] == 3
    assert stage.sentence.startswith("Gradients: wrong on purpose. Rule: Adam, α = 0.08. After 10 steps")


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"source": "guess"}, ValueError, "^source: one of"),
        ({"source": 2}, ValueError, "^source: one of"),
        ({"rule": None}, ValueError, "^rule: one of"),
        ({"start": (0.4,)}, ValueError, "^start: 2 numbers"),
        ({"start": (9.0, 0.3)}, ValueError, "^start: 2 numbers"),
        ({"start": "ab"}, TypeError, "^start: "),
        ({"steps": 0}, ValueError, "^steps: "),
        ({"steps": 81}, ValueError, "^steps: "),
        ({"steps": 2.5}, TypeError, "^steps: "),
    ],
)
def test_bad_arguments_of_the_board(settings, error, says):
    with pytest.raises(error, match=says):
        quick(lambda: Wiring(**settings))
