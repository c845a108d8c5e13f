"""The checks that every entry point shares: what passes, and the whole sentence where it does not."""

import math
import re

import numpy as np
import pytest

from gdlab._arguments import (
    altered,
    array,
    frozen,
    function,
    inside,
    instance,
    number,
    numbers,
    option,
    points,
    shown,
    spans,
    texts,
    vector,
    whole,
)
from gdlab.models import Network


def test_shown_is_short():
    assert shown(np.zeros((2, 3))) == "an array of float64, shape (2, 3)"
    assert shown("x" * 58) == repr("x" * 58)  # 60 characters with its quotes
    assert shown("x" * 59) == "'" + "x" * 56 + "..."


# --- what passes -----------------------------------------------------------------------------------


def test_a_number_comes_out_as_a_float():
    assert isinstance(number("a", 2), float)
    assert number("a", -1.5) == -1.5
    assert [number("a", end, 0, 1) for end in (0, 1)] == [0, 1]
    assert number("a", np.float32(0.5), 0, 1, open_low=True, open_high=True) == 0.5


def test_a_whole_number_comes_out_as_an_int():
    assert type(whole("a", np.int8(7))) is int
    assert [whole("a", end) for end in (0, 10**9)] == [0, 10**9]
    assert [whole("a", end, -2, 3) for end in (-2, 3)] == [-2, 3]


def test_what_is_right_is_returned_as_it_is():
    assert function("a", abs) is abs
    assert instance("a", "text", str) == "text"
    assert option("a", "one", ["one", "two"]) == "one"
    assert texts("a", "one") == ("one",)
    assert texts("a", ["one", "two"]) == texts("a", ("one", "two")) == ("one", "two")


def test_an_array_is_a_new_one_of_floats():
    given = np.array([[1, 2]], dtype=np.uint8)
    assert array("a", given).dtype == float
    assert array("a", given, "(n, p)", ndim=2).tolist() == [[1, 2]]
    floats = np.ones(2)
    assert not np.shares_memory(array("a", floats), floats)
    assert numbers("a", floats, "f") is floats


def test_a_point_may_stand_on_the_edge_of_its_window():
    window = spans("a", [(0, 2), (1, 3)], 2)
    assert window.dtype == float and window.tolist() == [[0, 2], [1, 3]]
    for point in ((0, 1), (2, 3), (1, 2)):
        assert inside("a", point, window).tolist() == list(point) == vector("a", point, 2).tolist()
    assert spans("a", [(1e-9, 1)], 1, above=0).tolist() == [[1e-9, 1]]


def test_points_pass_floats_and_complex_numbers_through():
    for theta in (np.ones(2), np.full((3, 2), np.inf), np.ones((1, 2)) * 1j):
        assert points("theta", theta, 2) is theta
    assert points("theta", [1, 2], 2).dtype == points("theta", np.array([1, 2]), 2).dtype == float
    assert points("theta", [1j, 2], 2).dtype == complex


def test_frozen_arrays_cannot_be_written_to():
    one, other = np.ones(2), np.ones(2)
    frozen(one, other)
    assert not one.flags.writeable and not other.flags.writeable


def test_an_altered_copy_has_other_fields_and_leaves_the_first_alone():
    one = Network((2, 1), "relu")
    assert altered(one, sizes=(3, 1)) == Network((3, 1), "relu")
    assert one.sizes == (2, 1)


# --- what is refused -------------------------------------------------------------------------------

CASES = [
    (lambda: number("a", "1"), TypeError, "a: a real number is expected, '1' given"),
    (lambda: number("a", True), TypeError, "a: a real number is expected, True given"),
    (lambda: number("a", 1j), TypeError, "a: a real number is expected, 1j given"),
    (lambda: number("a", math.nan), ValueError, "a: a finite number is expected, nan given"),
    (lambda: number("a", 10**400), ValueError, "a: a finite number is expected, inf given"),
    (
        lambda: number("a", -1, low=0),
        ValueError,
        "a: a finite number in [0, inf) is expected, -1.0 given",
    ),
    (
        lambda: number("a", 0, low=0, open_low=True),
        ValueError,
        "a: a finite number in (0, inf) is expected, 0.0 given",
    ),
    (lambda: number("a", 1.5, 0, 1), ValueError, "a: a finite number in [0, 1] is expected, 1.5 given"),
    (
        lambda: number("a", 1, 0, 1, open_high=True),
        ValueError,
        "a: a finite number in [0, 1) is expected, 1.0 given",
    ),
    (
        lambda: number("a", 2, high=1),
        ValueError,
        "a: a finite number in [-inf, 1] is expected, 2.0 given",
    ),
    (lambda: whole("a", 1.0), TypeError, "a: a whole number is expected, 1.0 given"),
    (lambda: whole("a", True), TypeError, "a: a whole number is expected, True given"),
    (lambda: whole("a", -1), ValueError, "a: a whole number of at least 0 is expected, -1 given"),
    (
        lambda: whole("a", 10**9 + 1),
        ValueError,
        "a: a whole number of at most 1000000000 is expected, 1000000001 given",
    ),
    (lambda: function("a", 3), TypeError, "a: a function is expected, 3 given"),
    (lambda: function("a", dict), TypeError, "a: a function is expected, <class 'dict'> given"),
    (lambda: instance("a", 3, str), TypeError, "a: a str is expected, 3 given"),
    (lambda: texts("a", []), TypeError, "a: a list of texts is expected, [] given"),
    (lambda: texts("a", ["b", 3]), TypeError, "a: a list of texts is expected, ['b', 3] given"),
    (lambda: texts("a", {"b"}), TypeError, "a: a list of texts is expected, {'b'} given"),
    (lambda: option("a", "x", ["b", "c"]), ValueError, "a: one of b, c is expected, 'x' given"),
    (lambda: option("a", 3, ["b"]), ValueError, "a: one of b is expected, 3 given"),
    (lambda: option("a", ["b"], ["b"]), ValueError, "a: one of b is expected, ['b'] given"),
    (
        lambda: numbers("a", [[1], [2, 3]], "f"),
        ValueError,
        "a: rows of equal length are expected, [[1], [2, 3]] given",
    ),
    (lambda: numbers("a", ["x"], "fiu"), TypeError, "a: real numbers are expected, ['x'] given"),
    (
        lambda: numbers("a", [], "fiu"),
        ValueError,
        "a: at least one number is expected, shape (0,) given",
    ),
    (lambda: array("a", [1j]), TypeError, "a: real numbers are expected, [1j] given"),
    (lambda: array("a", 1.0, "(n,)", ndim=1), ValueError, "a: shape (n,) is expected, shape () given"),
    (lambda: array("a", 1.0, ndim=1), ValueError, "a: shape any is expected, shape () given"),
    (
        lambda: array("a", [math.inf]),
        ValueError,
        "a: finite numbers are expected, NaN or infinity given",
    ),
    (lambda: vector("a", [1, 2], 3), ValueError, "a: 3 numbers are expected, 2 given"),
    (lambda: vector("a", [[1]], 1), ValueError, "a: shape (1,) is expected, shape (1, 1) given"),
    (
        lambda: spans("a", [(0, 1)], 2),
        ValueError,
        "a: 2 × (low, high) is expected, [[0.0, 1.0]] given",
    ),
    (
        lambda: spans("a", [(0, 1), (1, 1)], 2),
        ValueError,
        "a: 2 × (low, high) is expected, [[0.0, 1.0], [1.0, 1.0]] given",
    ),
    (
        lambda: spans("a", [(0, 1)], 1, above=0),
        ValueError,
        "a: 1 × (low, high) above 0 is expected, [[0.0, 1.0]] given",
    ),
    (lambda: spans("a", [0, 1], 1), ValueError, "a: shape (1, 2) is expected, shape (2,) given"),
    (
        lambda: inside("a", (0, 3.1), np.array([[0, 2], [1, 3]])),
        ValueError,
        "a: 2 numbers inside the window are expected, [0.0, 3.1] given",
    ),
    (
        lambda: inside("a", (-0.1, 3), np.array([[0, 2], [1, 3]])),
        ValueError,
        "a: 2 numbers inside the window are expected, [-0.1, 3.0] given",
    ),
    (lambda: inside("a", [1], np.ones((2, 2))), ValueError, "a: 2 numbers are expected, 1 given"),
    (lambda: points("a", 1.0, 1), ValueError, "a: shape (..., 1) is expected, shape () given"),
    (lambda: points("a", [1, 2], 1), ValueError, "a: shape (..., 1) is expected, shape (2,) given"),
    (lambda: points("a", [True], 1), TypeError, "a: real numbers are expected, [True] given"),
    (
        lambda: points("a", np.array(["x"]), 1),
        TypeError,
        "a: real numbers are expected, an array of <U1, shape (1,) given",
    ),
]


@pytest.mark.parametrize("call, error, sentence", CASES, ids=[case[2] for case in CASES])
def test_the_sentence_names_the_argument_what_is_expected_and_what_was_given(call, error, sentence):
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        call()
