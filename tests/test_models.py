import inspect
import math
import re

import numpy as np
import pytest

from gdlab import models
from gdlab.gradients import complex_step, numerical
from gdlab.losses import sigmoid
from gdlab.models import ACTIVATIONS, Linear, Logistic, Model, Network, Polynomial, Softmax

CASES = [  # model, features
    (Linear(), 3),
    (Logistic(), 2),
    (Polynomial(4), 1),
    (Softmax(3), 2),
    *[
        (Network(sizes, activation), sizes[0])
        for activation in ACTIVATIONS
        for sizes in [(2, 1), (3, 4, 1), (2, 4, 3), (3, 5, 4, 1), (2, 3, 4, 3, 2)]
    ],
]
SMOOTH = [case for case in CASES if getattr(case[0], "activation", "tanh") == "tanh"]


def name(case):
    model = case[0]
    settings = [str(value) for value in vars(model).values()]
    return "-".join([type(model).__name__, *settings]).replace(" ", "")


over_models = pytest.mark.parametrize("case", CASES, ids=name)


def examples(case, lanes=(), n=7, seed=0):
    """Seeded inputs, parameters with those lanes, and a slope for each prediction."""
    model, features = case
    rng = np.random.default_rng(seed)
    X, theta = rng.normal(size=(n, features)), rng.normal(size=(*lanes, model.size(features)))
    return model, X, theta, rng.normal(size=model.predict(theta, X).shape)


def test_every_public_model_and_activation_is_tested_here():
    public = {
        model
        for model in vars(models).values()
        if inspect.isclass(model) and issubclass(model, Model) and not model.__name__.startswith("_")
    }
    assert public - {Model} == {type(model) for model, _ in CASES}
    tested = {model.activation for model, _ in CASES if isinstance(model, Network)}
    assert tested == set(ACTIVATIONS) == {"tanh", "relu"}


# --- predictions by hand -------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Linear(), Logistic()], ids=["Linear", "Logistic"])
def test_linear_by_hand(model):
    X = np.array([[1.0, 2.0], [3.0, 0.0]])
    np.testing.assert_array_equal(model.predict([2.0, -1.0, 0.5], X), [0.5, 6.5])


def test_logistic_probability_by_hand():
    X = np.array([[0.0], [1.0], [-1.0]])
    p = Logistic().probability([math.log(3), 0.0], X)
    np.testing.assert_allclose(p, [0.5, 0.75, 0.25], rtol=1e-15)


def test_polynomial_by_hand():
    X = np.array([[2.0], [-1.0], [0.0]])
    np.testing.assert_array_equal(Polynomial(3).predict([1.0, 2.0, 3.0, 4.0], X), [38, 2, 4])


def test_softmax_by_hand():
    X = np.array([[1.0, 10.0]])
    theta = [1.0, 2.0, 3.0, 4.0, 0.5, -0.5]  # W = [[1, 2], [3, 4]], b = (½, −½)
    np.testing.assert_array_equal(Softmax(2).predict(theta, X), [[31.5, 41.5]])


def test_softmax_probability_by_hand():
    theta = np.concatenate([np.zeros(6), np.log([1.0, 2.0, 5.0])])
    p = Softmax(3).probability(theta, np.ones((2, 2)))
    np.testing.assert_allclose(p, [[1 / 8, 2 / 8, 5 / 8]] * 2, rtol=1e-14)
    extreme = Softmax(3).probability(1e4 * theta, np.ones((1, 2)))
    np.testing.assert_array_equal(extreme, [[0, 0, 1]])


def test_softmax_probability_of_each_example_and_lane_by_itself():
    lanes = np.array([[0.0, 1e4, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])  # W = (0, 10⁴) or nothing, b = 0
    p = Softmax(2).probability(lanes, np.array([[1.0], [0.0]]))
    np.testing.assert_array_equal(p, [[[0, 1], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]])


def test_polynomial_of_degree_one_is_linear():
    X = np.array([[2.0], [-1.0]])
    np.testing.assert_array_equal(Polynomial(1).predict([3.0, 1.0], X), [7, -2])


def test_inputs_may_be_a_list_of_whole_numbers():
    assert Linear().predict([2.0, 1.0], [[0], [3]]).tolist() == [1, 7]
    assert Linear().predict([2.0, 1.0], np.uint8([[0], [3]])).tolist() == [1, 7]


# x = (1, 1): a = (3, −1), h = (3, 0).   x = (0, 2): a = (4, 1), h = (4, 1).
RELU = Network((2, 2, 1), "relu")
RELU_THETA = [1.0, -1.0, 2.0, 1.0, 0.0, -1.0, 3.0, 4.0, 5.0]  # W₁ by rows, b₁, W₂, b₂
RELU_X = np.array([[1.0, 1.0], [0.0, 2.0]])


def test_network_by_hand():
    np.testing.assert_array_equal(RELU.predict(RELU_THETA, RELU_X), [14, 21])


@pytest.mark.parametrize(
    "slope, gradient",
    [
        ([1.0, 0.0], [3, 0, 3, 0, 3, 0, 3, 0, 1]),  # the second unit is off and learns nothing
        ([0.0, -1.0], [0, 0, -6, -8, -3, -4, -4, -1, -1]),  # a negative slope passes all the same
    ],
    ids=["one unit off", "both on"],
)
def test_backpropagation_by_hand(slope, gradient):
    _, pullback = RELU.forward(RELU_THETA, RELU_X)
    np.testing.assert_array_equal(pullback(np.array(slope)), gradient)


def test_tanh_network_by_hand():
    theta = [0.5, -1.0, 0.25, 0.0, 2.0, 3.0, 1.0]
    expected = 2 * math.tanh(0.5 * 2 + 0.25) + 3 * math.tanh(-2.0) + 1
    prediction = Network((1, 2, 1)).predict(theta, np.array([[2.0]]))
    np.testing.assert_allclose(prediction, [expected], rtol=1e-14)


def test_relu_derivative_is_that_of_its_input_and_zero_at_the_kink():
    value, derivative = ACTIVATIONS["relu"](np.array([-2.0, 0.0, 0.5, 3.0]))
    assert value.tolist() == [0, 0, 0.5, 3]
    assert derivative.tolist() == [0, 0, 1, 1]


def test_tanh_derivative():
    a = np.linspace(-3, 3, 7)
    value, derivative = ACTIVATIONS["tanh"](a)
    np.testing.assert_array_equal(value, np.tanh(a))
    np.testing.assert_allclose(derivative, np.cosh(a) ** -2, rtol=1e-13)


# --- the pullback --------------------------------------------------------------------------------


def pulled(case):
    """A scalar function of theta, slope · predictions, and the gradient the pullback gives it."""
    model, X, theta, slope = examples(case)

    def f(theta):
        products = slope * model.predict(theta, X)
        return products.sum(axis=tuple(range(-slope.ndim, 0)))

    return f, theta, model.forward(theta, X)[1](slope)


@over_models
def test_pullback_is_the_central_difference_of_the_predictions(case):
    f, theta, gradient = pulled(case)
    # 1e-6: rounding over h = 1e-6
    np.testing.assert_allclose(gradient, numerical(f, theta), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("case", SMOOTH, ids=name)
def test_pullback_is_the_complex_step_where_the_model_is_analytic(case):
    f, theta, gradient = pulled(case)
    np.testing.assert_allclose(gradient, complex_step(f, theta), rtol=1e-12, atol=1e-12)


@over_models
def test_stack_law(case):
    model, X, theta, slope = examples(case, lanes=(2, 3))
    predictions, pullback = model.forward(theta, X)
    gradients = pullback(slope)
    assert predictions.shape[:3] == (2, 3, len(X))
    assert gradients.shape == theta.shape
    for lane in np.ndindex(2, 3):
        alone, pullback_alone = model.forward(theta[lane], X)
        # 1e-12: matrix products may sum in another order
        np.testing.assert_allclose(predictions[lane], alone, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(gradients[lane], pullback_alone(slope[lane]), rtol=1e-12, atol=1e-12)


@over_models
def test_predict_is_the_first_half_of_forward(case):
    model, X, theta, _ = examples(case)
    np.testing.assert_array_equal(model.predict(theta, X), model.forward(theta, X)[0])


@over_models
def test_arguments_are_left_as_they_were(case):
    model, X, theta, slope = examples(case)
    before = X.copy(), theta.copy(), slope.copy()
    model.forward(theta, X)[1](slope)
    for now, then in zip((X, theta, slope), before, strict=True):
        np.testing.assert_array_equal(now, then)


# --- the flat vector -----------------------------------------------------------------------------


@over_models
def test_the_last_bias_stands_last(case):
    model, X, theta, _ = examples(case)
    theta = np.zeros_like(theta)
    theta[-1] = 1.0
    prediction = model.predict(theta, X)
    outputs = prediction if prediction.ndim == 1 else prediction[:, -1]
    np.testing.assert_array_equal(outputs, 1)
    assert prediction.sum() == len(X)  # the other outputs are 0


@pytest.mark.parametrize(
    "model, features, size",
    [
        (Linear(), 3, 4),
        (Logistic(), 1, 2),
        (Polynomial(5), 1, 6),
        (Softmax(10), 64, 650),
        (Network((64, 32, 10)), 64, 64 * 32 + 32 + 32 * 10 + 10),
    ],
    ids=["Linear", "Logistic", "Polynomial", "Softmax", "Network"],
)
def test_size(model, features, size):
    assert model.size(features) == size


@over_models
def test_one_output_drops_the_class_axis(case):
    model, X, theta, _ = examples(case)
    outputs = model.sizes[-1] if isinstance(model, Network) else getattr(model, "classes", 1)
    assert model.predict(theta, X).shape == ((len(X),) if outputs == 1 else (len(X), outputs))


def test_layers_cut_the_vector_in_order():
    (W1, b1), (W2, b2) = Network((2, 3, 1)).layers(np.arange(13.0))
    np.testing.assert_array_equal(W1, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(b1, [[6, 7, 8]])
    np.testing.assert_array_equal(W2, [[9], [10], [11]])
    np.testing.assert_array_equal(b2, [[12]])


def test_a_network_without_hidden_layers_is_linear():
    X, theta = np.random.default_rng(0).normal(size=(5, 3)), [1.0, -2.0, 0.5, 3.0]
    expected = Linear().predict(theta, X)
    np.testing.assert_allclose(Network((3, 1)).predict(theta, X), expected, rtol=1e-14)


def test_logistic_probability_is_the_sigmoid_of_its_prediction():
    model, X, theta, _ = examples((Logistic(), 2), lanes=(2,))
    np.testing.assert_array_equal(model.probability(theta, X), sigmoid(model.predict(theta, X)))


# --- start ---------------------------------------------------------------------------------------


def test_start_comes_from_its_seed():
    network = Network((4, 8, 3))
    assert network.start(seed=5).tobytes() == network.start(seed=5).tobytes()
    assert network.start(seed=5).tobytes() != network.start(seed=6).tobytes()


def test_start_has_zero_biases_and_weights_scaled_by_the_inputs():
    network = Network((100, 400, 25))
    start = network.start(seed=0)
    assert start.shape == (network.size(100),)
    for (W, b), inputs in zip(network.layers(start), (100, 400), strict=True):
        assert not b.any()
        # 5 %: the deviation of 10,000 draws is known to 0.7 %
        assert W.std() == pytest.approx(inputs**-0.5, rel=0.05)
        assert abs(W.mean()) < 0.05 * inputs**-0.5


def test_every_seed_that_numpy_takes_is_taken():
    assert np.isfinite(Network((2, 1)).start(seed=2**64)).all()


# --- what is refused -----------------------------------------------------------------------------


@over_models
@pytest.mark.parametrize("change", [-1, 1])
def test_parameters_of_a_wrong_size_are_named(case, change):
    model, features = case
    with pytest.raises(ValueError, match=r"^theta: shape"):
        model.predict(np.zeros(model.size(features) + change), np.zeros((4, features)))


@over_models
@pytest.mark.parametrize("theta", ["text", None, True], ids=str)
def test_parameters_that_are_no_numbers_are_named(case, theta):
    model, features = case
    with pytest.raises(TypeError, match=r"^theta: "):
        model.predict([theta] * model.size(features), np.zeros((4, features)))


@pytest.mark.parametrize("model", [Polynomial(2), Network((3, 1))], ids=["Polynomial", "Network"])
def test_inputs_with_a_wrong_number_of_features_are_named(model):
    with pytest.raises(ValueError, match=r"^X: "):
        model.predict(np.zeros(3), np.zeros((4, 2)))


def test_a_wrong_number_of_features_is_said():
    with pytest.raises(ValueError, match=r"^X: 3 features are expected, 2 given$"):
        Network((3, 1)).size(2)


@pytest.mark.parametrize(
    "X, error, given",
    [
        (np.zeros(3), ValueError, "an array of float64, shape (3,)"),
        (np.array([["a"]]), ValueError, "an array of <U1, shape (1, 1)"),
        (np.array([[1j]]), ValueError, "an array of complex128, shape (1, 1)"),
        ([["a"]], TypeError, "[['a']]"),
        ([[1j]], TypeError, "[[1j]]"),
    ],
    ids=str,
)
def test_inputs_that_are_no_table_of_numbers_are_named(X, error, given):
    with pytest.raises(error, match=f"^X: real numbers .*, {re.escape(given)} given$"):
        Linear().predict([2.0, 1.0], X)


@pytest.mark.parametrize(
    "make, error, argument",
    [
        (lambda: Polynomial(0), ValueError, "degree"),
        (lambda: Polynomial(2.0), TypeError, "degree"),
        (lambda: Polynomial("2"), TypeError, "degree"),
        (lambda: Softmax(1), ValueError, "classes"),
        (lambda: Softmax(2.5), TypeError, "classes"),
        (lambda: Network((3,)), ValueError, "sizes"),
        (lambda: Network((3, 0, 1)), ValueError, "sizes"),
        (lambda: Network((3, 2.5, 1)), TypeError, "sizes"),
        (lambda: Network((3, 1), "sigmoid"), ValueError, "activation"),
        (lambda: Network((3, 1)).start(seed=2**64 + 1), ValueError, "seed"),
        (lambda: Network((3, 1)).start(seed=-1), ValueError, "seed"),
        (lambda: Network((3, 1)).start(seed=None), TypeError, "seed"),
    ],
)
def test_bad_settings_are_named(make, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        make()


def test_sizes_are_copied():
    sizes = [2, 3, 1]
    network = Network(sizes)
    sizes[1] = 99
    assert network.sizes == (2, 3, 1)
