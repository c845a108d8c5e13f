import inspect
import math

import numpy as np
import pytest

from gdlab import losses
from gdlab.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    BinaryLoss,
    Brier,
    Hinge,
    Huber,
    Loss,
    SoftmaxCrossEntropy,
    SquaredError,
    ZeroOne,
    sigmoid,
)

REGRESSION = (SquaredError(), AbsoluteError(), Huber(), Huber(delta=0.3))
BINARY = (BinaryCrossEntropy(), Brier(), Hinge(), ZeroOne())
POINTWISE = REGRESSION + BINARY
SOFTMAX = SoftmaxCrossEntropy()
LOSSES = (*POINTWISE, SOFTMAX)


def name(value):
    """A readable test id: the loss with its settings."""
    if isinstance(value, Huber):
        return f"Huber-{value.delta}"
    return type(value).__name__ if isinstance(value, Loss) else None


def examples(loss, n=40, seed=0):
    """Seeded predictions and targets that suit the loss, none within 1e-3 of a kink or a joint."""
    rng = np.random.default_rng(seed)
    if loss is SOFTMAX:
        return rng.normal(0, 2, (n, 5)), rng.integers(0, 5, n)
    target = rng.integers(0, 2, n) if isinstance(loss, BinaryLoss) else rng.normal(0, 2, n)
    prediction = rng.normal(0, 2, n)
    argument = prediction if isinstance(loss, BinaryLoss) else prediction - target
    kinks = np.array([-1, 0, 1]) * getattr(loss, "delta", 1.0)
    assert np.abs(argument[:, None] - kinks).min() > 1e-3
    return prediction, target


def test_every_public_loss_is_tested_here():
    public = {
        loss
        for loss in vars(losses).values()
        if inspect.isclass(loss) and issubclass(loss, Loss) and not loss.__name__.startswith("_")
    }
    assert public - {Loss, BinaryLoss} == {type(loss) for loss in LOSSES}


LOG3 = math.log(3)  # the logit of probability 3/4

BY_HAND = [
    # loss, prediction, target, value, slope
    (SquaredError(), 3.0, 1.0, 4.0, 4.0),
    (SquaredError(), -1.0, 0.5, 2.25, -3.0),
    (AbsoluteError(), 3.0, 1.0, 2.0, 1.0),
    (AbsoluteError(), -1.5, 1.0, 2.5, -1.0),
    (AbsoluteError(), 1.0, 1.0, 0.0, 0.0),  # the kink
    (Huber(), 1.5, 1.0, 0.125, 0.5),
    (Huber(), -2.0, 1.0, 2.5, -1.0),
    (Huber(delta=2.0), 4.0, 1.0, 4.0, 2.0),
    (Huber(delta=2.0), 3.0, 1.0, 2.0, 2.0),  # the joint
    (BinaryCrossEntropy(), 0.0, 1, math.log(2), -0.5),
    (BinaryCrossEntropy(), LOG3, 1, math.log(4 / 3), -0.25),
    (BinaryCrossEntropy(), LOG3, 0, math.log(4), 0.75),
    (BinaryCrossEntropy(), -LOG3, 1, math.log(4), -0.75),
    (Brier(), LOG3, 1, 1 / 16, -3 / 32),
    (Brier(), LOG3, 0, 9 / 16, 9 / 32),
    (Hinge(), 0.25, 1, 0.75, -1.0),
    (Hinge(), 0.25, 0, 1.25, 1.0),
    (Hinge(), 2.0, 1, 0.0, 0.0),
    (Hinge(), 1.0, 1, 0.0, 0.0),  # the kinks
    (Hinge(), -1.0, 0, 0.0, 0.0),
    (ZeroOne(), 0.25, 1, 0.0, 0.0),
    (ZeroOne(), 0.25, 0, 1.0, 0.0),
    (ZeroOne(), -0.25, 1, 1.0, 0.0),
    (ZeroOne(), 0.0, 0, 0.0, 0.0),  # the answer at z = 0 is 0
    (ZeroOne(), 0.0, 1, 1.0, 0.0),
    (SOFTMAX, [np.log([1.0, 2.0, 5.0])], [2], [math.log(8 / 5)], [[1 / 8, 2 / 8, -3 / 8]]),
    (SOFTMAX, [np.log([1.0, 2.0, 5.0])], [0], [math.log(8)], [[-7 / 8, 2 / 8, 5 / 8]]),
]


@pytest.mark.parametrize("loss, prediction, target, value, slope", BY_HAND, ids=name)
def test_value_and_slope_by_hand(loss, prediction, target, value, slope):
    # 1e-11: a few roundings each
    assert loss.value(prediction, target) == pytest.approx(np.array(value), rel=1e-11, abs=1e-15)
    assert loss.slope(prediction, target) == pytest.approx(np.array(slope), rel=1e-11, abs=1e-15)


@pytest.mark.parametrize("loss", POINTWISE, ids=name)
def test_slope_is_the_central_difference_of_the_value(loss):
    prediction, target = examples(loss)
    h = 1e-6
    measured = (loss.value(prediction + h, target) - loss.value(prediction - h, target)) / (2 * h)
    # 1e-6: rounding of the values over h
    np.testing.assert_allclose(loss.slope(prediction, target), measured, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("loss", [SquaredError(), Brier()], ids=name)
def test_slope_is_the_complex_step_where_the_formula_is_analytic(loss):
    prediction, target = examples(loss)
    measured = loss.value(prediction + 1e-100j, target).imag / 1e-100
    np.testing.assert_allclose(loss.slope(prediction, target), measured, rtol=1e-12, atol=1e-15)


def test_softmax_slope_is_the_complex_step_in_every_class():
    prediction, target = examples(SOFTMAX)
    for c in range(5):
        nudged = prediction + 1e-100j * np.eye(5)[c]
        measured = SOFTMAX.value(nudged, target).imag / 1e-100
        np.testing.assert_allclose(
            SOFTMAX.slope(prediction, target)[:, c], measured, rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_stack_law(loss):
    _, target = examples(loss)
    shape = (2, 3, len(target)) + ((5,) if loss is SOFTMAX else ())
    prediction = np.random.default_rng(1).normal(0, 2, shape)
    values, slopes = loss.value(prediction, target), loss.slope(prediction, target)
    assert values.shape == (2, 3, len(target))
    assert slopes.shape == shape
    for lane in np.ndindex(2, 3):
        # 1e-12: sums over classes may be taken in another order
        np.testing.assert_allclose(values[lane], loss.value(prediction[lane], target), rtol=1e-12)
        np.testing.assert_allclose(
            slopes[lane], loss.slope(prediction[lane], target), rtol=1e-12, atol=1e-15
        )


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_arguments_are_left_as_they_were(loss):
    prediction, target = examples(loss)
    before = prediction.copy(), target.copy()
    loss.value(prediction, target), loss.slope(prediction, target)
    np.testing.assert_array_equal(prediction, before[0])
    np.testing.assert_array_equal(target, before[1])


# --- extreme logits: a warning would fail the test ----------------------------------------------


@pytest.mark.parametrize("z", [-1e4, 1e4])
@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("loss", BINARY, ids=name)
def test_binary_losses_are_finite_at_extreme_logits(loss, target, z):
    assert math.isfinite(loss.value(z, target))
    assert math.isfinite(loss.slope(z, target))


def test_cross_entropy_of_a_confident_answer():
    z, target = np.array([1e4, 1e4, -1e4, -1e4]), [1, 0, 1, 0]
    assert BinaryCrossEntropy().value(z, target).tolist() == [0, 1e4, 1e4, 0]
    assert BinaryCrossEntropy().slope(z, target).tolist() == [0, 1, -1, 0]


def test_softmax_of_a_confident_answer():
    z = np.array([[1e4, -1e4, 0.0]] * 3)
    assert SOFTMAX.value(z, [0, 1, 2]).tolist() == [0, 2e4, 1e4]
    assert SOFTMAX.slope(z, [0, 1, 2]).tolist() == [[0, 0, 0], [1, -1, 0], [1, 0, -1]]


def test_sigmoid_is_finite_and_symmetric():
    z = np.array([-1e4, -LOG3, 0.0, LOG3, 1e4])
    np.testing.assert_allclose(sigmoid(z), [0, 0.25, 0.5, 0.75, 1], rtol=1e-15)


# --- which constant each loss asks for -----------------------------------------------------------


def best_constant(loss, target, low, high, points=20_001):
    """The constant prediction with the smallest mean loss on a grid, and the grid's step."""
    grid = np.linspace(low, high, points)
    values = loss.value(grid[:, None] * np.ones(len(target)), target).mean(axis=-1)
    return grid[values.argmin()], grid[1] - grid[0]


SKEWED = np.random.default_rng(2).exponential(2.0, 31)


@pytest.mark.parametrize(
    "loss, statistic", [(SquaredError(), np.mean), (AbsoluteError(), np.median)], ids=["mean", "median"]
)
def test_the_best_constant_is_a_statistic(loss, statistic):
    best, step = best_constant(loss, SKEWED, 0, 8)
    assert abs(np.mean(SKEWED) - np.median(SKEWED)) > 100 * step  # the two can be told apart
    assert abs(best - statistic(SKEWED)) <= step


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), Brier()], ids=name)
def test_the_best_constant_probability_is_the_base_rate(loss):
    target = np.array([1] * 7 + [0] * 13)
    best, step = best_constant(loss, target, -5, 5)
    assert sigmoid(best) == pytest.approx(7 / 20, abs=step)


# --- relations between losses --------------------------------------------------------------------


@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber_is_a_parabola_inside_and_a_line_outside(delta):
    huber, inside = Huber(delta), np.linspace(-delta, delta, 21)
    np.testing.assert_allclose(
        huber.value(inside, np.zeros(21)), 0.5 * SquaredError().value(inside, np.zeros(21)), rtol=1e-15
    )
    outside = np.linspace(delta, 10 * delta, 21)
    bends = np.diff(huber.value(outside, np.zeros(21)), n=2)
    np.testing.assert_allclose(bends, 0, atol=1e-12 * delta**2)
    np.testing.assert_array_equal(huber.slope(outside, np.zeros(21)), delta)
    np.testing.assert_array_equal(huber.slope(-outside, np.zeros(21)), -delta)


@pytest.mark.parametrize("delta", [0.3, 1.0, 5.0])
def test_huber_joins_without_a_jump(delta):
    before, after = delta * (1 - 1e-9), delta * (1 + 1e-9)
    # 1e-8: the slope times the gap of 2e-9, in units of the value
    assert Huber(delta).value(before, 0.0) == pytest.approx(Huber(delta).value(after, 0.0), rel=1e-8)
    assert Huber(delta).slope(before, 0.0) == pytest.approx(Huber(delta).slope(after, 0.0), rel=1e-8)


def test_softmax_of_two_classes_is_binary_cross_entropy_of_the_difference():
    z, target = np.random.default_rng(3).normal(0, 3, (20, 2)), np.arange(20) % 2
    binary, difference = BinaryCrossEntropy(), z[:, 1] - z[:, 0]
    # 1e-14: a few roundings of numbers of order 10
    np.testing.assert_allclose(
        SOFTMAX.value(z, target), binary.value(difference, target), rtol=0, atol=1e-14
    )
    np.testing.assert_allclose(
        SOFTMAX.slope(z, target)[:, 1], binary.slope(difference, target), rtol=0, atol=1e-14
    )


def test_softmax_ignores_a_constant_added_to_all_logits():
    z, target = examples(SOFTMAX)
    # 1e-11: adding 100 costs two of sixteen digits
    np.testing.assert_allclose(SOFTMAX.value(z + 100, target), SOFTMAX.value(z, target), rtol=1e-11)
    np.testing.assert_allclose(
        SOFTMAX.slope(z + 100, target), SOFTMAX.slope(z, target), rtol=1e-11, atol=1e-12
    )


def test_a_row_of_softmax_is_not_touched_by_large_logits_in_another():
    z = np.array([[1e4, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(SOFTMAX.value(z, [0, 1]), [0, math.log(2)], rtol=1e-15)


def test_softmax_of_equal_logits_costs_the_logarithm_of_the_number_of_classes():
    assert SOFTMAX.value(np.zeros((1, 50)), [7]) == pytest.approx([math.log(50)], rel=1e-14)


def test_softmax_slopes_sum_to_zero_over_the_classes():
    np.testing.assert_allclose(SOFTMAX.slope(*examples(SOFTMAX)).sum(axis=-1), 0, atol=1e-14)


# --- what is taken besides float arrays ----------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES, ids=name)
def test_unsigned_targets_are_taken_as_numbers(loss):
    prediction = np.array([[1.0, 0.5], [0.0, 2.0]]) if loss is SOFTMAX else np.array([0.5, -2.0])
    for ask in (loss.value, loss.slope):
        np.testing.assert_array_equal(ask(prediction, np.uint8([0, 1])), ask(prediction, [0, 1]))
    assert loss.check_target(np.uint8([0, 1])).dtype == int


@pytest.mark.parametrize("loss", POINTWISE, ids=name)
def test_one_prediction_stands_against_many_targets(loss):
    assert loss.value(0.5, [0, 1]).tolist() == [loss.value(0.5, 0), loss.value(0.5, 1)]


def test_huber_keeps_its_delta_as_a_float():
    assert repr(Huber(2)) == "Huber(delta=2.0)"


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", POINTWISE, ids=name)
@pytest.mark.parametrize(
    "prediction_shape, target_shape",
    [((3,), (3, 1)), ((3, 1), (3,)), ((4,), (3,)), ((3, 2), (3,))],
    ids=str,
)
def test_shapes_that_would_broadcast_silently_are_refused(loss, prediction_shape, target_shape):
    with pytest.raises(ValueError, match=r"^prediction: shape"):
        loss.value(np.zeros(prediction_shape), np.zeros(target_shape))
    with pytest.raises(ValueError, match=r"^prediction: shape"):
        loss.slope(np.zeros(prediction_shape), np.zeros(target_shape))


def test_a_shape_that_does_not_fit_is_said_in_full():
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 3, 1\) is expected .*, shape \(3,\) given$"):
        SquaredError().value(np.zeros(3), np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"^target: class numbers below 3 are expected, 4 given$"):
        SOFTMAX.value(np.zeros((5, 2, 3)), [0, 4])


def test_bad_targets_are_said_in_full():
    words = r"class numbers 0, 1, \.\.\. of shape \(n,\) are expected, an array of float64, shape \(2,\)"
    with pytest.raises(ValueError, match=f"^target: {words} given$"):
        SOFTMAX.value(np.zeros((2, 3)), [0.0, 1.0])
    with pytest.raises(
        ValueError, match=r"^target: finite numbers are expected, NaN or infinity given$"
    ):
        SquaredError().value(np.zeros(2), [math.nan, 1.0])


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize(
    "target, error",
    [
        ([1.0, math.nan], ValueError),
        ([1.0, math.inf], ValueError),
        (["1", "0"], TypeError),
        ([None, 1], TypeError),
        ([True, False], TypeError),
        ([1j, 0j], TypeError),
    ],
    ids=["nan", "inf", "text", "none", "bool", "complex"],
)
def test_bad_targets_are_named(loss, target, error):
    with pytest.raises(error, match=r"^target: "):
        loss.value(np.zeros((2, 2) if loss is SOFTMAX else 2), target)


@pytest.mark.parametrize("loss", LOSSES, ids=name)
@pytest.mark.parametrize("prediction", [["a", "b"], [None, 1.0]], ids=["text", "none"])
def test_bad_predictions_are_named(loss, prediction):
    with pytest.raises(TypeError, match=r"^prediction: "):
        loss.value(prediction, [0, 1])


@pytest.mark.parametrize("loss", BINARY, ids=name)
@pytest.mark.parametrize("label", [2, -1, 0.5])
def test_labels_other_than_0_and_1_are_refused(loss, label):
    with pytest.raises(ValueError, match=r"^target: labels 0 and 1 are .*, an array of .*\(3,\) given$"):
        loss.slope(np.zeros(3), [0, 1, label])


@pytest.mark.parametrize("target", [[0, 3], [0, -1], [0.0, 1.0], [[0, 1]], 1], ids=str)
def test_softmax_refuses_what_is_no_class_number(target):
    with pytest.raises(ValueError, match=r"^target: class numbers"):
        SOFTMAX.value(np.zeros((2, 3)), target)


@pytest.mark.parametrize("shape", [(2,), (3, 3), (2, 3, 3), ()], ids=str)
def test_softmax_refuses_logits_without_a_row_for_each_target(shape):
    with pytest.raises(ValueError, match=r"^prediction: shape"):
        SOFTMAX.value(np.zeros(shape), [0, 1])


@pytest.mark.parametrize("delta", [0, -1.0, math.nan, math.inf])
def test_huber_refuses_a_delta_that_is_not_positive(delta):
    with pytest.raises(ValueError, match=r"^delta: "):
        Huber(delta)


@pytest.mark.parametrize("delta", ["1", None, True, [1.0]], ids=str)
def test_huber_refuses_a_delta_that_is_no_number(delta):
    with pytest.raises(TypeError, match=r"^delta: "):
        Huber(delta)
