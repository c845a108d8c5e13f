"""Sweeps: the same runs as `descend`, in blocks, in processes, summarized."""

import logging
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import distributed
import numpy as np
import pytest

from gdlab import (
    Adam,
    EmpiricalRisk,
    GradientDescent,
    Momentum,
    Nesterov,
    data,
    descend,
    landscapes,
    losses,
    models,
    schedules,
)
from gdlab.sweeps import StepsTo, last, sweep

BEALE = landscapes.Beale()
STARTS = np.random.default_rng(1).uniform(-2, 2, (5, 7, 2))
RULES = [GradientDescent(0.01), Momentum(0.003), Nesterov(0.003), Adam(0.1)]


@pytest.mark.parametrize("block", [1, 3, 2 * 35, 10**6])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_the_last_points_are_those_of_descend(rule, block):
    run = descend(BEALE, STARTS, rule, 60)
    theta, value = sweep(BEALE, STARTS, rule, 60, block=block)
    assert theta.shape == STARTS.shape and value.shape == STARTS.shape[:-1]
    assert np.array_equal(theta, run.thetas[-1], equal_nan=True)
    assert np.array_equal(value, run.values[-1], equal_nan=True)
    assert np.isfinite(value).mean() > 0.5


def test_learning_rates_are_lanes_too():
    rates = np.geomspace(1e-3, 1, 7)
    run = descend(BEALE, STARTS, GradientDescent(rates), 40)
    theta, value = sweep(BEALE, STARTS, GradientDescent(rates), 40, block=6)
    assert np.array_equal(theta, run.thetas[-1], equal_nan=True)
    assert np.array_equal(value, run.values[-1], equal_nan=True)
    assert not np.isfinite(value).all()  # a run that diverges is a result like any other
    one, _ = sweep(BEALE, STARTS[0, 0], GradientDescent(rates), 40, block=6)
    assert np.array_equal(one, descend(BEALE, STARTS[0, 0], GradientDescent(rates), 40).thetas[-1], True)


def test_a_single_run_and_no_step():
    theta, value = sweep(BEALE, [1.0, 1.0], GradientDescent(0.01), 0)
    assert theta.tolist() == [1, 1] and value.shape == () and value == BEALE(np.ones(2))


def test_a_schedule_of_one_rate_for_all():
    rule = GradientDescent(schedules.cosine(0.02, steps=30))
    theta, _ = sweep(BEALE, STARTS, rule, 30, block=8)
    assert np.array_equal(theta, descend(BEALE, STARTS, rule, 30).thetas[-1], equal_nan=True)
    with pytest.raises(ValueError, match=r"^learning_rate: a schedule with one rate"):
        sweep(BEALE, STARTS, GradientDescent(lambda k: np.full(7, 0.01)), 3)


@pytest.mark.parametrize("rate", [0.05, 0.3, 2.1])
def test_steps_to_is_the_first_step_at_the_value(rate):
    bowl, starts = landscapes.Quadratic([1.0]), np.linspace(0.1, 3, 11)[:, None]
    values = descend(bowl, starts, GradientDescent(rate), 25).values
    first = sweep(bowl, starts, GradientDescent(rate), 25, keep=StepsTo(0.5), block=3)
    for lane, k in enumerate(first):
        reached = np.flatnonzero(values[:, lane] <= 0.5)
        assert np.isnan(k) if len(reached) == 0 else k == reached[0]
    assert (first == 0).any() and (np.isnan(first).any() or rate < 1)


def test_steps_to_counts_a_value_that_is_just_met():
    parabola = landscapes.Quadratic([2.0])  # θ²: 4 at the start, then exactly 1
    first = sweep(parabola, [[2.0]], GradientDescent(0.25), 3, keep=StepsTo(1.0))
    assert first.tolist() == [1]


def sum_of_values(walk):
    return sum(value for _, value, _ in walk)


def test_any_summary_can_be_kept():
    values = descend(BEALE, STARTS, RULES[0], 20).values
    assert np.allclose(sweep(BEALE, STARTS, RULES[0], 20, keep=sum_of_values), values.sum(axis=0))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_gives_the_same_numbers(pool):
    here = sweep(BEALE, STARTS, RULES[3], 30, block=8)
    with pool(2) as executor:
        there = sweep(BEALE, STARTS, RULES[3], 30, block=8, executor=executor)
    assert all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))


def test_progress_sees_every_block():
    seen = []

    def progress(parts):
        for part in parts:
            seen.append(1)
            yield part

    sweep(BEALE, STARTS, RULES[0], 2, block=10, progress=progress)
    assert len(seen) == 7
    with ThreadPoolExecutor(2) as executor:
        sweep(BEALE, STARTS, RULES[0], 2, block=10, progress=progress, executor=executor)
    assert len(seen) == 14
    sweep(BEALE, STARTS, RULES[0], 2, block=1, progress=progress)
    assert len(seen) == 14 + 35  # a block has one lane at least


def test_models_on_data_can_be_swept():
    risk = EmpiricalRisk(models.Network((2, 3, 1)), losses.BinaryCrossEntropy(), data.xor())
    starts = np.stack([risk.model.start(seed) for seed in range(6)])
    theta, _ = sweep(risk, starts, Momentum(0.3), 40, block=2 * risk.dimension)
    assert np.allclose(theta, descend(risk, starts, Momentum(0.3), 40).thetas[-1], rtol=1e-9)


def test_the_start_is_not_touched():
    before = STARTS.copy()
    sweep(BEALE, STARTS, RULES[0], 3)
    assert np.array_equal(before, STARTS)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"steps": -1}, ValueError, "^steps: "),
        ({"steps": 2.5}, TypeError, "^steps: "),
        ({"block": 0}, ValueError, "^block: "),
        ({"keep": "last"}, TypeError, "^keep: a function is expected, 'last' given"),
        ({"start": [1.0]}, ValueError, "^start: "),
        ({"start": [[np.nan, 0]]}, ValueError, "^start: "),
        ({"optimizer": 0.1}, TypeError, "^optimizer: "),
        ({"objective": 3}, TypeError, "^objective: "),
    ],
)
def test_bad_input_is_named(changes, error, message):
    arguments = {"objective": BEALE, "start": STARTS, "optimizer": RULES[0], "steps": 3} | changes
    with pytest.raises(error, match=message):
        sweep(**arguments)


@pytest.mark.parametrize("value", [np.nan, np.inf, "low", None])
def test_a_bad_level_is_refused(value):
    with pytest.raises((TypeError, ValueError), match=r"^value: "):
        StepsTo(value)


def test_last_needs_one_item():
    assert last(iter([(1, 2, 3)])) == (1, 2)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_cluster_gives_the_same_numbers_though_a_worker_dies():
    """An engine for many machines, here with two processes on loopback; it runs a lost block again."""
    here = sweep(BEALE, STARTS, RULES[3], 300, block=8)
    quiet = {"dashboard_address": None, "silence_logs": logging.CRITICAL}
    with (
        distributed.LocalCluster(2, threads_per_worker=1, host="127.0.0.1", **quiet) as cluster,
        distributed.Client(cluster) as client,
    ):
        seen = []

        def progress(parts):
            for part in parts:
                if not seen:  # as a machine that is switched off
                    (worker, *_) = cluster.workers.values()
                    os.kill(client.run(os.getpid)[worker.worker_address], signal.SIGKILL)
                seen.append(1)
                yield part

        with client.get_executor(retries=3) as executor:
            there = sweep(BEALE, STARTS, RULES[3], 300, block=8, executor=executor, progress=progress)
    assert len(seen) == 9 and all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))
