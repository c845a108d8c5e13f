"""The record of a run: its shapes, its lanes, and the verdict."""

import numpy as np
import pytest

from gdlab import (
    AdaGrad,
    Adam,
    AdamW,
    EmpiricalRisk,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Trajectory,
    closed_form,
    data,
    descend,
    landscapes,
    losses,
    models,
)
from gdlab.trajectory import OUTCOMES

BOWL = landscapes.Quadratic([1, 10])  # the limit 2/λ is 0.2
PARABOLA = landscapes.Quadratic([2])  # the limit 2/λ is 1
WELL, SADDLE, MONKEY = landscapes.DoubleWell(tilt=0), landscapes.Saddle(), landscapes.MonkeySaddle()


def run(objective, start, rate, steps):
    return descend(objective, start, GradientDescent(rate), steps)


def record(values, gradients=1.0, thetas=0.0):
    """A one-dimensional run with these numbers, whatever objective they may come from."""
    values = np.array(values, dtype=float)
    gradients, thetas = (np.resize(part, (len(values), 1)).astype(float) for part in (gradients, thetas))
    return Trajectory(thetas, values, gradients, np.full(len(values) - 1, 0.1))


# --- shapes and lanes ----------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 6])
@pytest.mark.parametrize("lanes", [(), (3,), (3, 2)], ids=str)
def test_shapes(lanes, steps):
    trajectory = run(BOWL, np.ones((*lanes, 2)), 0.1, steps)
    assert (trajectory.steps, trajectory.lanes) == (steps, lanes)
    assert trajectory.thetas.shape == trajectory.gradients.shape == (steps + 1, *lanes, 2)
    assert trajectory.values.shape == (steps + 1, *lanes)
    assert trajectory.learning_rates.shape == (steps, *lanes)
    assert np.shape(trajectory.outcome.name) == np.shape(trajectory.outcome.step) == lanes


@pytest.mark.parametrize(
    ("lane", "lanes"),
    [((1, 2), ()), ((-1, 0), ()), (1, (3,)), ((slice(None), 2), (2,)), (slice(1), (1, 3))],
    ids=str,
)
def test_a_lane_is_the_same_lane_of_every_part(lane, lanes):
    whole = run(BOWL, np.arange(12.0).reshape(2, 3, 2), np.array([0.01, 0.02, 0.3]), steps=4)
    part = whole[lane]
    assert part.lanes == lanes
    at = (slice(None), *lane) if isinstance(lane, tuple) else (slice(None), lane)
    for name in ("thetas", "values", "gradients", "learning_rates"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[at])


def test_a_lane_that_is_not_there_is_an_error():
    with pytest.raises(
        TypeError, match=r"^run\[lane\]: a run with lanes is expected, this is a single run$"
    ):
        run(BOWL, [1, 1], 0.1, steps=3)[0]
    with pytest.raises(IndexError):
        run(BOWL, np.ones((3, 2)), 0.1, steps=3)[3]


def test_a_trajectory_is_read_only_and_so_are_its_lanes():
    whole = run(BOWL, np.ones((3, 2)), 0.1, steps=4)
    for trajectory in (whole, whole[1]):
        for name in ("thetas", "values", "gradients", "learning_rates"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(trajectory, name)[0] = 0
            with pytest.raises(AttributeError):
                setattr(trajectory, name, None)
    with pytest.raises(AttributeError):
        whole.outcome.name = "converged"


# --- the verdict ---------------------------------------------------------------------------------

VERDICTS = {
    "bowl, α below the limit": (BOWL, [-2, 1.5], 0.15, 200, "converged", 200),
    "start at the minimum": (BOWL, [0, 0], 0.1, 0, "converged", 0),
    "bowl, too few steps": (BOWL, [-2, 1.5], 0.15, 20, "running", 20),
    "bowl, to and fro but shrinking": (BOWL, [0, 1.5], 0.19, 40, "running", 40),
    "no step, no verdict": (BOWL, [-2, 1.5], 0.15, 0, "running", 0),
    "one step down": (BOWL, [-2, 1.5], 0.15, 1, "running", 1),
    "parabola, α at the limit": (PARABOLA, [1.5], 1.0, 40, "oscillating", 40),
    "well, two-cycle": (WELL, [0.9], 0.3, 200, "oscillating", 200),
    "bowl, one step up": (BOWL, [0, 1.5], 0.21, 1, "diverged", 1),
    "bowl, above the limit, still finite": (BOWL, [-2, 1.5], 0.21, 40, "diverged", 1),
    "bowl, down before it grows": (BOWL, [-20, 0.1], 0.21, 100, "diverged", 44),
    "bowl, overflow": (BOWL, [-2, 1.5], 1e300, 5, "diverged", 1),
    "bowl, overflow after a while": (BOWL, [-2, 1.5], 1.0, 500, "diverged", 1),
    "saddle, falling without end": (SADDLE, [0.5, 0.1], 0.1, 5000, "diverged", 1960),
    "saddle, falling, still finite": (SADDLE, [0.5, 0.1], 0.1, 100, "running", 100),
    "saddle, on its crest": (SADDLE, [0.5, 0.0], 0.1, 100, "converged", 100),
}


@pytest.mark.parametrize(
    ("objective", "start", "rate", "steps", "name", "step"), VERDICTS.values(), ids=VERDICTS
)
def test_the_verdict_on_a_run(objective, start, rate, steps, name, step):
    outcome = run(objective, start, rate, steps).outcome
    assert (outcome.name, outcome.step) == (name, step)
    assert str(outcome) == outcome.sentence
    assert outcome.sentence.startswith(name)


def test_the_table_holds_every_verdict():
    assert {name for *_, name, _ in VERDICTS.values()} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("trajectory", "name", "step"),
    [
        (record([4, 3, 2, 1, np.nan, 1, 1, 1]), "diverged", 4),
        (record([4, 3, 2, 1, 1, 1, np.inf, np.inf], gradients=0.0), "diverged", 6),
        (record([4, 3, 2, 1], gradients=0.0, thetas=[1, 2, np.inf, np.inf]), "diverged", 2),
        (record([4, 5, 2, 1, 6, 6, 7, 8]), "diverged", 4),
        (record([4, 3, 2, 1, 5, 6, 7, 4]), "running", 7),  # its last value is not above the first
        (record([4, 3, 2, 1, 5, 6, 4, 8]), "running", 7),  # 4 and 8 are not both above it
        (record([4, 3, 2, 9, 5, 6, 7, 8]), "running", 7),  # 8 and 7 are not above the first half's 9
        (record([1, 1, 1, 1], gradients=[1, 1, 1, 0.99e-6]), "converged", 3),
        (record([1, 1, 1, 1], gradients=[1, 1, 1, 1.01e-6]), "running", 3),
        (record([1] * 13, gradients=[(-1) ** k for k in range(13)]), "oscillating", 12),
        (record([1] * 13, gradients=[(-0.9) ** k for k in range(13)]), "running", 12),  # shrinks
        (
            record([1] * 13, gradients=[(-1) ** (k // 4) for k in range(13)]),
            "running",
            12,
        ),  # turns rarely
        (record([1] * 13, gradients=[(-1) ** (k // 2) for k in range(13)]), "oscillating", 12),
        (record([1] * 4, gradients=[1, -1, 1, -1]), "running", 3),  # too short to call
    ],
    ids=[
        "NaN in passing",
        "overflow beats a slope of 0",
        "only theta overflows",
        "climbs for good",
        "ends no higher",
        "dips at the end",
        "was higher before",
        "slope just below 1e-6",
        "slope just above 1e-6",
        "turns at every step",
        "turns and shrinks",
        "turns every fourth step",
        "turns every second step",
        "three steps",
    ],
)
def test_the_verdict_follows_the_rules(trajectory, name, step):
    assert (trajectory.outcome.name, trajectory.outcome.step) == (name, step)


@pytest.mark.parametrize("steps", [1, 2, 3, 50])
def test_rounding_at_the_minimum_is_no_divergence(steps):
    for seed in range(20):
        line = data.line(n=40, noise=0.3, seed=seed)
        risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), line)
        at_the_minimum = descend(risk, closed_form.lstsq(line.X, line.y), Momentum(0.3), steps)
        assert at_the_minimum.outcome.name == "converged"


def test_the_verdicts_on_lanes_are_those_on_their_solo_runs():
    rates = np.array([[0.01], [0.15], [0.2], [0.21], [1.0], [1e300]])
    starts = np.array([[0.0, 1.5], [-2.0, 1.5], [0.0, 0.0]])
    lanes = run(BOWL, starts, rates, steps=300).outcome
    solo = [[run(BOWL, start, float(rate[0]), 300).outcome for start in starts] for rate in rates]
    assert lanes.name.tolist() == [[outcome.name for outcome in row] for row in solo]
    assert lanes.step.tolist() == [[outcome.step for outcome in row] for row in solo]
    assert set(lanes.name.ravel()) == set(OUTCOMES)


def test_a_lane_taken_out_has_the_verdict_of_its_place():
    lanes = run(BOWL, [0.0, 1.5], np.array([0.15, 0.2, 0.21]), steps=300)
    for i, name in enumerate(lanes.outcome.name):
        assert lanes[i].outcome.name == name
        assert lanes[i].outcome.step == lanes.outcome.step[i]


# --- the sentence --------------------------------------------------------------------------------


SENTENCES = {
    "converged": (BOWL, [-2, 1.5], 0.15, 200, ["converged: ", "after 200 steps", "the slope is "]),
    "running": (BOWL, [0, 1], 0.01, 2, ["running: ", "after 2 steps", "value is 3.281", "slope 8.1"]),
    "oscillating": (PARABOLA, [1.5], 1, 40, ["oscillating: ", "after 40 steps", "slope is 3"]),
    "diverged": (
        BOWL,
        [-2, 1.5],
        0.21,
        40,
        ["diverged at step 1: ", "grows", "α = 0.21 is above 2/λ = 0.2"],
    ),
    "overflow": (BOWL, [0, 1.5], 1e300, 5, ["diverged at step 1: ", "α = 1e+300 is above 2/λ = 0.2"]),
    "falling": (SADDLE, [0.5, 0.1], 0.1, 5000, ["diverged at step 1960: ", "falls without end"]),
    "falling into NaN": (MONKEY, [0.5, 0.1], 0.1, 30, ["diverged at step 24: ", "falls without end"]),
    "grown to the last number": (
        BOWL,
        [0, 1.5],
        0.21,
        9000,
        ["diverged", "α = 0.21 is above 2/λ = 0.2"],
    ),
    "lanes": (
        *(BOWL, [0.0, 1.5], [0.01, 0.15, 0.18, 0.2, 0.21], 100),
        ["2 converged, 1 running, 1 oscillating, 1 diverged"],
    ),
}


@pytest.mark.parametrize(
    ("objective", "start", "rate", "steps", "parts"), SENTENCES.values(), ids=SENTENCES
)
def test_the_sentence_says_what_happened(objective, start, rate, steps, parts):
    trajectory = run(objective, start, rate, steps)
    sentence = str(trajectory.outcome)
    assert [part for part in parts if part not in sentence] == []
    assert sentence in repr(trajectory)


def test_a_schedule_is_judged_midway():
    steep = GradientDescent(lambda k: (0.05, 0.4, 0.3)[k // 10])
    assert "α = 0.4 is above 2/λ = 0.2" in str(descend(BOWL, [0, 1.5], steep, steps=30).outcome)
    late = GradientDescent(lambda k: 0.05 if k < 14 else 0.4)
    assert "α = 0.4 is above 2/λ = 0.2" in str(descend(BOWL, [0, 1.5], late, steps=30).outcome)


@pytest.mark.parametrize(
    ("curvatures", "rate", "limit"), [([0.1], 21, "20"), ([2, 2], 1.1, "1"), ([50, 50], 0.05, "0.04")]
)
def test_the_reason_measures_the_curvature(curvatures, rate, limit):
    sentence = str(run(landscapes.Quadratic(curvatures), np.ones(len(curvatures)), rate, 20).outcome)
    assert sentence.endswith(f", for α = {rate} is above 2/λ = {limit}")


def test_no_reason_is_given_where_theory_knows_none():
    below = descend(BOWL, [0, 1e-3], Adam(0.1), steps=1)  # climbs, with α below 2/λ
    still = record([1, 2])  # climbs, but nothing moved: no curvature is known
    for trajectory in (below, still):
        assert trajectory.outcome.name == "diverged"
        assert str(trajectory.outcome) == "diverged at step 1: the value grows without end"


def test_a_trajectory_shows_its_size_and_its_verdict():
    assert repr(run(BOWL, [0, 1], 0.01, 2)).startswith("Trajectory(2 steps: running")
    assert repr(run(BOWL, np.ones((3, 2)), 0.01, 2)) == "Trajectory(2 steps x (3,) lanes: 3 running)"


@pytest.mark.parametrize("landscape", landscapes.GALLERY, ids=lambda landscape: type(landscape).__name__)
def test_every_run_gets_a_verdict_without_a_warning(landscape):
    for kind in (GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW):
        for rate in (0.3, 1e5, 1e300):
            for steps in (0, 1, 2, 3, 4, 60):
                outcome = descend(landscape, [0.7] * landscape.dimension, kind(rate), steps).outcome
                assert outcome.name in OUTCOMES
                assert 0 <= outcome.step <= steps


def test_a_lane_may_be_given_from_the_back():
    starts = np.arange(12.0).reshape(2, 3, 2)
    run = descend(landscapes.Quadratic([1, 10]), starts, GradientDescent(0.1), 5)
    last = run[..., 0]
    assert last.lanes == (2,) and last.thetas.shape == (6, 2, 2)
    assert np.array_equal(last.thetas, run[:, 0].thetas) and np.array_equal(
        last.values, run[:, 0].values
    )


def test_one_step_is_one_step():
    run = descend(landscapes.Quadratic([1.0]), [1.0], GradientDescent(0.1), 1)
    assert str(run.outcome).startswith("running: after 1 step the value")
