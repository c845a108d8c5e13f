"""The loop and its record: against closed forms, a loop written by hand, and itself in lanes."""

import re
import tracemalloc
import warnings
from itertools import islice

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
    iterate,
    landscapes,
    losses,
    models,
    schedules,
)

BOWL, VALLEY = landscapes.Quadratic([1, 10], rotation=30), landscapes.Rosenbrock()
START = (-1.2, 1.0)
LINE = data.line(n=40, noise=0.3, seed=1)
RISK = EmpiricalRisk(models.Linear(), losses.SquaredError(), LINE)
OPTIMIZERS = (GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS)


class Logged:
    """½ ‖θ‖², no more than the protocol asks for; its gradient is theta itself, not a copy."""

    def __init__(self):
        self.calls = []

    def __call__(self, theta):
        self.calls.append("value")
        return 0.5 * (theta**2).sum(axis=-1)

    def gradient(self, theta):
        self.calls.append("gradient")
        return theta


# --- closed forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("d", [1, 2, 7])
def test_on_a_quadratic_every_step_shrinks_each_axis_by_its_own_factor(d, seed):
    rng = np.random.default_rng([d, seed])
    curvatures, center, start = rng.uniform(0.1, 5, d), rng.normal(size=d), rng.normal(size=d)
    rate = rng.uniform(0.1, 1.9) / curvatures.max()
    run = descend(
        landscapes.Quadratic(curvatures, center=center), start, GradientDescent(rate), steps=60
    )
    powers = (1 - rate * curvatures) ** np.arange(61)[:, None]
    expected = center + powers * (start - center)
    # each step rounds once, relative to the size of center and offset
    np.testing.assert_allclose(run.thetas, expected, rtol=1e-10, atol=1e-13)
    values = 0.5 * (curvatures * (expected - center) ** 2).sum(axis=-1)
    np.testing.assert_allclose(run.values, values, rtol=1e-10, atol=1e-20)


@pytest.mark.parametrize("bowl", [BOWL, landscapes.Booth(), landscapes.Quadratic([3.0])], ids=repr)
@pytest.mark.parametrize(("factor", "outcome"), [(0.999, "converged"), (1.001, "diverged")])
def test_two_over_the_largest_curvature_is_the_limit(bowl, factor, outcome):
    hessian = bowl.hessian(np.zeros(bowl.dimension))
    limit = 2 / np.linalg.eigvalsh(hessian)[-1]
    start = np.linspace(1.5, -0.5, bowl.dimension)
    assert descend(bowl, start, GradientDescent(factor * limit), steps=10_000).outcome.name == outcome


def test_a_loop_of_ten_lines_written_by_hand_gives_the_same_numbers():
    theta, thetas, values, gradients = np.array(START), [], [], []
    for _ in range(101):
        gradient = VALLEY.gradient(theta)
        thetas.append(theta)
        values.append(VALLEY(theta))
        gradients.append(gradient)
        theta = theta - 1e-3 * gradient
    run = descend(VALLEY, START, GradientDescent(1e-3), steps=100)
    np.testing.assert_array_equal(run.thetas, thetas)
    np.testing.assert_array_equal(run.values, values)
    np.testing.assert_array_equal(run.gradients, gradients)


# --- the loop and the record ---------------------------------------------------------------------


@every_optimizer
def test_descend_records_what_iterate_yields(kind):
    run = descend(RISK, START, kind(0.05), steps=20)
    walk = islice(iterate(RISK, START, kind(0.05)), 21)
    for k, (theta, value, gradient) in enumerate(walk):
        np.testing.assert_array_equal(run.thetas[k], theta)
        np.testing.assert_array_equal(run.values[k], value)
        np.testing.assert_array_equal(run.gradients[k], gradient)
    assert k == run.steps == 20


def test_points_kept_from_iterate_stay_what_they_were():
    kept = [theta for theta, _, _ in islice(iterate(VALLEY, START, Momentum(1e-3)), 21)]
    np.testing.assert_array_equal(kept, descend(VALLEY, START, Momentum(1e-3), steps=20).thetas)


def test_a_schedule_is_followed_step_by_step_and_recorded():
    rates = schedules.cosine(0.1, steps=15)
    run = descend(BOWL, START, GradientDescent(rates), steps=20)
    np.testing.assert_array_equal(run.learning_rates, [rates(k) for k in range(20)])
    steps = -run.learning_rates[:, None] * run.gradients[:-1]
    np.testing.assert_allclose(np.diff(run.thetas, axis=0), steps, rtol=0, atol=1e-15)  # one rounding


@pytest.mark.parametrize("steps", [0, 1, 25])
def test_one_gradient_and_one_value_a_point(steps):
    objective = Logged()
    run = descend(objective, START, GradientDescent(0.1), steps=steps)
    assert objective.calls == ["value", "gradient"] * (steps + 1)
    assert run.steps == steps


def test_iterate_computes_nothing_before_it_is_asked():
    objective = Logged()
    walk = iterate(objective, START, GradientDescent(0.1))
    assert objective.calls == []
    next(walk)
    assert objective.calls == ["value", "gradient"]


def test_no_steps_record_the_start():
    run = descend(VALLEY, START, GradientDescent(0.1), steps=0)
    assert run.thetas.tolist() == [list(START)]
    assert run.values.shape == (1,)
    assert run.learning_rates.shape == (0,)


@every_optimizer
def test_the_start_is_left_alone_and_the_record_is_read_only(kind):
    start = np.array([START, START])
    run = descend(Logged(), start, kind(0.1), steps=5)
    assert start.tolist() == [list(START)] * 2
    assert start.flags.writeable
    np.testing.assert_array_equal(
        run.thetas, run.gradients
    )  # of ½‖θ‖²: no later step wrote on an earlier
    for part in (run.thetas, run.values, run.gradients, run.learning_rates):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 0


@pytest.mark.parametrize("start", [[-1, 2], (-1.0, 2.0), np.array([-1, 2], dtype=np.float32)], ids=str)
def test_a_start_of_whole_or_short_numbers_is_computed_in_double(start):
    run = descend(BOWL, start, GradientDescent(0.01), steps=3)
    expected = descend(BOWL, np.array([-1.0, 2.0]), GradientDescent(0.01), steps=3)
    assert run.thetas.dtype == np.float64
    np.testing.assert_array_equal(run.thetas, expected.thetas)


# --- batches -------------------------------------------------------------------------------------


@every_optimizer
def test_batches_of_all_rows_are_the_full_run(kind):
    whole = descend(RISK, START, kind(0.05), steps=20)
    batches = data.batches(len(LINE), size=len(LINE), seed=3)
    assert (
        descend(RISK, START, kind(0.05), steps=20, batches=batches).thetas.tobytes()
        == whole.thetas.tobytes()
    )


def test_step_k_sees_batch_k_and_nothing_else():
    batches = list(islice(data.batches(len(LINE), size=7, seed=3), 13))
    run = descend(RISK, START, Momentum(0.05), steps=12, batches=batches)
    for k, rows in enumerate(batches):
        residual = LINE.X[rows, 0] * run.thetas[k, 0] + run.thetas[k, 1] - LINE.y[rows]
        by_hand = 2 * np.mean(residual * LINE.X[rows, 0]), 2 * np.mean(residual)
        np.testing.assert_allclose(run.values[k], np.mean(residual**2), rtol=1e-12)  # order of a sum
        np.testing.assert_allclose(run.gradients[k], by_hand, rtol=0, atol=1e-13)


def test_batches_that_run_out_are_an_error_and_end_the_loop():
    batches = [[0, 1], [2, 3], [4, 5]]
    assert descend(RISK, START, GradientDescent(0.1), steps=2, batches=batches).steps == 2
    with pytest.raises(ValueError, match="batches: at least 4 batches are expected, 3 given"):
        descend(RISK, START, GradientDescent(0.1), steps=3, batches=batches)
    assert len(list(iterate(RISK, START, GradientDescent(0.1), batches))) == 3


# --- lanes ---------------------------------------------------------------------------------------


def test_lanes_are_learning_rates_times_starts():
    starts, rates = np.array([[-1.0, 2.0], [0.5, 0.5], [2.0, -1.0]]), np.array([[0.01], [0.1]])
    run = descend(BOWL, starts, GradientDescent(rates), steps=4)
    assert run.thetas.shape == (5, 2, 3, 2)
    assert run.values.shape == (5, 2, 3)
    assert run.learning_rates.shape == (4, 2, 3)
    np.testing.assert_array_equal(run.thetas[0], [starts, starts])
    np.testing.assert_array_equal(run.learning_rates, np.broadcast_to(rates, (4, 2, 3)))


@every_optimizer
@pytest.mark.parametrize("size", [None, 7], ids=["full", "batches"])
@pytest.mark.parametrize(
    "objective",
    [
        RISK,
        EmpiricalRisk(models.Polynomial(2), losses.Huber(), LINE),
        EmpiricalRisk(models.Network((1, 3, 1)), losses.SquaredError(), LINE),
    ],
    ids=["line", "parabola", "network"],
)
def test_the_stack_law_holds_for_whole_runs(objective, size, kind):
    def run(start, rate):
        batches = size and data.batches(len(LINE), size, seed=5)
        return descend(objective, start, kind(rate), steps=15, batches=batches)

    starts = np.random.default_rng(0).uniform(-1, 1, (3, objective.dimension))
    rates = np.array([[0.003], [0.02]])
    lanes = run(starts, rates)
    for i, j in np.ndindex(2, 3):
        solo = run(starts[j], float(rates[i, 0]))
        for part in ("thetas", "values", "gradients"):
            # a matrix product may sum a stack in another order; 15 tame steps keep that small
            found, expected = getattr(lanes[i, j], part), getattr(solo, part)
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


# --- divergence is a result ----------------------------------------------------------------------


@every_optimizer
@pytest.mark.parametrize("objective", [BOWL, VALLEY, RISK], ids=["bowl", "valley", "risk"])
def test_overflow_does_not_warn(kind, objective):
    run = descend(objective, START, kind(1e300), steps=5)  # warnings are errors in this test run
    assert run.outcome.name == "diverged"


def test_the_reader_keeps_own_warnings_between_the_items():
    walk = iterate(VALLEY, START, GradientDescent(1e300))
    for _ in islice(walk, 4):
        with pytest.warns(RuntimeWarning, match="overflow"):
            np.array([1e300]) * 1e300
    with np.errstate(over="raise"):
        for _ in islice(walk, 2):
            with pytest.raises(FloatingPointError):
                np.array([1e300]) * 1e300
    assert np.geterr()["over"] == "warn"


def test_the_reader_keeps_own_warnings_after_an_error_and_after_the_end():
    class Broken(Logged):
        def gradient(self, theta):
            raise RuntimeError("planted")

    before = np.geterr()
    with pytest.raises(RuntimeError, match="planted"):
        descend(Broken(), START, GradientDescent(0.1), steps=3)
    assert np.geterr() == before
    list(iterate(RISK, START, GradientDescent(0.1), [[0, 1]]))
    assert np.geterr() == before


def test_a_warning_of_the_objective_itself_is_not_swallowed():
    class Outspoken(Logged):
        def __call__(self, theta):
            warnings.warn("mine", UserWarning, stacklevel=1)
            return 0.0

    with pytest.warns(UserWarning, match="mine"):
        descend(Outspoken(), START, GradientDescent(0.1), steps=0)


@pytest.mark.parametrize(
    ("start", "rate", "steps", "gigabytes"),
    [
        ([1.0], 0.1, 10**9, r"32\.0"),  # theta, gradient, value and rate: four numbers a step
        ([1.0, 1.0], 0.1, 10**9, r"48\.0"),
        (np.ones((1000, 2)), 0.1, 10**5, r"4\.8"),
        ([1.0, 1.0], np.full(1000, 0.1), 10**5, r"4\.8"),
        (np.ones((2000, 1, 2)), np.full(5000, 0.1), 20, r"10\.1"),
    ],
    ids=["1-D", "2-D", "starts", "rates", "starts x rates"],
)
def test_a_record_too_large_is_refused_before_it_is_begun(start, rate, steps, gigabytes):
    objective = Logged()
    tracemalloc.start()
    with pytest.raises(MemoryError, match=rf"steps: {steps} steps .* {gigabytes} GB .* iterate\(\)"):
        descend(objective, start, GradientDescent(rate), steps=steps)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert objective.calls == []
    assert peak < 1e6  # bytes


# --- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start", [1.0, 2.0, 3.0]),
        ("start", 1.0),
        ("start", []),
        ("start", [np.nan, 1.0]),
        ("start", [np.inf, 1.0]),
        ("start", "text"),
        ("start", ["1", "2"]),
        ("start", [1j, 2.0]),
        ("start", [True, False]),
        ("start", [[1.0, 2.0], [3.0]]),
        ("start", None),
        ("start", np.ones((3, 1))),
        ("steps", -1),
        ("steps", 1.5),
        ("steps", True),
        ("steps", "10"),
        ("steps", None),
        ("optimizer", "adam"),
        ("optimizer", 0.1),
        ("optimizer", GradientDescent),
        ("optimizer", None),
        ("objective", None),
        ("objective", "bowl"),
        ("objective", lambda theta: 0.0),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value!r:.25}",
)
def test_a_bad_argument_is_refused_by_name(name, value):
    good = {"objective": BOWL, "start": START, "optimizer": GradientDescent(0.1), "steps": 3}
    with pytest.raises((ValueError, TypeError), match=rf"^{name}: .* expected.* given"):
        descend(**{**good, name: value})
    if name != "steps":
        del good["steps"]
        with pytest.raises((ValueError, TypeError), match=rf"^{name}: .* expected.* given"):
            iterate(**{**good, name: value})  # at the call, not at the first item


def test_lanes_that_do_not_fit_are_refused_by_name():
    with pytest.raises(ValueError, match=r"learning_rate: .*\(3,\) are expected, \(2,\) given"):
        descend(BOWL, np.ones((3, 2)), GradientDescent([0.1, 0.2]), steps=3)


@pytest.mark.parametrize(
    "value, gradient, said",
    [
        (
            np.zeros(1),
            np.zeros(2),
            "a value of shape () is expected for theta of shape (2,), shape (1,)",
        ),
        (
            0.0,
            np.zeros((1, 2)),
            "a gradient of shape (2,) is expected for theta of shape (2,), shape (1, 2)",
        ),
    ],
)
def test_an_objective_of_wrong_shapes_is_refused_at_the_first_step(value, gradient, said):
    class Wrong:
        def __call__(self, theta):
            return value

        def gradient(self, theta):
            return gradient

    with pytest.raises(ValueError, match=f"^objective: {re.escape(said)} given$"):
        next(iterate(Wrong(), START, GradientDescent(0.1)))


def test_batches_that_cannot_be_are_refused_in_words():
    words = "batches: row numbers one after another are expected, 32 given"
    with pytest.raises(TypeError, match=f"^{words}$"):
        descend(RISK, [0.0, 0.0], GradientDescent(0.1), steps=1, batches=32)
    with pytest.raises(TypeError, match=r"^batches: none are expected, Quadratic has no examples$"):
        descend(BOWL, START, GradientDescent(0.1), steps=1, batches=[[0]])
