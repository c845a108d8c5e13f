import csv
import hashlib
import math
import re
from importlib.resources import files
from itertools import islice

import numpy as np
import pytest

from gdlab import closed_form, data, gradients, losses, models
from gdlab.descent import descend
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import Nesterov

SHIPPED = {
    "penguins.csv": "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
    "digits.npz": "af104d81e7cd419be5f343d23c6ca2e4e4ff847b06636260802df8e903c6183f",
}
MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
SETS = {
    "penguins": data.penguins,
    "digits": data.digits,
    "line": data.line,
    "blobs": data.blobs,
    "xor": data.xor,
    "standardized": lambda: data.standardize(data.penguins()),
}


def counted(n):
    """n examples that can be told apart."""
    return data.Dataset(np.arange(2.0 * n).reshape(n, 2), np.arange(n), ["a", "b"], "number", "made up")


def logistic(features, target, **options):
    """The mean cross-entropy of a logistic model on standardized penguins."""
    birds = data.standardize(data.penguins(features, target, **options))
    return EmpiricalRisk(models.Logistic(), losses.BinaryCrossEntropy(), birds)


# --- the files that are shipped ------------------------------------------------------------------


@pytest.mark.parametrize("file", SHIPPED)
def test_shipped_bytes(file):
    stored = (files("gdlab") / "datasets" / file).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == SHIPPED[file]


def test_provenance_names_every_shipped_file_and_its_hash():
    folder = files("gdlab") / "datasets"
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert {file.name for file in folder.iterdir() if file.name[0] != "."} == {*SHIPPED, "README.md"}
    for file, digest in SHIPPED.items():
        assert file in page
        assert digest in page


def test_penguins_file_has_344_rows_and_19_missing_entries():
    with (files("gdlab") / "datasets" / "penguins.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), len(rows[0])) == (344, 8)
    assert sum(entry == "NA" for row in rows for entry in row.values()) == 19


# --- penguins ------------------------------------------------------------------------------------


def test_penguins_drop_rows_with_a_missing_entry_of_a_column_asked_for():
    assert len(data.penguins()) == 342
    assert len(data.penguins(target="sex")) == 333
    assert len(data.penguins("year", target="species")) == 344


def test_penguins_first_and_last_row():
    birds = data.penguins(MEASURES, target="year")
    assert birds.X[0].tolist() == [39.1, 18.7, 181, 3750]
    assert birds.X[-1].tolist() == [50.2, 18.7, 198, 3775]
    assert birds.y[[0, -1]].tolist() == [2007, 2009]


def test_penguins_species_are_numbered_in_the_order_given():
    assert np.bincount(data.penguins(target="species").y).tolist() == [151, 68, 123]
    two = data.penguins(target="species", species=("Gentoo", "Adelie"))
    assert np.bincount(two.y).tolist() == [123, 151]
    assert two.X[two.y == 0].mean() > two.X[two.y == 1].mean()  # a Gentoo has the longer flipper


def test_penguins_male_is_1():
    birds = data.penguins("body_mass_g", target="sex")
    assert np.bincount(birds.y).tolist() == [165, 168]
    assert birds.X[birds.y == 1].mean() > birds.X[birds.y == 0].mean()


def test_penguins_names_carry_units():
    birds = data.penguins(("bill_length_mm", "year"), target="body_mass_g")
    assert (birds.features, birds.target) == (("bill length (mm)", "year"), "body mass (g)")


def fit(x, y):
    """Slope, intercept and R² of the least-squares line."""
    slope, intercept = closed_form.lstsq(x[:, None], y)
    residual = y - slope * x - intercept
    return slope, intercept, 1 - (residual**2).mean() / y.var()


def test_flipper_to_mass_of_the_342_measured_birds():
    birds = data.penguins()
    slope, intercept, r2 = fit(birds.X[:, 0], birds.y)
    assert (round(slope, 4), round(intercept, 2), round(r2, 4)) == (49.6856, -5780.83, 0.7590)


def test_flipper_to_mass_of_the_333_birds_of_known_sex():
    birds = data.penguins(("flipper_length_mm", "body_mass_g"), target="sex")
    slope, intercept, r2 = fit(*birds.X.T)
    assert (round(slope, 4), round(intercept, 2), round(r2, 4)) == (50.1533, -5872.09, 0.7621)


def condition(dataset):
    """Condition number of the Hessian of the linear least-squares risk. A factor ½ leaves it alone."""
    risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), dataset)
    low, high = np.linalg.eigvalsh(gradients.hessian(risk, np.zeros(2), h=1.0))[[0, -1]]
    return high / low


def test_standardizing_brings_the_condition_number_from_millions_to_one():
    known_sex = data.penguins(("flipper_length_mm", "body_mass_g"), target="sex").X
    flippers = data.Dataset(known_sex[:, :1], known_sex[:, 1], ["flipper"], "mass", "penguins")
    # 1e-4: the smallest eigenvalue is known to some 16 − 7 digits, the printed ones to three
    assert condition(flippers) == pytest.approx(8.40997e6, rel=1e-4)
    assert condition(data.penguins()) == pytest.approx(8.34641e6, rel=1e-4)
    assert condition(data.standardize(data.penguins())) == pytest.approx(1, rel=1e-9)


def test_sex_from_mass_and_bill_depth_has_a_finite_optimum():
    risk = logistic(("body_mass_g", "bill_depth_mm"), "sex")
    run = descend(risk, np.zeros(3), Nesterov(2.0, beta=0.9), steps=500)
    best = run.thetas[-1]
    np.testing.assert_allclose(best, [4.2421, 3.9830, 0.1879], atol=5e-5)
    assert run.values[-1] == pytest.approx(0.246753, abs=5e-7)
    assert np.abs(run.gradients[-1]).max() < 1e-8
    right = (risk.model.predict(best, risk.dataset.X) > 0) == risk.dataset.y
    assert round(right.mean(), 4) == 0.8919


def test_adelie_against_gentoo_is_separable_so_the_weights_run_away():
    risk = logistic(("bill_length_mm", "bill_depth_mm"), "species", species=("Adelie", "Gentoo"))
    run = descend(risk, np.zeros(3), Nesterov(5.0, beta=0.9), steps=1000)
    assert run.values[-1] < 1e-3
    lengths = np.linalg.norm(run.thetas[[125, 250, 500, 1000]], axis=-1)
    assert (np.diff(lengths) > 0.1).all()


# --- digits and synthetic sets -------------------------------------------------------------------


def test_digits():
    digits = data.digits()
    assert digits.X.shape == (1797, 64)
    assert (digits.X.min(), digits.X.max()) == (0, 1)
    np.testing.assert_array_equal(digits.X * 16, np.round(digits.X * 16))
    assert np.bincount(digits.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (digits.X[0] * 16).reshape(8, 8)[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert digits.y[0] == 0


def test_line_without_noise_is_a_line():
    line = data.line(n=30, weight=-3.0, bias=0.5)
    assert line.X.shape == (30, 1)
    np.testing.assert_array_equal(line.y, -3 * line.X[:, 0] + 0.5)
    assert -2 <= line.X.min() < -1
    assert 1 < line.X.max() <= 2


def test_line_noise_has_the_deviation_asked_for():
    line = data.line(n=4000, noise=0.5)
    # 5 %: a deviation of 4000 draws is known to about 1 %
    assert (line.y - 2 * line.X[:, 0] - 1).std() == pytest.approx(0.5, rel=0.05)


def test_blobs_are_two_clouds_a_distance_apart():
    blobs = data.blobs(n=4000, distance=6.0)
    assert np.bincount(blobs.y).tolist() == [2000, 2000]
    gap = blobs.X[blobs.y == 1].mean(axis=0) - blobs.X[blobs.y == 0].mean(axis=0)
    np.testing.assert_allclose(gap, [6, 0], atol=0.2)  # six standard errors of 1/√1000
    np.testing.assert_allclose(blobs.X.mean(axis=0), [0, 0], atol=0.1)
    np.testing.assert_allclose(blobs.X[blobs.y == 0].std(axis=0), 1, rtol=0.1)


def test_xor_is_no_line():
    xor = data.xor()
    assert xor.y.tolist() == [int(x != y) for x, y in xor.X]
    np.testing.assert_allclose(closed_form.lstsq(xor.X, xor.y), [0, 0, 0.5], atol=1e-15)


@pytest.mark.parametrize("make", [data.line, data.blobs], ids=["line", "blobs"])
def test_synthetic_sets_come_from_their_seed(make):
    assert make(seed=3).X.tobytes() == make(seed=3).X.tobytes()
    assert make(seed=3).X.tobytes() != make(seed=4).X.tobytes()
    assert "seed 3" in make(seed=3).source


# --- Dataset -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", SETS.values(), ids=SETS)
def test_arrays_are_read_only_and_described(make):
    dataset = make()
    for part in (dataset.X, dataset.y):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 0
    assert dataset.X.shape == (len(dataset), len(dataset.features))
    assert dataset.target
    assert dataset.source


def test_arguments_are_copied():
    X, y, features = np.zeros((3, 1)), np.zeros(3), ["x"]
    dataset = data.Dataset(X, y, features, "y", "made up")
    X[0], y[0], features[0] = 7, 7, "z"
    assert (dataset.X[0, 0], dataset.y[0], dataset.features) == (0, 0, ("x",))
    assert X.flags.writeable  # the caller's array stays the caller's


def test_whole_numbers_stay_whole_and_inputs_become_floats():
    dataset = data.Dataset([[1], [2]], np.array([0, 1], dtype=np.uint8), ["x"], "y", "made up")
    assert (dataset.X.dtype, dataset.y.dtype) == (float, int)
    assert data.Dataset([[1], [2]], [0.0, 1.0], ["x"], "y", "made up").y.dtype == float


def test_attributes_cannot_be_assigned():
    with pytest.raises(AttributeError):
        counted(3).target = "other"


@pytest.mark.parametrize("rows", [[2, 0], np.array([True, False, True, False]), slice(1, 3)], ids=str)
def test_take(rows):
    whole = counted(4)
    part = whole.take(rows)
    np.testing.assert_array_equal(part.X, whole.X[rows])
    np.testing.assert_array_equal(part.y, whole.y[rows])
    assert (len(part), len(whole)) == (2, 4)
    assert not part.X.flags.writeable and not part.y.flags.writeable
    assert (part.features, part.target, part.source) == (whole.features, whole.target, whole.source)


def test_repr_is_one_line():
    assert repr(counted(4)) == "Dataset(4 examples: a, b -> number)"


@pytest.mark.parametrize(
    "change, error, argument",
    [
        ({"X": [1.0, 2.0]}, ValueError, "X"),
        ({"X": [[1.0], [math.nan]]}, ValueError, "X"),
        ({"X": [["a"], ["b"]]}, TypeError, "X"),
        ({"X": [[1.0], [2.0, 3.0]]}, ValueError, "X"),
        ({"X": np.zeros((0, 1))}, ValueError, "X"),
        ({"y": [[1.0], [2.0]]}, ValueError, "y"),
        ({"y": [1.0, 2.0, 3.0]}, ValueError, "y"),
        ({"y": [1.0, math.inf]}, ValueError, "y"),
        ({"y": [None, 1.0]}, TypeError, "y"),
        ({"features": ["a", "b"]}, ValueError, "features"),
    ],
)
def test_bad_parts_of_a_dataset_are_named(change, error, argument):
    good = {"X": [[1.0], [2.0]], "y": [1.0, 2.0], "features": ["x"], "target": "y", "source": ""}
    with pytest.raises(error, match=f"^{argument}: "):
        data.Dataset(**(good | change))


@pytest.mark.parametrize(
    "make, error, argument",
    [
        (lambda: data.penguins("sex"), ValueError, "features"),
        (lambda: data.penguins(target="island"), ValueError, "target"),
        (lambda: data.penguins(species=("Emperor",)), ValueError, "species"),
        (lambda: data.line(n=0), ValueError, "n"),
        (lambda: data.line(n=2.0), TypeError, "n"),
        (lambda: data.line(weight="2"), TypeError, "weight"),
        (lambda: data.line(bias=math.nan), ValueError, "bias"),
        (lambda: data.line(noise=-1), ValueError, "noise"),
        (lambda: data.line(seed=None), TypeError, "seed"),
        (lambda: data.blobs(n=1), ValueError, "n"),
        (lambda: data.blobs(distance=-1), ValueError, "distance"),
        (lambda: data.blobs(seed=-1), ValueError, "seed"),
    ],
)
def test_bad_arguments_of_a_data_set_are_named(make, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        make()


# --- standardize ---------------------------------------------------------------------------------


def test_standardized_features_have_mean_0_and_deviation_1():
    birds = data.penguins(MEASURES, target="sex")
    standard = data.standardize(birds)
    # 1e-12: rounding of a mean of 4,000 g
    np.testing.assert_allclose(standard.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(standard.X.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_array_equal(standard.y, birds.y)
    assert standard.features[0] == "bill length (standardized)"


def test_standardized_like_another_set():
    train, test = data.split(data.penguins(), share=0.25, seed=0)
    standard = data.standardize(test, like=train)
    expected = (test.X - train.X.mean()) / np.sqrt(((train.X - train.X.mean()) ** 2).mean())
    np.testing.assert_allclose(standard.X, expected, rtol=1e-12, atol=1e-12)
    assert abs(standard.X.mean()) > 1e-3  # not the test set's own mean


def test_a_constant_feature_is_refused_by_name():
    dataset = data.Dataset([[1.0, 2.0], [3.0, 2.0]], [0.0, 1.0], ["moves", "stays"], "y", "made up")
    with pytest.raises(ValueError, match=r"^dataset: .* stays is constant"):
        data.standardize(dataset)


# --- split and batches ---------------------------------------------------------------------------


def test_split_is_disjoint_and_complete():
    train, test = data.split(counted(20), share=0.3, seed=1)
    assert (len(train), len(test)) == (14, 6)
    assert sorted([*train.y, *test.y]) == list(range(20))
    np.testing.assert_array_equal(test.X[:, 0], 2 * test.y)  # a row stays with its target


def test_split_comes_from_its_seed():
    first, again, other = (data.split(counted(20), 0.3, seed)[1].y.tolist() for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    "share, error",
    [(0, ValueError), (1, ValueError), (0.01, ValueError), (0.99, ValueError), ("½", TypeError)],
)
def test_bad_shares_are_named(share, error):
    with pytest.raises(error, match=r"^share: "):
        data.split(counted(10), share, seed=0)


@pytest.mark.parametrize("n, size", [(10, 1), (10, 3), (10, 5), (10, 9), (1, 1)])
def test_each_pass_of_batches_is_a_partition_of_the_rows(n, size):
    parts = -(-n // size)
    stream = data.batches(n, size, seed=0)
    for _ in range(3):
        one_pass = list(islice(stream, parts))
        assert sorted(np.concatenate(one_pass)) == list(range(n))
        assert [len(rows) for rows in one_pass[:-1]] == [size] * (parts - 1)


def test_a_batch_of_all_rows_is_the_data_as_it_is():
    for rows in islice(data.batches(7, size=7, seed=0), 3):
        assert rows.tolist() == list(range(7))


def test_each_pass_deals_a_new_order():
    batches = [rows.tolist() for rows in islice(data.batches(20, size=10, seed=0), 4)]
    assert batches[:2] != batches[2:]
    assert batches[0] != list(range(10))


def test_batches_come_from_their_seed():
    def dealt(seed):
        return np.concatenate(list(islice(data.batches(50, size=8, seed=seed), 20))).tobytes()

    assert dealt(4) == dealt(4)
    assert dealt(4) != dealt(5)


@pytest.mark.parametrize(
    "arguments, error, argument",
    [
        ({"n": 0}, ValueError, "n"),
        ({"size": 0}, ValueError, "size"),
        ({"size": 11}, ValueError, "size"),
        ({"size": 2.0}, TypeError, "size"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": None}, TypeError, "seed"),
    ],
)
def test_bad_arguments_of_batches_are_named_at_the_call(arguments, error, argument):
    with pytest.raises(error, match=f"^{argument}: "):
        data.batches(**({"n": 10, "size": 4, "seed": 0} | arguments))


# --- what is said --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make, said, source",
    [
        (
            lambda: data.penguins(("bill_length_mm", "year"), "sex"),
            "Dataset(333 examples: bill length (mm), year -> sex)",
            "Palmer penguins, Gorman, Williams and Fraser (2014), CC0",
        ),
        (
            lambda: data.digits().take(slice(0, 1)),
            f"Dataset(1 examples: {', '.join(f'pixel {i}' for i in range(64))} -> digit)",
            "Optical recognition of handwritten digits, Alpaydin and Kaynak (1998), CC BY 4.0",
        ),
        (data.line, "Dataset(50 examples: x -> y)", "synthetic line, seed 0"),
        (data.blobs, "Dataset(100 examples: x, y -> class)", "synthetic blobs, seed 0"),
        (data.xor, "Dataset(4 examples: x, y -> x differs from y)", "exclusive or"),
    ],
    ids=["penguins", "digits", "line", "blobs", "xor"],
)
def test_a_set_says_what_it_is_and_where_it_comes_from(make, said, source):
    assert (repr(make()), make().source) == (said, source)


def test_what_line_and_blobs_are_unless_told():
    line, blobs = data.line(), data.blobs()
    np.testing.assert_array_equal(line.y, 2 * line.X[:, 0] + 1)
    np.testing.assert_array_equal(blobs.X, data.blobs(distance=3.0, seed=0).X)
    np.testing.assert_array_equal(line.X, data.line(seed=0).X)


def test_the_smallest_sets():
    assert len(data.line(n=1)) == 1
    assert data.blobs(n=2, distance=0).y.tolist() == [0, 1]
    assert [rows.tolist() for rows in islice(data.batches(1, 1, seed=0), 2)] == [[0], [0]]
    train, test = data.split(counted(2), share=0.5, seed=0)
    assert len(train) == len(test) == 1
    assert len(data.penguins(species="Chinstrap")) == 68


SEEDED = {
    "line": lambda seed: data.line(seed=seed),
    "blobs": lambda seed: data.blobs(seed=seed),
    "split": lambda seed: data.split(counted(4), 0.5, seed),
    "batches": lambda seed: next(data.batches(4, 2, seed)),
}


@pytest.mark.parametrize("make", SEEDED.values(), ids=SEEDED)
def test_every_seed_that_numpy_takes_is_taken(make):
    make(2**64)
    with pytest.raises(ValueError, match=r"^seed: "):
        make(2**64 + 1)


PARTS = {"X": [[1.0], [2.0]], "y": [1.0, 2.0], "features": ["x"], "target": "y", "source": ""}


@pytest.mark.parametrize(
    "call, error, said",
    [
        (
            lambda: data.Dataset(**(PARTS | {"X": [1.0]})),
            ValueError,
            "X: shape (n, p) is expected, shape (1,) given",
        ),
        (
            lambda: data.Dataset(**(PARTS | {"y": 1.0})),
            ValueError,
            "y: shape (n,) is expected, shape () given",
        ),
        (
            lambda: data.Dataset(**(PARTS | {"y": [1.0]})),
            ValueError,
            "y: 2 targets are expected, one a row of X, 1 given",
        ),
        (
            lambda: data.Dataset(**(PARTS | {"features": ["a", "b"]})),
            ValueError,
            "features: 1 names are expected, 2 given",
        ),
        (
            lambda: data.Dataset(**(PARTS | {"features": 3})),
            TypeError,
            "features: a list of texts is expected, 3 given",
        ),
        (
            lambda: counted(4).take([4]),
            ValueError,
            (
                "rows: row numbers of the data are expected, "
                "an array of int64, shape (1,) for 4 examples given"
            ),
        ),
        (lambda: counted(4).take(2), ValueError, "rows: shape (n,) is expected, shape () given"),
        (lambda: counted(4).take([0.5]), TypeError, "rows: real numbers are expected, [0.5] given"),
        (
            lambda: data.penguins(3),
            TypeError,
            "features: a list of texts is expected, 3 given",
        ),
        (
            lambda: data.penguins(species=3),
            TypeError,
            "species: a list of texts is expected, 3 given",
        ),
        (lambda: data.standardize(3), TypeError, "dataset: a Dataset is expected, 3 given"),
        (lambda: data.standardize(counted(4), 3), TypeError, "like: a Dataset is expected, 3 given"),
        (
            lambda: data.standardize(counted(4).take([1, 1])),
            ValueError,
            "dataset: features that vary are expected, a, b is constant",
        ),
        (lambda: data.split(3, 0.5, 0), TypeError, "dataset: a Dataset is expected, 3 given"),
        (
            lambda: data.split(counted(4), 0.01, 0),
            ValueError,
            "share: both parts must hold an example, 0.01 of 4 given",
        ),
        (
            lambda: data.split(counted(4), 1, 0),
            ValueError,
            "share: a finite number in (0, 1) is expected, 1.0 given",
        ),
        (lambda: data.batches(4, 5, 0), ValueError, "size: at most n = 4 rows are expected, 5 given"),
    ],
)
def test_the_sentence_says_what_is_expected_and_what_was_given(call, error, said):
    with pytest.raises(error, match=f"^{re.escape(said)}$"):
        call()


def test_standardized_like_a_set_with_other_features_is_refused():
    birds = data.penguins(["flipper_length_mm", "bill_length_mm"])
    with pytest.raises(
        ValueError, match=r"^like: one with the features .* is expected, flipper length \(mm\)"
    ):
        data.standardize(birds, like=data.penguins("flipper_length_mm"))
    train, test = data.split(birds, 0.2, seed=0)
    assert data.standardize(test, like=train).X.shape == test.X.shape


@pytest.mark.parametrize("rows", [np.zeros(4, bool), slice(2, 2)])
def test_no_examples_at_all_are_refused(rows):
    with pytest.raises(ValueError, match=r"^rows: at least one of 4 examples is expected, none given"):
        data.xor().take(rows)
