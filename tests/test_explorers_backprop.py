"""The explorers of notebook 08, without a browser.

The oracles: the chain rule written out number by number, central differences in fractions of the loss,
and each update rule as a plain loop.
"""

import math
import re
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gdlab import gradients
from gdlab.explorers.graph import LABEL, NetworkGraph, text
from gdlab.explorers.wiring import WINDOW, Wiring
from gdlab.stage import Stage


def made(kind, *given, **settings):
    """An explorer whose background is not rendered."""
    with mock.patch.object(Stage, "_png", lambda *_: b""):
        return kind(*given, **settings)


@pytest.fixture(scope="module")
def graph():
    return made(NetworkGraph)


@pytest.fixture(scope="module")
def board():
    return made(Wiring)


def assert_whole(stage, frames, P):
    assert len(frames.sentences) == P and set(frames.marks) == set(stage._marks)
    for sentence in frames.sentences:
        assert sentence.endswith(".") and not re.search(r"nan|inf\b|-\d", sentence)
    for mark, content in frames.marks.items():
        if hasattr(mark, "get_text"):
            assert len(content) == P and all(isinstance(told, str) for told in content)
        else:
            assert np.shape(content)[0] in (1, P) and np.shape(content)[-1] == 2


def walk(stage, seed=0, length=25):
    """Every control at both ends and in the middle, then a random walk over all of them."""
    rng = np.random.default_rng(seed)
    for name, slider in stage._sliders.items():
        for i in (0, len(slider.values) // 2, -1):
            yield {**stage.settings, name: float(slider.values[i])}
    for _ in range(length):
        yield {name: float(rng.choice(slider.values)) for name, slider in stage._sliders.items()}


def one(stage, settings):
    first = next(iter(settings))
    return stage.frames({**settings, first: np.array([settings[first]])})


# --- both -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["graph", "board"])
def test_all_controls(name, request):
    stage = request.getfixturevalue(name)
    for settings in walk(stage):
        assert_whole(stage, one(stage, settings), 1)


@pytest.mark.parametrize("name", ["graph", "board"])
def test_the_tables_are_their_frames_one_by_one(name, request):
    stage = request.getfixturevalue(name)
    for slider, control in stage._sliders.items():
        table = stage.frames({**stage.settings, slider: control.values})
        assert_whole(stage, table, len(control.values))
        for i in range(0, len(control.values), max(1, len(control.values) // 5)):
            single = one(stage, {**stage.settings, slider: float(control.values[i])})
            assert table.sentences[i] == single.sentences[0]
            for mark, content in table.marks.items():
                if hasattr(mark, "get_text"):
                    assert content[i] == single.marks[mark][0]
                    continue
                n = np.shape(single.marks[mark])[1]
                row = np.asarray(content)[i if len(content) > 1 else 0]
                assert np.allclose(row[:n], single.marks[mark][0], atol=1e-9, equal_nan=True)
                assert np.isnan(row[n:]).all()


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


@pytest.mark.parametrize(("x", "y"), [((1.0, -0.5), 0.5), ((-3.0, 3.0), -2.0), ((0.0, 0.0), 2.0)])
def test_the_passes(graph, x, y):
    found = graph.passes(np.array([x]), np.array([y]))
    sums, units, prediction, gradient = by_pencil(graph.theta, x, y)
    assert np.allclose(found["a"][0], sums) and np.allclose(found["h"][0], units)
    assert found["ŷ"][0] == pytest.approx(prediction)
    assert found["loss"][0] == pytest.approx((prediction - y) ** 2)
    assert np.allclose(found["gradient"][0], gradient, rtol=1e-12)


def test_the_gradient_is_that_of_the_network_and_of_differences(graph):
    for settings in walk(graph, seed=1, length=10):
        with graph.hold_sync():
            for name, value in settings.items():
                setattr(graph, name, value)
        assert np.allclose(graph.gradient, graph.objective.gradient(graph.theta), rtol=1e-12, atol=1e-14)
        assert gradients.check(graph.objective, graph.theta).passed
    for name, slider in made(NetworkGraph)._sliders.items():
        setattr(graph, name, slider.value)


def test_every_slope_is_ticked_wherever_the_sliders_stand(graph):
    x = np.stack(np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25)), axis=-1).reshape(-1, 2)
    for y in (-2.0, 0.0, 2.0):
        target = np.full(len(x), y)
        error = graph.passes(x, target)["gradient"] - graph.measured(x, target)
        assert np.abs(error).max() < 1e-7
    frames = one(graph, {**graph.settings, "step": 10.0})
    ticked = [mark for mark in graph._texts.values() if frames.marks[mark][0].endswith("✓")]
    assert len(ticked) == 13


def test_a_wrong_slope_is_not_ticked():
    stage = made(NetworkGraph, step=10)
    right = stage.passes

    def slipped(inputs, target):
        found = right(inputs, target)
        found["gradient"] = found["gradient"] + 1e-3 * (np.arange(13) == 4)
        return found

    stage.passes = slipped
    frames = one(stage, stage.settings)
    assert not frames.marks[stage._texts["gradient x₂→a₂"]][0].endswith("✓")
    assert "other slopes" in frames.sentences[0]


def test_numbers_appear_step_by_step(graph):
    table = graph.frames({**graph.settings, "step": np.arange(11.0)})
    first = {
        name: next(i for i, told in enumerate(table.marks[mark]) if told)
        for name, mark in graph._texts.items()
    }
    assert first["value x₁"] == 0 and first["value a₂"] == 1 and first["value h₃"] == 2
    assert first["value ŷ"] == 3 and first["value loss"] == 4 and first["slope ŷ"] == 5
    assert first["gradient h₁→ŷ"] == 6 and first["gradient bias ŷ"] == 6 and first["slope h₁"] == 7
    assert first["slope a₁"] == 8 and first["gradient x₁→a₁"] == 9 and first["gradient bias a₃"] == 9
    for mark, since in ((graph._forward, 1), (graph._backward, 5)):
        lit = np.isfinite(table.marks[mark]).any(axis=(1, 2))
        assert lit.tolist() == [since <= k <= since + (3 if since == 1 else 4) for k in range(11)]


def test_the_number_of_the_exercise():
    stage = made(NetworkGraph, target=1.0, step=10)
    assert one(stage, stage.settings).marks[stage._texts["gradient h₂→ŷ"]] == ["−1.105 ✓"]


def through(start, end, low, high):
    """Whether a straight piece meets the inside of a rectangle."""
    t = np.linspace(0, 1, 2001)[:, None]
    points = start + t * (end - start)
    return ((points > low + 1e-6) & (points < high - 1e-6)).all(axis=1).any()


def test_no_edge_runs_through_the_numbers_of_another(graph):
    labels = [graph._place(name, i) for name, n in (("in", 6), ("out", 3)) for i in range(n)]
    pieces = []
    for name in graph._edges:
        drawn = graph._segments(name)
        for start, end in pairwise(drawn):
            if np.isfinite([start, end]).all():
                pieces.append((start, end))
    assert len(pieces) == 6 * 2 + 3 + 3 * 2 + 1
    for start, end in pieces:
        assert not any(through(start, end, at - LABEL, at + LABEL) for at in labels)
    for name in ("in", "out"):  # and its own edge stops where the label begins, not before
        drawn = graph._segments(name).reshape(-1, 6, 2)
        for i, (_, leaves, _, enters, _, _) in enumerate(drawn):
            for rim in (leaves, enters):
                assert np.abs((rim - graph._place(name, i)) / LABEL).max() == pytest.approx(1)


@pytest.mark.parametrize(
    ("inputs", "target"), [((1.0, -0.5), 0.5), ((-3.0, 3.0), -2.0), ((3.0, 3.0), 2.0)]
)
def test_the_numbers_of_an_edge_fit_its_label(inputs, target):
    stage = NetworkGraph(inputs, target, step=10)
    axes = stage._texts["value x₁"].axes
    frames = one(stage, stage.settings)
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
        made(NetworkGraph, **settings)


# --- the wiring board -----------------------------------------------------------------------------


def test_the_sources(board):
    formula, back, differences, wrong = board.sources.values()
    thetas = np.random.default_rng(0).uniform(*np.transpose(WINDOW), size=(50, 2))
    for theta in thetas:
        assert gradients.check(formula, theta).passed and gradients.check(back, theta).passed
        assert not gradients.check(wrong, theta).passed
    assert np.allclose(back.gradient(thetas), formula.gradient(thetas), atol=1e-13)
    assert np.allclose(differences.gradient(thetas), formula.gradient(thetas), atol=1e-8)
    assert np.allclose(wrong.gradient(thetas)[:, 1], formula.gradient(thetas)[:, 1])
    for source in board.sources.values():
        stacked = source.gradient(thetas.reshape(5, 10, 2)).reshape(50, 2)
        assert np.allclose(stacked, [source.gradient(theta) for theta in thetas], atol=1e-13)


def test_the_run_is_a_plain_loop(board):
    x, theta = np.linspace(-2, 2, 21), np.array([0.4, 0.3])
    for _ in range(80):
        h = np.tanh(theta[0] * x)
        slope = 2 * (theta[1] * h - np.sin(1.5 * x))
        step = [np.mean(slope * theta[1] * (1 - h * h) * x), np.mean(slope * h)]
        theta = theta - 0.15 * np.array(step)
    assert np.allclose(board.trajectory.thetas[-1], theta)
    assert np.allclose(one(board, board.settings).marks[board._here][0, 0], theta)


def test_honest_sources_lie_on_the_grey_line_and_the_wrong_one_does_not(board):
    for rule in range(4):
        table = board.frames({**board.settings, "rule": float(rule), "source": np.arange(4.0)})
        apart = np.abs(table.marks[board._path] - table.marks[board._reference]).max(axis=(1, 2))
        assert (apart[:3] < 1e-6).all() and apart[3] > 0.5
        value, reference = (
            table.marks[mark][3, -1, 1] for mark in (board._levels, board._levels_reference)
        )
        assert value > 1.5 * reference
        assert "a millionth" in table.sentences[2] and "by the formula it is" in table.sentences[3]


def test_rules_differ(board):
    ends = board.frames({**board.settings, "rule": np.arange(4.0)}).marks[board._here][:, 0]
    assert min(np.abs(a - b).max() for i, a in enumerate(ends) for b in ends[:i]) > 0.01


def test_the_menus_are_named_in_the_constructor():
    stage = made(Wiring, source="wrong on purpose", rule="Adam", steps=10)
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
        made(Wiring, **settings)
