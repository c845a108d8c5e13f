"""The explorers of notebook 10, without a browser.

The oracles: the roots of z² − (1 + β − αλ) z + β for momentum, a network's gradient by central
differences, and runs of `descend` for the maps.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from every import assert_whole, at, only, picture, positions, quick, table

from gdlab import GradientDescent, descend, gradients
from gdlab.explorers import phase, trainability
from gdlab.explorers.phase import Phase, best_momentum, measured_rate
from gdlab.explorers.trainability import Trainability, TwoRates, enlargements, trainability_map


def exact_rate(rate, beta, curvature):
    """The larger root in size."""
    trace = 1 + beta - rate * curvature
    return np.abs(np.roots([1, -trace, beta])).max()


# --- momentum on bowls ----------------------------------------------------------------------------


def test_the_measured_rate_is_the_larger_root():
    rng = np.random.default_rng(0)
    for rate, beta, curvature in rng.uniform([0.1, 0, 0.01], [4, 0.97, 1], (60, 3)):
        measured, exact = measured_rate(rate, beta, curvature), exact_rate(rate, beta, curvature)
        assert measured == pytest.approx(exact, rel=0.006)
        assert (measured < 1) == (exact < 1) or abs(exact - 1) < 0.003


def test_the_measured_rate_without_memory_is_that_of_descent():
    rates = np.array([0.5, 1.0, 1.5, 1.99, 2.01, 3.9])
    assert measured_rate(rates, 0, 1.0) == pytest.approx(np.abs(1 - rates), abs=1e-12)
    assert measured_rate(1.0, 0.0, 1e-3) == pytest.approx(0.999, rel=1e-9)
    assert np.isinf(measured_rate(40.0, 0.0, 1.0))


@pytest.mark.parametrize("kappa", [10, 100, 1000])
def test_the_optimum_is_where_theory_puts_it(kappa):
    rate, beta, left = best_momentum(1 / kappa, 1)
    assert max(exact_rate(rate, beta, c) for c in (1, 1 / kappa)) == pytest.approx(left, rel=1e-6)
    here = measured_rate(rate, beta, [1, 1 / kappa]).max()
    assert here == pytest.approx(left, rel=0.003)
    for other in ((0.97 * rate, beta), (1.03 * rate, beta), (rate, 0.97 * beta), (rate, 1.03 * beta)):
        assert measured_rate(*other, [1, 1 / kappa]).max() > here


@only("phase")
def test_the_map_is_the_measured_rate_of_the_slower_axis(stage):
    shown = phase._map(100.0)
    assert shown.shape == (67, 100)
    for row, column in ((0, 10), (40, 60), (60, 3), (66, 99), (5, 80)):
        rate, beta = stage.RATES[column], stage.BETAS[row]
        left = measured_rate(rate, beta, [1, 0.01]).max()
        if left < 1:
            assert 10.0 ** shown[row, column] == pytest.approx(-1 / np.log10(left))
        else:
            assert np.isnan(shown[row, column])
    assert np.isnan(shown).any() and np.isfinite(shown).any()


@only("phase")
def test_phase_draws_the_runs_of_momentum(stage):
    for stage.learning_rate, stage.beta, stage.condition in ((1, 0, 100), (3.3, 0.66, 100), (4, 0, 10)):
        frames = at(stage)
        assert_whole(stage, frames, 1)
        run = stage.trajectory
        for mark, axis in ((stage._steep, 0), (stage._gentle, 1)):
            assert np.allclose(picture(frames, mark)[:, 1], run.thetas[:, axis])
        distance = np.linalg.norm(run.thetas, axis=1)
        assert np.allclose(picture(frames, stage._run)[:, 1], distance)
        law = picture(frames, stage._law)[40:, 1]
        assert (law >= 0.999 * distance[40:]).all() and np.isclose(law, distance[40:], rtol=1e-6).any()


@only("phase")
@pytest.mark.parametrize("slider", ["learning_rate", "beta", "condition"])
def test_the_tables_of_phase_are_its_frames_to_the_last_bit(stage, slider):
    stage.learning_rate, stage.beta, stage.condition = 2.0, 0.5, 100.0
    values, frames = positions(stage)[slider], table(stage, slider)
    assert_whole(stage, frames, len(values))
    for i in (0, len(values) // 2, len(values) - 1):
        one = at(stage, **{slider: values[i]})
        assert frames.sentences[i] == one.sentences[0]
        assert np.array_equal(picture(frames, stage._run, i), picture(one, stage._run))
        shown = picture(frames, stage._image, i)
        assert np.array_equal(shown, picture(one, stage._image), equal_nan=True)


@only("phase")
def test_phase_says_whether_the_distance_grows(stage):
    said = {
        (2.0, 0.0): "stays as it is",
        (3.0, 0.3): "grows",
        (1.0, 0.5): "in the long run a step leaves",
    }
    for (rate, beta), words in said.items():
        assert words in at(stage, learning_rate=rate, beta=beta, condition=10).sentences[0]


@pytest.mark.parametrize(
    "bad",
    [{"condition": 5}, {"learning_rate": 0}, {"learning_rate": 5}, {"beta": 1.0}, {"beta": "much"}],
)
def test_phase_refuses_bad_settings(bad):
    with pytest.raises((ValueError, TypeError), match=next(iter(bad))):
        quick(lambda: Phase(**bad))


# --- two learning rates ---------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 2, 2), (1, 3, 4), (3, 1, 1)])
def test_the_slopes_are_the_network_s_times_the_rates(sizes):
    inputs, hidden, examples = sizes
    objective, start = TwoRates.random(3, inputs, hidden, examples)
    assert objective.dimension == len(start) + 2 == inputs * hidden + hidden + 2
    plain = gradients.numerical(objective, np.concatenate([start, [1.0, 1.0]]))[:-2]
    slope = objective.gradient(np.concatenate([start, [7.0, 0.3]]))
    cut = inputs * hidden
    expected = np.concatenate([7 * plain[:cut], 0.3 * plain[cut:], [0, 0]])
    assert np.allclose(slope, expected, atol=1e-7)


def test_a_lane_has_the_same_bits_alone_and_among_others():
    objective, start = TwoRates.random(0)
    window = ((300.0, 700.0), (0.5, 0.8))  # chaos: one bit would be seen
    share, lost = trainability_map(objective, start, window, pixels=40, steps=100, block=999)
    rates = trainability.rate_grid(window, 40)
    for row, column in np.random.default_rng(0).integers(40, size=(30, 2)):
        run = descend(objective, [*start, *rates[row, column]], GradientDescent(1.0), 100)
        with np.errstate(all="ignore"):
            gone = ~(run.values <= 1000 * run.values[0])
            end = run.values[-1] / run.values[0]
        assert np.array_equal(lost[row, column], gone.argmax() if gone.any() else np.nan, equal_nan=True)
        assert np.array_equal(share[row, column], end, equal_nan=True)


def test_two_processes_make_the_same_map():
    objective, start = TwoRates.random(0)
    window = ((300.0, 700.0), (0.5, 0.8))
    here = trainability_map(objective, start, window, pixels=48, steps=60)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        there = trainability_map(objective, start, window, 48, 60, executor=executor, block=999)
    for a, b in zip(here, there, strict=True):
        assert a.shape == (48, 48) and np.array_equal(a, b, equal_nan=True)
    assert 0 < np.isnan(here[1]).mean() < 1


def test_around_is_the_map_of_nine_pixels():
    objective, start = TwoRates.random(0)
    window = ((1.0, 1000.0), (0.1, 10.0))
    rates = trainability.rate_grid(window, 12)
    share, lost = trainability.around(objective, start, window, 12, 5, 8, finer=9, steps=40)
    whole, whole_lost = trainability_map(objective, start, window, 12, 40)
    # The middles of every third pixel of the nine by nine are those of the map itself.
    near = np.log(rates[4:7, 7:10])
    edges = [(np.exp(near[..., i].min()), np.exp(near[..., i].max())) for i in (0, 1)]
    half = np.log(window[0][1] / window[0][0]) / 24, np.log(window[1][1] / window[1][0]) / 24
    part = [(a / np.exp(h), b * np.exp(h)) for (a, b), h in zip(edges, half, strict=True)]
    direct = trainability_map(objective, start, part, 9, 40)
    # The rates agree to rounding; of chaos only the share of pixels that agree is tested.
    assert (np.isnan(lost) == np.isnan(direct[1])).mean() > 0.9
    middle = np.isnan(lost)[1::3, 1::3]
    assert (middle == np.isnan(whole_lost)[4:7, 7:10]).all()
    assert share.shape == (9, 9) and whole.shape == (12, 12)


@only("trainability")
def test_small_rates_stay_and_large_ones_are_lost(stage):
    assert np.isnan(stage.lost[:4, :4]).all() and (stage.share[:4, :4] < 1).all()
    assert (stage.lost[-4:, -4:] < 10).all()
    colors = trainability.fate_colors(np.array([0.5, 0.05, 1e-4, 1e-9, np.nan]), np.full(5, np.nan))
    assert colors.tolist() == [3, 2, 1, 0, 3]
    lost = np.array([100.0, 30, 10, 5, 1])
    assert trainability.fate_colors(np.full(5, np.nan), lost).tolist() == [4, 5, 6, 7, 7]


@only("trainability")
def test_trainability_shows_the_run_of_the_pixel(stage):
    for stage.rate_in, stage.rate_out in ((10.0, 0.5), (900.0, 9.0), (1.0, 0.1), (1000.0, 10.0)):
        frames = at(stage)
        assert_whole(stage, frames, 1)
        (place,) = picture(frames, stage._pixel)
        grid = trainability.rate_grid(stage.window, 24)
        assert np.isclose(grid, place, rtol=1e-9).all(axis=-1).sum() == 1
        run = stage.trajectory
        share, line = run.values / run.values[0], picture(frames, stage._line)[:, 1]
        inside = np.isfinite(line) & (line < 1e6)
        assert inside.sum() > 2 and np.allclose(line[inside], share[inside])
        assert ("is lost" in frames.sentences[0]) == (~(share <= 1000)).any()


@only("trainability")
@pytest.mark.parametrize("slider", ["rate_in", "rate_out"])
def test_the_tables_of_trainability_are_its_frames_to_the_last_bit(stage, slider):
    stage.rate_in, stage.rate_out = 50.0, 1.0
    values, frames = positions(stage)[slider], table(stage, slider)
    assert_whole(stage, frames, len(values))
    for i in (0, 37, len(values) - 1):
        one = at(stage, **{slider: values[i]})
        assert frames.sentences[i] == one.sentences[0]
        assert np.array_equal(picture(frames, stage._line, i), picture(one, stage._line), equal_nan=True)


def test_zooming_computes_the_map_anew_and_keeps_or_moves_the_point():
    stage = quick(lambda: Trainability(pixels=12, steps=40))
    whole, before = stage.window.copy(), stage.share.copy()
    stage.zoom(((5, 50), (0.2, 2)))
    assert (stage.rate_in, stage.rate_out) == (10.0, 0.5)
    assert stage._sliders["rate_in"].values[[0, -1]] == pytest.approx([5, 50])
    assert not np.array_equal(stage.share, before)
    stage.zoom(((540, 600), (0.62, 0.68)))
    assert stage.rate_in == pytest.approx(np.sqrt(540 * 600))
    assert_whole(stage, at(stage), 1)
    for bad in (((1, 1 + 1e-12), (0.1, 1)), ((0, 1), (0.1, 1)), ((2, 1), (0.1, 1)), (1, 2)):
        with pytest.raises(ValueError, match="window"):
            stage.zoom(bad)
    assert stage.window == pytest.approx(np.array([[540, 600], [0.62, 0.68]]))
    stage.zoom(((0.001, 1e9), (0.1, 10)))
    assert (stage.window == whole).all()
    stage.zoom(None)
    assert (stage.window == whole).all() and np.array_equal(stage.share, before, equal_nan=True)


def test_enlargements_frame_the_next_map():
    objective, start = TwoRates.random(0)
    windows = [((1, 1000), (0.1, 10)), ((10, 100), (1, 10))]
    maps = [trainability_map(objective, start, window, 8, 40) for window in windows]
    still = enlargements(maps, windows)
    frame = still._figure.axes[0].lines[-1].get_xydata()
    assert np.allclose(frame.min(axis=0), [1 / 3, 0.5]) and np.allclose(frame.max(axis=0), [2 / 3, 1])
    colors = "blue where training stays, orange where it is lost"
    assert still.sentence == f"2 maps, each a part of the one before: {colors}; both in 2 of them."
    assert enlargements(maps[:1], windows[:1]).sentence == f"A map of two learning rates: {colors}."
    for bad in ((maps, windows[:1]), ([], [])):
        with pytest.raises(ValueError, match="windows"):
            enlargements(*bad)


@only("phase")
def test_a_swing_beyond_1_stays_in_the_picture(stage):
    """The steep axis of the best pair at κ = 1,000 swings to 12 and is drawn inside its axes."""
    rate, beta, _ = best_momentum(1 / 1000, 1)
    steep = picture(at(stage, learning_rate=rate, beta=beta, condition=1000), stage._steep)[:, 1]
    low, high = stage._steep.axes.get_ylim()
    assert low < steep.min() < -8 and 8 < steep.max() < high


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"objective": 3}, TypeError),
        ({"objective": TwoRates.random(0)[0], "start": [1.0, 2.0]}, ValueError),
        ({"rates": (0.01, 0.5)}, ValueError),
        ({"rates": (1.0,)}, ValueError),
        ({"window": ((0, 1), (1, 2))}, ValueError),
        ({"window": ((1, 10), (5, 2))}, ValueError),
        ({"pixels": 1}, ValueError),
        ({"pixels": 2.5}, TypeError),
        ({"steps": 3}, ValueError),
    ],
)
def test_trainability_refuses_bad_arguments(bad, error):
    with pytest.raises(error, match=list(bad)[-1]):
        quick(lambda: Trainability(**bad))


def test_two_rates_refuses_bad_data():
    with pytest.raises(ValueError, match="y"):
        TwoRates([[1.0, 2.0]], [1.0, 2.0], 2)
    with pytest.raises(ValueError, match="hidden"):
        TwoRates([[1.0, 2.0]], [1.0], 0)
    with pytest.raises(ValueError, match="examples"):
        TwoRates.random(0, examples=0)
