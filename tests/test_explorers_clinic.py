"""The explorer of notebook 11, and the notebook's own proofs: each must fail on the uncured program, and
on the healthy one called sick."""

import functools
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from every import KILOS, KILOS_RISK, assert_whole, at, picture, quick, table
from matplotlib.text import Text

from gdlab import (
    Adam,
    EmpiricalRisk,
    GradientDescent,
    Momentum,
    data,
    descend,
    landscapes,
    losses,
    models,
)
from gdlab.explorers import clinic
from gdlab.explorers.clinic import NAMES, PATIENTS, STEPS, Clinic

BEST = np.array([(KILOS.X[:, 0] * KILOS.y).mean(), KILOS.y.mean()])
RATES = np.array([0.003, 0.1, 0.5])


@pytest.fixture
def name():
    """What the fixture `stage` gives in this file."""
    return "clinic"


# --- the controls ------------------------------------------------------------------------------------


@pytest.mark.parametrize("patient", range(11), ids=NAMES)
def test_every_patient_at_every_learning_rate(stage, patient):
    stage.patient = patient
    frames, curve = table(stage, "learning_rate"), stage._parts["sick"][0]
    assert_whole(stage, frames, len(Clinic.RATES))
    who = NAMES[patient][0].upper() + NAMES[patient][1:]
    assert all(sentence.startswith(f"{who},") for sentence in frames.sentences)
    assert all(all(frames.marks[mark]) for mark in stage._marks if isinstance(mark, Text))
    for i in (0, 77, 199):
        one = at(stage, learning_rate=Clinic.RATES[i])
        assert one.sentences == frames.sentences[i : i + 1]
        # 20: where a run is unstable, lanes need not agree to the last digit
        found, alone = picture(frames, curve, i)[:20], picture(one, curve)[:20]
        np.testing.assert_allclose(alone, found, rtol=1e-6)


@pytest.mark.parametrize("rate", [Clinic.RATES[0], 0.1234, Clinic.RATES[-1]])
def test_the_menu_shows_what_each_patient_shows(stage, rate):
    menu = table(stage, "patient", learning_rate=rate)
    assert_whole(stage, menu, 11)
    for i in range(11):
        one = at(stage, learning_rate=rate, patient=i)
        assert one.sentences[0] == menu.sentences[i]
        for mark in stage._marks:
            np.testing.assert_array_equal(picture(one, mark), picture(menu, mark, i))


@pytest.mark.parametrize(
    "make, names",
    [
        (lambda: Clinic("flu"), "patient"),
        (lambda: Clinic(3), "patient"),
        (lambda: Clinic(learning_rate=0), "learning_rate"),
        (lambda: Clinic(learning_rate=5), "learning_rate"),
        (lambda: Clinic(learning_rate="a"), "learning_rate"),
    ],
)
def test_a_bad_argument_is_refused_by_its_name(make, names):
    with pytest.raises((ValueError, TypeError), match=rf"^{names}: .* expected, .* given$"):
        quick(make)


# --- the runs, against runs of the package -----------------------------------------------------------


def run(name, sick):
    return PATIENTS[NAMES.index(name)].run(RATES, sick)


def above(optimizer, objective=KILOS_RISK, start=(0, 0)):
    """The value above the minimum along a run of the package."""
    lowest = KILOS_RISK(BEST) if objective is KILOS_RISK else 0
    return descend(objective, np.array(start, dtype=float), optimizer, STEPS).values - lowest


def lanes(make):
    return np.stack([above(make(rate)) for rate in RATES], axis=1)


# 1e-9: the value is above the minimum by a difference of numbers of order 1 to 10
close = functools.partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["wrong sign", "a sum for a mean", "unscaled feature", "(n,) minus (n, 1)", "not reset"]
)
def test_cured_is_gradient_descent_on_the_penguins(name):
    close(run(name, False), lanes(GradientDescent))


def test_cured_of_measured_slopes_is_nearly_that():
    np.testing.assert_allclose(run("difference too fine", False), lanes(GradientDescent), atol=1e-8)


def test_cured_momentum_and_adam_are_those_of_the_package():
    close(run("momentum twice", False), lanes(lambda rate: Momentum(rate, 0.9)))
    expected = [above(Adam(rate), landscapes.Quadratic([1]), [2]) for rate in RATES]
    close(run("Adam's count", False), np.stack(expected, axis=1), rtol=1e-6)


def test_cured_one_after_the_other_is_gradient_descent():
    bowl = landscapes.Quadratic([1, 10], rotation=60)
    expected = [above(GradientDescent(rate), bowl, (-2, 1.5)) for rate in RATES]
    close(run("one after the other", False), np.stack(expected, axis=1))


def test_the_sum_is_n_times_the_mean():
    steeper = PATIENTS[1].run(RATES / 342, True)
    close(steeper, run("wrong sign", False))


def test_not_reset_is_momentum_that_forgets_nothing():
    # 1e-6: the package takes β below 1 only
    nearly = lanes(lambda rate: Momentum(rate, 1 - 1e-12))
    np.testing.assert_allclose(run("not reset", True), nearly, rtol=1e-6, atol=1e-6)


def test_the_sick_feature_is_the_flipper_in_decimetres():
    raw = data.Dataset(data.penguins().X / 100, KILOS.y, ["flipper"], "mass (kg)", "penguins")
    risk = EmpiricalRisk(models.Linear(), losses.SquaredError(), raw)
    expected = descend(risk, np.zeros(2), GradientDescent(0.1), STEPS).values - KILOS_RISK(BEST)
    np.testing.assert_allclose(run("unscaled feature", True)[:, 1], expected, rtol=1e-8)


def test_broadcasting_ends_at_the_mean_of_all():
    end = run("(n,) minus (n, 1)", True)[-1, 2]
    assert end == pytest.approx(KILOS_RISK([0, KILOS.y.mean()]) - KILOS_RISK(BEST), rel=1e-9)


def test_the_cured_network_is_the_package_s():
    """With one output and no output bias: the gradient of the package, its last slope left out."""
    t, rng = np.linspace(-2, 2, 21), np.random.default_rng(0)
    start = (rng.normal(size=(3, 4)) * np.array([[1], [0.5], [0.5]])).ravel()
    points = data.Dataset(t[:, None], np.abs(t), ["t"], "|t|", "a wedge")
    network = EmpiricalRisk(models.Network((1, 4, 1), "relu"), losses.SquaredError(), points)
    theta, values = np.append(start, 0.0), []
    for _ in range(STEPS + 1):
        values.append(network(theta))
        theta = theta - 0.1 * np.append(network.gradient(theta)[:-1], 0.0)
    close(run("slope of ReLU", False)[:, 1], values)


def test_every_patient_is_sicker_than_cured_at_its_own_learning_rate():
    for patient in PATIENTS:
        if patient.name == "one after the other":  # this one looks healthy: that is its point
            continue
        sick, cured = (clinic.worst(patient.run(np.array([patient.rate]), s))[0] for s in (True, False))
        assert np.isnan(sick) or sick > 5 * cured, patient.name


# --- the notebook's proofs, on programs that are not cured -------------------------------------------

NOTEBOOK = json.loads(
    (Path(__file__).resolve().parents[1] / "notebooks" / "11_bug_clinic.ipynb").read_text(
        encoding="utf-8"
    )
)
# patient: (its cure, the bug put back in its place), (its bug, the right line in its place)
BROKEN = {
    1: [("-sick_1(theta)", "sick_1(theta)"),
        ("y - (theta[0] * x + theta[1])", "theta[0] * x + theta[1] - y")],
    2: [("sick_2(theta) / len(x)", "sick_2(theta)"), ("np.sum", "np.mean")],
    3: [("walk(slope, 0.1) - value(best)", "walk(slope_3, 0.1, 40, value_3) - value(best)"),
        ("(flipper, x)", "(flipper, flipper)"), (".X[:, 0] / 100", ".X[:, 0] * 0 + x")],
    4: [("good - 0.1 * slope(good)", "good - 0.1 * sick_4(good)"),
        ("= y[:, None]", "= y[:, None][:, 0]")],
    5: [("(1e-14, 1e-6))", "(1e-14, 1e-14))"), ("1e-14", "1e-6")],
    6: [("(inputs > 0)", "(outputs >= 0)"), ("(outputs >= 0)", "(inputs > 0)")],
    7: [("walk(lambda theta: library(slope)(theta), 0.01", "walk(library(slope), 0.01"),
        ("total + slope(theta)", "slope(theta)"), ("gradient=library(slope)", "gradient=slope"),
        ("walk(library(slope), 0.01", "walk(slope, 0.01")],
    8: [("α = 0.01\": some_kept", "α = 0.01\": twice(slope, 0.01)[0]"), ("0.9 * u + v", "v"),
        ("twice(slope, 0.001)", "twice(slope, 0.01)")],
    9: [("theta - 0.1 * oval.gradient(theta)\n", "sick_9(theta)\n"),
        ("[first, theta[1]])[1]", "theta)[1]")],
    10: [("adam(0), adam(1)", "adam(0), adam(0)"), ("adam(0), adam(1)", "adam(1), adam(1)")],
    11: [("(k + 18 * epoch)", "k"), ("0.3 * k)", "0.3 * (k + 18 * epoch))")],
}  # fmt: skip


def programs():
    """(patient, source): what stands before the patients, then each patient's cells joined."""
    found, patient = {0: []}, 0
    for cell in NOTEBOOK["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = re.search(r"^## (Patient (\d+)|\w)", source, re.M)
            patient = int(heading[2]) if heading and heading[2] else patient
            if heading and not heading[2] and patient:
                return {number: "\n".join(parts) for number, parts in found.items()}
        else:
            found.setdefault(patient, []).append(source)


def execute(source, names):
    with redirect_stdout(io.StringIO()):
        quick(lambda: exec(source, names))


def test_the_page_has_the_eleven_patients():
    assert sorted(programs()) == list(range(12))
    tags = [tag for cell in NOTEBOOK["cells"] for tag in cell["metadata"].get("tags", [])]
    assert tags == [f"clinic-{i}" for i in range(1, 12)]


def test_each_proof_fails_where_the_cure_or_the_bug_is_missing():
    sources, names = programs(), {}
    execute(sources[0], names)
    for patient in range(1, 12):
        for right, wrong in BROKEN[patient]:
            assert right in sources[patient], (patient, right)
            with pytest.raises(AssertionError):
                execute(sources[patient].replace(right, wrong), dict(names))
                print(f"patient {patient}: nothing notices {wrong!r} in place of {right!r}")
        execute(sources[patient], names)
