"""The explorers of notebook 06: path, microscope, walkers and race, against plain loops of their own."""

import itertools
import re

import numpy as np
import pytest
from every import KILOS, KILOS_RISK, at, only, picture, positions, quick

from gdlab import EmpiricalRisk, GradientDescent, data, descend, landscapes, losses, models
from gdlab.exercises.batch import EXERCISES
from gdlab.explorers import batch_race, microscope
from gdlab.explorers.batch_path import BatchPath
from gdlab.explorers.batch_race import SIZES, BatchRace
from gdlab.explorers.microscope import DRAWS, Microscope
from gdlab.explorers.walkers import Walkers

# --- the path ----------------------------------------------------------------------------------------


@only("batch path")
@pytest.mark.parametrize("size", [1, 10, 342])
def test_the_path_is_a_plain_loop_over_the_deal(stage, size):
    stage.size = size
    x, y, theta = KILOS.X[:, 0], KILOS.y, np.array([-0.2, 3.3])
    path, rows_dealt = [theta], itertools.islice(data.batches(342, size, 0), 80)
    for rows in rows_dealt:
        residual = theta[0] * x[rows] + theta[1] - y[rows]
        theta = theta - 0.2 * np.array([np.mean(2 * residual * x[rows]), np.mean(2 * residual)])
        path.append(theta)
    assert np.allclose(picture(at(stage, steps=80), stage._path), path, rtol=1e-9)
    assert np.allclose(stage.trajectory.thetas, path, rtol=1e-9)
    best = np.polyfit(x, y, 1)
    heights = [
        np.mean((a * x + b - y) ** 2) - np.mean((best[0] * x + best[1] - y) ** 2) for a, b in path
    ]
    assert np.allclose(picture(at(stage), stage._values)[:, 1], heights, rtol=1e-6, atol=1e-10)


@only("batch path")
def test_all_birds_are_batch_descent_to_the_last_bit(stage):
    stage.size = 342
    whole = descend(stage.objective, stage.START, GradientDescent(0.2), 80)
    assert np.array_equal(stage.trajectory.thetas, whole.thetas)


@only("batch path")
def test_only_the_updates_asked_for_are_drawn(stage):
    path = picture(at(stage, steps=7), stage._path)
    assert np.isfinite(path[:8]).all() and np.isnan(path[8:]).all()
    assert (picture(at(stage, steps=7), stage._here) == path[7]).all()


# --- the microscope ----------------------------------------------------------------------------------


@only("microscope", "microscope on few examples")
def test_a_dot_is_the_gradient_of_its_batch(stage):
    theta = [stage.weight, stage.bias]
    for size in (1, 3, 12):
        dots = picture(at(stage, size=size), stage._dots)
        assert dots.shape == (DRAWS, 2) and np.array_equal(dots, stage.gradients(size))
        for i in (0, 17, DRAWS - 1):
            rows = stage._orders[i][:size]
            assert len(set(rows.tolist())) == size
            assert np.allclose(dots[i], stage.risk.on(rows).gradient(theta), rtol=1e-9)


@only("microscope")
def test_at_all_examples_every_dot_is_the_true_gradient(stage):
    assert np.allclose(stage.gradients(342), KILOS_RISK.gradient([0, 3.5]), rtol=1e-12)
    assert stage.frames({**stage.settings, "size": np.array([342.0])}).sentences == [
        "B = 342: all examples, no noise; the gradient is 2 long."
    ]


@only("microscope")
def test_the_noise_is_the_root_mean_square_and_follows_the_law(stage):
    curve, law = picture(at(stage), stage._measured), picture(at(stage), stage._law)
    true = KILOS_RISK.gradient([0, 3.5])
    single = np.array([KILOS_RISK.on([i]).gradient([0, 3.5]) for i in range(342)])
    sigma = np.sqrt(((single - true) ** 2).sum(axis=1).mean())
    for B, noise in curve[:-1]:
        away = stage.gradients(int(B)) - true
        assert noise == pytest.approx(np.sqrt((away**2).sum(axis=1).mean()), rel=1e-9)
    B = law[:-1, 0]
    assert np.allclose(law[:-1, 1], sigma / np.sqrt(B) * np.sqrt((342 - B) / 341))
    assert np.allclose(curve[:-1, 1], law[:-1, 1], rtol=0.1) and np.isnan(curve[-1, 1])


@only("microscope")
def test_the_ellipse_is_twice_the_spread_in_every_direction(stage):
    size = 20
    ellipse = picture(at(stage, size=size), stage._ellipse) - KILOS_RISK.gradient([0, 3.5])
    single = np.array([KILOS_RISK.on([i]).gradient([0, 3.5]) for i in range(342)])
    covariance = np.cov(single.T, bias=True) / size * (342 - size) / 341
    reached = np.einsum("ni,ij,nj->n", ellipse, np.linalg.inv(covariance), ellipse)
    assert np.allclose(reached, 4)


@only("microscope")
def test_the_dotted_line_parts_uphill_from_downhill(stage):
    true = KILOS_RISK.gradient([0, 3.5])
    a, b = picture(at(stage), stage._level)
    assert abs((b - a) @ true) < 1e-9 and np.allclose(a + b, 0)
    for size in (1, 6):
        count = int(re.search(r"(\d+) of 500", at(stage, size=size).sentences[0])[1])
        assert count == sum(1 for g in stage.gradients(size) if g @ true > 0)


@only("microscope")
def test_the_exercise_read_from_it(stage):
    true = KILOS_RISK.gradient([0, 3.5])
    downhill = np.array([np.sum(stage.gradients(B) @ true > 0) for B in range(1, 343)])
    answer = EXERCISES["batch-e"].answer
    assert (downhill[: answer - 1] < 475).all() and (downhill[answer - 1 :] >= 475).all()
    assert downhill[[0, 1, 3]].tolist() == [383, 462, 493] and downhill[2] > 19 / 20 * 500
    assert downhill[5] < 500 and (downhill[6:] == 500).all()
    assert {float(B) for B in range(1, 11)} <= set(positions(stage)["size"])


def test_the_exercise_hardly_depends_on_the_shuffle():
    true = KILOS_RISK.gradient([0, 3.5])
    along = np.array([KILOS_RISK.on([i]).gradient([0, 3.5]) @ true for i in range(342)])
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        orders = np.array([rng.permutation(342) for _ in range(DRAWS)])
        enough = (np.cumsum(along[orders], axis=1) > 0).sum(axis=0) >= 475
        found.append(342 - int(enough[::-1].argmin()) + 1)
    assert set(found) <= {3, 4} and found.count(3) >= 15


@only("microscope")
def test_dots_outside_the_picture_are_counted(stage):
    (left, right), (low, high) = stage._dots.axes.get_xlim(), stage._dots.axes.get_ylim()
    for size in (1, 2, 50):
        x, y = stage.gradients(size).T
        outside = int(np.sum((x < left) | (x > right) | (y < low) | (y > high)))
        told = re.search(r"; (\d+) lies? outside", at(stage, size=size).sentences[0])
        assert outside == (int(told[1]) if told else 0)
    assert "; 32 lie outside the picture." in at(stage, size=1).sentences[0]


@only("microscope")
def test_at_the_star_the_sentence_says_so(stage):
    stage.weight, stage.bias = stage.minimum
    stage.size = 10
    assert re.fullmatch(r"B = 10 at the lowest point: the gradient is 0, noise .*away\.", stage.sentence)
    assert (
        np.isnan(picture(at(stage), stage._level)).all()
        and np.isnan(picture(at(stage), stage._true)[1:]).all()
    )
    stage.size = 342
    assert stage.sentence == "B = 342 at the lowest point: the gradient is 0, no noise."


@only("microscope")
def test_a_slow_slider_sends_no_table(stage):
    assert {s["name"]: s["ahead"] for s in stage.picture["sliders"]} == {
        "size": True, "weight": False, "bias": False
    }  # fmt: skip
    assert microscope.RING.shape == (61, 2)


# --- the walkers -------------------------------------------------------------------------------------


@only("walkers")
@pytest.mark.parametrize("i", [0, 17, 40])
def test_a_swarm_is_a_plain_loop(stage, i):
    rng, well = np.random.default_rng(0), landscapes.DoubleWell()
    w, sigma = np.full(500, well.minima[1, 0]), stage._noises[i]
    for step in range(1, 61):
        w = w - 0.05 * (4 * w * (w * w - 1) + 0.3 + sigma * rng.normal(size=500))
        if step % 6 == 0:
            assert np.allclose(stage._places[step // 6, i], w, rtol=1e-6, atol=1e-9)
    stage.noise, stage.steps = sigma, 60
    dots = picture(at(stage), stage._dots)
    assert np.allclose(dots[:, 0], w[:150])
    lift = dots[:, 1] - ((dots[:, 0] ** 2 - 1) ** 2 + 0.3 * dots[:, 0])
    assert (lift > -1e-9).all() and (lift < 0.05).all()


@only("walkers")
def test_share_and_height(stage):
    for noise, steps in ((0, 600), (3.4, 600), (8, 300)):
        k, s = steps // 6, np.abs(stage._noises - noise).argmin()
        w = stage._places[k, s]
        frames = at(stage, noise=noise, steps=steps)
        assert np.allclose(picture(frames, stage._here[0])[0], [noise, np.mean(w < 0.0759)])
        height = np.mean((w**2 - 1) ** 2 + 0.3 * w) - stage.well(stage.well.minima[0])
        assert np.allclose(picture(frames, stage._here[1])[0], [noise, height])


@only("walkers")
def test_what_the_notebook_says_of_the_swarm(stage):
    shares = stage.shares[-1]
    assert (shares[stage._noises < 1.7] == 0).all() and shares[17] > 0.7 and shares[-1] < 0.65
    heights = stage.heights[-1]
    assert heights.argmin() not in (0, 40) and heights[-1] > heights[0] > heights.min()


# --- the race ----------------------------------------------------------------------------------------


@only("race of batches")
@pytest.mark.parametrize("i", [2, 4, 6])
def test_a_curve_is_the_run(stage, i):
    size, rate = int(SIZES[i]), min(0.05 * SIZES[i], 2)
    steps = -(-1797 // size)
    run = descend(stage.risk, np.zeros(650), GradientDescent(rate), steps, data.batches(1797, size, 0))
    assert stage.updates[i, -1] == steps and stage.learning_rates[i] == rate
    for k, value in zip(stage.updates[i], stage.values[i], strict=True):
        assert value == pytest.approx(float(stage.risk(run.thetas[k])), rel=1e-9)


@only("race of batches")
def test_one_is_counted_as_one(stage):
    assert stage.passes == 1 and "1 pass: 113 updates" in at(stage, size=16).sentences[0]
    assert at(stage, size=16).sentences[0].count("at once 1 update, ") == 1
    assert "1 pass: 1 update, " in at(stage, size=1797).sentences[0]


@only("race of batches")
def test_three_ways_to_count(stage):
    stage.size = 16
    seen, updates, seconds = (picture(at(stage, cost=cost), stage._lines[2]) for cost in (0, 1, 2))
    assert np.allclose(updates[2:, 0], stage.updates[2])
    assert np.allclose(seen[2:, 0], np.minimum(16 * stage.updates[2], 1797))
    assert np.allclose(seconds[2:, 0] * 1e-5, stage.updates[2] * stage.seconds[2])
    assert (seen[:, 1] == updates[:, 1]).all() and (seconds[:, 1] == updates[:, 1]).all()
    for cost, name in enumerate(batch_race.COSTS):
        frames = at(stage, cost=cost)
        assert frames.marks[stage._name] == [name]
        assert [frames.marks[tick][0] for tick in stage._ticks] == list(batch_race.TICKS[cost])
        low, high = (float(batch_race.TICKS[cost][i].replace(",", "")) for i in (0, -1))
        assert low == batch_race.LEFT[cost] and high == pytest.approx(1e5 * low)


def test_what_the_notebook_says_of_the_race():
    risk = EmpiricalRisk(models.Softmax(10), losses.SoftmaxCrossEntropy(), data.digits())

    def values(size, rate, first, last, seed=0):
        """After the updates `first` to `last`."""
        rows, rule = data.batches(1797, size, seed), GradientDescent(rate)
        return risk(descend(risk, np.zeros(650), rule, last, rows).thetas[first:])

    assert values(16, 1.6, 0, 4).max() > 4 and 2.55 < values(16, 0.8, 0, 4).max() < 2.65
    one, sixteen, blue = (values(size, rate, 1, 5) for size, rate in ((1, 0.05), (16, 0.8), (1797, 2)))
    assert (blue < np.minimum(one, sixteen)).all() and 1.05 < blue[-1] < 1.15
    ends = {rate: values(16, rate, 565, 565)[0] for rate in (0.8, 1.6)}
    assert 0.125 < ends[0.8] < 0.145 and ends[1.6] < ends[0.8]
    ends = {rate: values(1, rate, 8985, 8985)[0] for rate in (0.05, 0.1)}
    assert 0.125 < ends[0.05] < 0.145 and ends[0.1] < ends[0.05]
    before, last = values(16, 0.8, 564, 565, seed=3)
    assert before < 0.15 and last == pytest.approx(0.31, abs=0.005) and 1797 % 16 == 5


@only("race of batches")
def test_seconds_are_measured_and_only_told_when_asked_for(stage):
    assert (stage.seconds > 0).all() and stage.seconds[-1] > stage.seconds[0]
    assert " s," not in at(stage, cost=0).sentences[0] + at(stage, cost=1).sentences[0]
    assert re.search(r"in about \S+ s,", at(stage, cost=2).sentences[0])


# --- bad arguments -----------------------------------------------------------------------------------

CURVED = EmpiricalRisk(models.Polynomial(1), losses.SquaredError(), KILOS)
ROBUST = EmpiricalRisk(models.Linear(), losses.AbsoluteError(), KILOS)
RAW = EmpiricalRisk(models.Linear(), losses.SquaredError(), data.penguins())


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: BatchPath(0), "size"),
        (lambda: BatchPath(343), "size"),
        (lambda: BatchPath(1.5), "size"),
        (lambda: BatchPath(10, steps=0), "steps"),
        (lambda: BatchPath(10, steps=81), "steps"),
        (lambda: BatchPath(10, seed=-1), "seed"),
        (lambda: Microscope("risk", [0, 3.5]), "risk"),
        (lambda: Microscope(CURVED, [0, 3.5]), "risk"),
        (lambda: Microscope(ROBUST, [0, 3.5]), "risk"),
        (lambda: Microscope(RAW, [0, 3.5]), "risk"),
        (lambda: Microscope(KILOS_RISK, [0]), "theta"),
        (lambda: Microscope(KILOS_RISK, [0, 9]), "theta"),
        (lambda: Microscope(KILOS_RISK, "ab"), "theta"),
        (lambda: Microscope(KILOS_RISK, [0, np.nan]), "theta"),
        (lambda: Microscope(KILOS_RISK, [0, 3.5], size=0), "size"),
        (lambda: Microscope(KILOS_RISK, [0, 3.5], size=343), "size"),
        (lambda: Microscope(KILOS_RISK, [0, 3.5], size=2.5), "size"),
        (lambda: Microscope(KILOS_RISK, [0, 3.5], seed="a"), "seed"),
        (lambda: Walkers(9), "noise"),
        (lambda: Walkers(-1), "noise"),
        (lambda: Walkers("3"), "noise"),
        (lambda: Walkers(3, steps=601), "steps"),
        (lambda: Walkers(3, steps=-1), "steps"),
        (lambda: BatchRace(7), "size"),
        (lambda: BatchRace("16"), "size"),
        (lambda: BatchRace(16, cost=3), "cost"),
        (lambda: BatchRace(16, cost="seconds"), "cost"),
        (lambda: BatchRace(16, passes=0), "passes"),
        (lambda: BatchRace(16, passes=21), "passes"),
    ],
)
def test_a_bad_argument_is_refused_by_its_name(make, names):
    with pytest.raises((ValueError, TypeError), match=rf"^{names}: .* expected"):
        quick(make)


@only("microscope")
@pytest.mark.parametrize("size", [0, 343, 1.5])
def test_gradients_of_a_bad_size_are_refused(stage, size):
    with pytest.raises((ValueError, TypeError), match=r"^size: "):
        stage.gradients(size)
