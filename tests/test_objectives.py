import re
from itertools import islice

import numpy as np
import pytest

from gdlab import data
from gdlab._arguments import shown
from gdlab.gradients import complex_step, numerical
from gdlab.landscapes import Rosenbrock
from gdlab.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    Brier,
    Hinge,
    Huber,
    SoftmaxCrossEntropy,
    SquaredError,
    ZeroOne,
)
from gdlab.models import Linear, Logistic, Network, Polynomial, Softmax
from gdlab.objectives import EmpiricalRisk, value_and_gradient

PAIRS = [  # every loss with every model whose predictions it can judge
    *[
        (model, loss)
        for model in (Linear(), Polynomial(3), Network((1, 4, 1)), Network((1, 5, 3, 1), "relu"))
        for loss in (SquaredError(), AbsoluteError(), Huber(delta=0.7))
    ],
    *[
        (model, loss)
        for model in (Logistic(), Network((2, 4, 1)), Network((2, 5, 3, 1), "relu"))
        for loss in (BinaryCrossEntropy(), Brier(), Hinge(), ZeroOne())
    ],
    *[
        (model, SoftmaxCrossEntropy())
        for model in (Softmax(3), Network((2, 4, 3)), Network((2, 5, 4, 3), "relu"))
    ],
]
ANALYTIC = [
    (model, loss)
    for model, loss in PAIRS
    if isinstance(loss, SquaredError | Brier | SoftmaxCrossEntropy)
    and getattr(model, "activation", "tanh") == "tanh"
]


def name(pair):
    model, loss = pair
    inside = f"{len(model.sizes) - 1}-{model.activation}" if isinstance(model, Network) else ""
    return f"{type(model).__name__}{inside}-{type(loss).__name__}"


over_pairs = pytest.mark.parametrize("pair", PAIRS, ids=name)


def risk_of(pair, n=23):
    """The risk of that pair on seeded data that suit it."""
    model, loss = pair
    rng = np.random.default_rng(7)
    features = model.sizes[0] if isinstance(model, Network) else 2
    if isinstance(loss, SquaredError | AbsoluteError | Huber):
        features, y = 1, rng.normal(size=n)
    else:
        y = rng.integers(0, 3 if isinstance(loss, SoftmaxCrossEntropy) else 2, n)
    X = rng.normal(size=(n, features))
    return EmpiricalRisk(model, loss, data.Dataset(X, y, ["x"] * features, "y", "seeded"))


def starts(risk, *lanes, seed=0):
    return np.random.default_rng(seed).normal(size=(*lanes, risk.dimension))


@over_pairs
def test_gradient_is_the_central_difference_of_the_value(pair):
    risk = risk_of(pair)
    for theta in starts(risk, 5):
        # 1e-6: rounding over h = 1e-6. No seeded point lies within h of a kink.
        np.testing.assert_allclose(risk.gradient(theta), numerical(risk, theta), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("pair", ANALYTIC, ids=name)
def test_gradient_is_the_complex_step_of_the_value(pair):
    risk = risk_of(pair)
    for theta in starts(risk, 5):
        gradient = risk.gradient(theta)
        allowed = 1e-12 * max(1, np.abs(gradient).max())
        np.testing.assert_allclose(gradient, complex_step(risk, theta), rtol=0, atol=allowed)


@over_pairs
def test_value_is_the_mean_of_the_losses(pair):
    risk = risk_of(pair)
    theta, X, y = starts(risk), risk.dataset.X, risk.dataset.y
    one_by_one = [
        risk.loss.value(risk.model.predict(theta, X[i : i + 1]), y[i : i + 1])[0] for i in range(len(y))
    ]
    assert risk(theta) == pytest.approx(sum(one_by_one) / len(y), rel=1e-12)


@over_pairs
def test_value_and_gradient_together_are_both(pair):
    risk = risk_of(pair)
    theta = starts(risk, 2, 3)
    value, gradient = risk.value_and_gradient(theta)
    np.testing.assert_array_equal(value, risk(theta))
    np.testing.assert_array_equal(gradient, risk.gradient(theta))


@over_pairs
def test_stack_law(pair):
    risk = risk_of(pair)
    stack = starts(risk, 2, 3)
    values, gradients = risk(stack), risk.gradient(stack)
    assert (values.shape, gradients.shape) == ((2, 3), (2, 3, risk.dimension))
    for lane in np.ndindex(2, 3):
        # 1e-12: matrix products may sum in another order
        np.testing.assert_allclose(values[lane], risk(stack[lane]), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(gradients[lane], risk.gradient(stack[lane]), rtol=1e-12, atol=1e-12)


@over_pairs
def test_on_some_rows_it_is_the_risk_of_those_rows(pair):
    risk, rows = risk_of(pair), np.array([0, 3, 4, 11, 22])
    theta, whole = starts(risk), risk.dataset
    part = data.Dataset(whole.X[rows], whole.y[rows], whole.features, whole.target, whole.source)
    built = EmpiricalRisk(risk.model, risk.loss, part)
    assert risk.on(rows)(theta) == built(theta)
    np.testing.assert_array_equal(risk.on(rows).gradient(theta), built.gradient(theta))
    assert len(risk.dataset) == 23  # the whole is left as it was


@over_pairs
def test_batches_of_one_pass_average_to_the_full_gradient(pair):
    risk = risk_of(pair)
    theta, n = starts(risk), len(risk.dataset)
    one_pass = list(islice(data.batches(n, size=5, seed=0), 5))
    weighted = sum(len(rows) * risk.on(rows).gradient(theta) for rows in one_pass) / n
    # 1e-12: sums in another order
    np.testing.assert_allclose(weighted, risk.gradient(theta), rtol=1e-12, atol=1e-12)


def test_by_hand():
    two = data.Dataset([[1.0], [2.0]], [1.0, 1.0], ["x"], "y", "made up")
    risk = EmpiricalRisk(Linear(), SquaredError(), two)
    # predictions 2 and 3, errors 1 and 2
    assert risk([1.0, 1.0]) == (1 + 4) / 2
    assert risk.gradient([1.0, 1.0]).tolist() == [(2 * 1 * 1 + 2 * 2 * 2) / 2, (2 * 1 + 2 * 2) / 2]
    assert risk.dimension == 2


def test_value_and_gradient_takes_the_objectives_short_cut_where_there_is_one():
    class Short(Rosenbrock):
        def value_and_gradient(self, theta):
            return "value", "gradient", theta

    class Plain:
        def __call__(self, theta):
            return 1.0 + theta[0]

        def gradient(self, theta):
            return 2.0 + theta[0]

    assert value_and_gradient(Short(), [5.0, 0.0]) == ("value", "gradient", [5.0, 0.0])
    assert value_and_gradient(Plain(), [5.0, 0.0]) == (6.0, 7.0)


# --- what is refused -----------------------------------------------------------------------------

GOOD = {"model": Linear(), "loss": SquaredError(), "dataset": data.line(n=5)}


@pytest.mark.parametrize("argument", GOOD)
@pytest.mark.parametrize("wrong", ["text", None, SquaredError, Rosenbrock()], ids=repr)
def test_wrong_types_are_named(argument, wrong):
    with pytest.raises(TypeError, match=f"^{argument}: "):
        EmpiricalRisk(**(GOOD | {argument: wrong}))


@pytest.mark.parametrize(
    "change, argument",
    [
        ({"loss": BinaryCrossEntropy()}, "target"),  # the targets are no labels
        ({"loss": SoftmaxCrossEntropy()}, "target"),
        ({"loss": SoftmaxCrossEntropy(), "dataset": data.blobs(n=6)}, "prediction"),  # one output
        ({"model": Softmax(3)}, "prediction"),  # three outputs, one target
        ({"model": Softmax(2), "loss": SoftmaxCrossEntropy(), "dataset": data.digits()}, "target"),
        ({"model": Network((2, 1))}, "X"),
        ({"model": Polynomial(2), "dataset": data.blobs(n=6)}, "X"),
    ],
)
def test_parts_that_do_not_fit_are_named(change, argument):
    with pytest.raises(ValueError, match=f"^{argument}: "):
        EmpiricalRisk(**(GOOD | change))


def test_a_loss_of_one_number_a_row_does_not_take_a_row_of_classes():
    class Rows(SquaredError):
        def value(self, prediction, target):
            return prediction

    two = data.Dataset([[1.0], [2.0]], [0, 1], ["x"], "y", "made up")
    words = "^loss: one that takes the predictions of Softmax is expected, Rows given$"
    with pytest.raises(ValueError, match=words):
        EmpiricalRisk(Softmax(2), Rows(), two)


@pytest.mark.parametrize(
    "wrong", [Rosenbrock, abs, data.line(n=5)], ids=["a class", "a function", "data"]
)
def test_what_is_no_objective_is_named(wrong):
    words = f"objective: f(theta) with f.gradient(theta) is expected, {shown(wrong)} given"
    with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
        value_and_gradient(wrong, [0.0, 0.0])


@over_pairs
def test_parameters_of_a_wrong_size_are_named(pair):
    risk = risk_of(pair)
    for method in (risk, risk.gradient, risk.value_and_gradient):
        with pytest.raises(ValueError, match=r"^theta: shape"):
            method(np.zeros(risk.dimension + 1))


def test_attributes_cannot_be_assigned():
    with pytest.raises(AttributeError):
        EmpiricalRisk(**GOOD).model = Linear()
