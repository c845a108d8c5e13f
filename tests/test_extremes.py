"""Extremes: no warning, no exception, the right outcome, at any size a float can have."""

import warnings

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
    data,
    descend,
    explorers,
    landscapes,
    losses,
    models,
)

RULES = [GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW]
TINY_TO_HUGE = [1e-300, 1e-150, 1e-12, 1e-3, 1.0, 1e3, 1e12, 1e150, 1e300]


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("curvature", [1e-12, 1e-6, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("rate", TINY_TO_HUGE)
def test_the_outcome_is_that_of_the_law(rate, curvature):
    """|1 − αλ| says what becomes of a parabola, whatever their sizes."""
    run = descend(landscapes.Quadratic([curvature]), [1.0], GradientDescent(rate), steps=400)
    factor = abs(1 - rate * curvature)
    if factor > 1.001:
        assert run.outcome.name == "diverged"
        assert run.outcome.step == 1  # above the start from the first step on
        assert "without end" in run.outcome.sentence
    elif factor < 0.9:
        assert abs(run.thetas[-1, 0]) <= factor**390 + 1e-300
        assert run.outcome.name in ("converged", "running")
    else:
        assert run.outcome.name in ("converged", "running") and run.values[-1] <= run.values[0]
    assert repr(run)


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("rate", TINY_TO_HUGE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_rule_warns_at_any_rate(kind, rate, dtype):
    run = descend(landscapes.Himmelblau(), np.array([1, -1], dtype=dtype), kind(rate), steps=60)
    assert run.outcome.name in ("converged", "running", "oscillating", "diverged")
    assert run.outcome.name == "diverged" or np.isfinite(run.thetas).all()
    many = descend(landscapes.Himmelblau(), np.ones((3, 2)), kind(np.full(3, rate)), steps=5)
    assert len(many.outcome.name) == 3


@pytest.mark.parametrize("start", [1e-300, 1e-8, 1e8, 1e150, 1e300])
def test_a_start_far_away_or_next_to_the_minimum(start):
    run = descend(landscapes.Quadratic([1.0, 2.0]), [start, -start], GradientDescent(0.5), steps=2000)
    assert run.outcome.name == ("converged" if start < 1e151 else "diverged")


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("size", [30.0, 700.0, 1e4, 1e300])
def test_losses_of_logits_stay_exact(size, label):
    """log(1 + eᶻ) is z where z is large, and 0 where it is very negative."""
    loss = losses.BinaryCrossEntropy()
    for z in (size, -size):
        wrong = (z > 0) != (label == 1)
        assert loss.value(z, label) == pytest.approx(size if wrong else 0, rel=1e-12, abs=1e-12)
        assert loss.slope(z, label) == pytest.approx(np.sign(z) if wrong else 0, abs=1e-12)
    many, logits = losses.SoftmaxCrossEntropy(), np.array([[size, 0.0, -size]])
    for target in range(3):
        value = many.value(logits, np.array([target]))
        assert value == pytest.approx(size - logits[0, target], rel=1e-12, abs=1e-12)
    for each in (
        losses.Brier(),
        losses.Hinge(),
        losses.ZeroOne(),
        losses.SquaredError(),
        losses.Huber(),
    ):
        with np.errstate(over="ignore"):  # the square of 1e300 is infinite, and is told so
            assert not np.isnan(each.value(size, label)) and not np.isnan(each.slope(size, label))


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_features_of_any_size_train_once_standardized(scale):
    line = data.line(30, noise=0.1)
    far = data.Dataset(line.X * scale, line.y, line.features, line.target, line.source)
    risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), data.standardize(far))
    assert descend(risk, [0, 0], GradientDescent(0.3), steps=200).outcome.name == "converged"


@pytest.mark.parametrize("curvatures", [(1e-12, 1e-10), (1e-3, 1e3), (1e10, 1e12)])
def test_the_stage_can_be_drawn_at_any_curvature(curvatures):
    limit = 2 / max(curvatures)
    ends = (0.02 * limit, 2 * limit)
    stage = explorers.LearningRate(
        landscapes.Quadratic(curvatures), [-2, 1.5], learning_rate=0.5 * limit, learning_rates=ends
    )
    for rate in ends:
        stage.learning_rate = rate
        assert len(stage.png()) > 5000 and ("diverges" in stage.sentence) == (rate > limit)
