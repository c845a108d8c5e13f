"""Bad input: many kinds of it for every public entry point. Each is refused by name, nothing is touched.

An entry is a call that works, and for each argument the kinds of bad input that would be good there.
A public callable of the package that stands in no entry fails a test.
"""

import types
import warnings

import numpy as np
import pytest

import gdlab
from gdlab import (
    closed_form,
    data,
    descent,
    film,
    gradients,
    landscapes,
    losses,
    models,
    objectives,
    optimizers,
    schedules,
    stage,
    sweeps,
)
from gdlab.answers import Predictions, check, hint
from gdlab.dial import Dial

READ_ONLY = np.array([1.0, np.nan])
READ_ONLY.flags.writeable = False
KINDS = {
    "NaN": np.nan,
    "infinity": np.inf,
    "minus infinity": -np.inf,
    "text": "much",
    "None": None,
    "complex": 1 + 2j,
    "empty": [],
    "a dictionary": {"a": 1},
    "a list of text": ["a", "b"],
    "ragged rows": [[1.0, 2.0], [3.0]],
    "four axes": np.ones((2, 1, 2, 7)),
    "an array with NaN": np.array([[1.0, np.nan]]),
    "read-only with NaN": READ_ONLY,
    "an object array": np.array([1.0, None], dtype=object),
    "zero": 0,
    "negative": -3,
    "a fraction": 0.37,
    "very large": 10**400,
    "true": True,
    "a class": dict,
}
# Some arguments are named by what is in them: a batch is rows, and a slider has a name of its own.
ALSO = {"batches": "rows", "value": "a", "values": "a", "target": "prediction"}
SIZES = {"zero", "negative", "a fraction"}  # numbers that many arguments may take
RATES = {"a fraction", "four axes"}  # one rate for each of many lanes, in any shape

BOWL, BIRDS = landscapes.Quadratic([1, 10]), data.standardize(data.penguins())
RISK = objectives.EmpiricalRisk(models.Linear(), losses.SquaredError(), BIRDS)
RULE = optimizers.GradientDescent(0.1)
X, y = np.arange(6.0)[:, None], np.arange(6.0)
LABELS = np.array([0, 1, 1])


def entry(call, good=(), **arguments):
    """A call that works, and for some arguments what is good there though it stands among the kinds."""
    return call, arguments, dict(good)


ENTRIES = {
    "landscapes.Quadratic": entry(
        landscapes.Quadratic,
        {"rotation": SIZES, "center": {"None"}},
        curvatures=[1.0, 10.0],
        rotation=10.0,
        center=[0.0, 1.0],
    ),
    "landscapes.DoubleWell": entry(landscapes.DoubleWell, {"tilt": {"zero", "a fraction"}}, tilt=0.3),
    **{
        f"landscapes.{kind.__name__}": entry(kind, dimension=3)
        for kind in (landscapes.Rastrigin, landscapes.Ackley, landscapes.StyblinskiTang)
    },
    "losses.Huber": entry(losses.Huber, {"delta": {"a fraction"}}, delta=1.0),
    "models.Polynomial": entry(models.Polynomial, degree=3),
    "models.Softmax": entry(models.Softmax, classes=3),
    "models.Network": entry(models.Network, sizes=(2, 3, 1), activation="tanh"),
    "models.Network.start": entry(models.Network((2, 3, 1)).start, {"seed": {"zero"}}, seed=1),
    "data.Dataset": entry(
        data.Dataset,
        {"features": {"text"}, "target": set(KINDS), "source": set(KINDS)},
        X=X,
        y=y,
        features=["x"],
        target="y",
        source="made",
    ),
    "data.penguins": entry(
        data.penguins,
        {"species": {"None"}},
        features=["body_mass_g"],
        target="sex",
        species=["Adelie"],
    ),
    "data.line": entry(
        data.line,
        {"weight": SIZES, "bias": SIZES, "noise": {"zero", "a fraction"}, "seed": {"zero"}},
        n=9,
        weight=2.0,
        bias=1.0,
        noise=0.1,
        seed=1,
    ),
    "data.blobs": entry(
        data.blobs, {"distance": {"zero", "a fraction"}, "seed": {"zero"}}, n=9, distance=2.0, seed=1
    ),
    "data.standardize": entry(data.standardize, {"like": {"None"}}, dataset=BIRDS, like=BIRDS),
    "data.split": entry(
        data.split, {"share": {"a fraction"}, "seed": {"zero"}}, dataset=BIRDS, share=0.2, seed=1
    ),
    "data.batches": entry(data.batches, {"seed": {"zero"}}, n=9, size=3, seed=1),
    "objectives.EmpiricalRisk": entry(
        objectives.EmpiricalRisk, model=models.Linear(), loss=losses.SquaredError(), dataset=BIRDS
    ),
    "objectives.checked": entry(objectives.checked, objective=BOWL),
    "objectives.value_and_gradient": entry(
        objectives.value_and_gradient,
        {"theta": {"an array with NaN", "read-only with NaN"}},
        objective=BOWL,
        theta=[1.0, 1.0],
    ),
    "gradients.numerical": entry(
        gradients.numerical, {"h": {"a fraction"}}, f=BOWL, theta=[1.0, 1.0], h=1e-6
    ),
    "gradients.complex_step": entry(
        gradients.complex_step, {"h": {"a fraction"}}, f=BOWL, theta=[1.0, 1.0], h=1e-100
    ),
    "gradients.check": entry(
        gradients.check,
        {"tolerance": {"zero", "a fraction"}, "gradient": {"None", "read-only with NaN"}},
        objective=BOWL,
        theta=[1.0, 1.0],
        tolerance=1e-6,
        gradient=BOWL.gradient,
    ),
    "gradients.hessian": entry(
        gradients.hessian, {"h": {"a fraction"}}, objective=RISK, theta=[1.0, 1.0], h=1e-5
    ),
    "gradients.sharpness": entry(
        gradients.sharpness,
        {"h": {"a fraction"}, "seed": {"zero"}},
        objective=RISK,
        theta=[1.0, 1.0],
        steps=3,
        seed=0,
        h=1e-5,
    ),
    "schedules.constant": entry(schedules.constant, {"rate": RATES}, rate=0.1),
    "schedules.check_rate": entry(
        schedules.check_rate, {"name": set(KINDS), "rate": RATES}, name="rate", rate=0.1
    ),
    "schedules.step_decay": entry(
        schedules.step_decay,
        {"rate": RATES, "factor": {"a fraction"}},
        rate=0.1,
        every=3,
        factor=0.5,
    ),
    "schedules.exponential": entry(
        schedules.exponential, {"rate": RATES, "decay": {"a fraction"}}, rate=0.1, decay=0.9
    ),
    "schedules.cosine": entry(
        schedules.cosine,
        {"rate": RATES, "final": {"zero", "a fraction"}},
        rate=0.1,
        steps=9,
        final=0.0,
    ),
    "schedules.warmup": entry(schedules.warmup, schedule=schedules.constant(0.1), steps=3),
    "optimizers.GradientDescent": entry(
        optimizers.GradientDescent, {"learning_rate": RATES}, learning_rate=0.1
    ),
    **{
        f"optimizers.{kind.__name__}": entry(
            kind,
            {"learning_rate": RATES, "beta": {"zero", "a fraction"}},
            learning_rate=0.1,
            beta=0.9,
        )
        for kind in (optimizers.Momentum, optimizers.Nesterov)
    },
    "optimizers.AdaGrad": entry(
        optimizers.AdaGrad,
        {"learning_rate": RATES, "eps": {"a fraction"}},
        learning_rate=0.1,
        eps=1e-8,
    ),
    "optimizers.RMSProp": entry(
        optimizers.RMSProp,
        {"learning_rate": RATES, "beta": {"zero", "a fraction"}, "eps": {"a fraction"}},
        learning_rate=0.1,
        beta=0.9,
        eps=1e-8,
    ),
    **{
        f"optimizers.{kind.__name__}": entry(
            kind,
            {
                "learning_rate": RATES,
                "beta1": {"zero", "a fraction"},
                "beta2": {"zero", "a fraction"},
                "eps": {"a fraction"},
                "weight_decay": {"zero", "a fraction"},
            },
            learning_rate=0.1,
            beta1=0.9,
            beta2=0.99,
            eps=1e-8,
            **more,
        )
        for kind, more in ((optimizers.Adam, {}), (optimizers.AdamW, {"weight_decay": 0.1}))
    },
    "descent.descend": entry(
        descent.descend,
        {"steps": {"zero"}, "batches": {"None"}},
        objective=RISK,
        start=[0.0, 0.0],
        optimizer=RULE,
        steps=2,
        batches=[[0, 1], [1, 2], [2, 3]],
    ),
    "descent.iterate": entry(
        lambda **given: next(descent.iterate(**given)),
        {"batches": {"None", "empty"}},
        objective=RISK,
        start=[0.0, 0.0],
        optimizer=RULE,
        batches=[[0, 1]],
    ),
    "sweeps.sweep": entry(
        sweeps.sweep,
        {"steps": {"zero"}},
        objective=BOWL,
        start=[[1.0, 1.0], [0.0, 1.0]],
        optimizer=RULE,
        steps=2,
        block=4,
    ),
    "sweeps.StepsTo": entry(sweeps.StepsTo, {"value": SIZES}, value=1.0),
    "sweeps.last": entry(lambda: sweeps.last(iter([(1, 2, 3)]))),
    **{
        f"closed_form.{solve.__name__}": entry(solve, X=X, y=y)
        for solve in (closed_form.normal_equation, closed_form.qr, closed_form.lstsq)
    },
    "closed_form.design": entry(closed_form.design, X=X),
    "closed_form.cost": entry(closed_form.cost, n=9, d=3),
    "losses.sigmoid": entry(lambda: losses.sigmoid(np.zeros(3))),
    "data.digits": entry(data.digits),
    "data.xor": entry(data.xor),
    "stage.Slider": entry(
        stage.Slider,
        {name: set(KINDS) for name in ("name", "label")} | {"value": {"zero", "a fraction"}},
        name="a",
        label="a",
        values=[0.0, 0.5, 1.0],
        value=0.5,
    ),
    "dial.Dial": entry(Dial, landscape=BOWL, at=[1.0, 1.0]),
    "film.film": entry(
        film.film,
        {"path": set(KINDS), "rate": {"a fraction"}, "objective": set(), "run": set(KINDS)},
        path="/nowhere/run.gif",
        objective=BOWL,
        run=descent.descend(BOWL, [1.0, 1.0], RULE, 2),
        rate=5,
    ),
    "answers.hint": entry(hint, name="rate-a", step=1),
    "answers.check": entry(check, {"answer": set(KINDS)}, name="rate-a", answer=None),
    "answers.Predictions.ask": entry(
        Predictions().ask, {"truth": set(KINDS), "on": set(KINDS)}, name="rate-slow", truth="x"
    ),
}
for landscape in landscapes.GALLERY:
    for method in ("__call__", "gradient", "hessian", "value_and_gradient"):
        inside = {"an array with NaN", "read-only with NaN", "complex"}
        ENTRIES[f"landscapes.{type(landscape).__name__}.{method}"] = entry(
            getattr(landscape, method),
            {"theta": inside if landscape.dimension == 2 else {"four axes"}},
            theta=np.ones(landscape.dimension),
        )
LOSSES = [losses.SquaredError(), losses.AbsoluteError(), losses.Huber(), losses.BinaryCrossEntropy()]
LOSSES += [losses.Brier(), losses.Hinge(), losses.ZeroOne(), losses.SoftmaxCrossEntropy()]
for loss in LOSSES:
    many = isinstance(loss, losses.SoftmaxCrossEntropy)
    for method in ("value", "slope"):
        fitting = {"four axes"} if many else set()
        numbers = {"NaN", "infinity", "minus infinity", "zero", "negative", "a fraction", "complex"}
        ENTRIES[f"losses.{type(loss).__name__}.{method}"] = entry(
            getattr(loss, method),
            {
                "prediction": {*fitting, *(set() if many else numbers)},
                "target": {"zero", "negative", "a fraction", "four axes"}
                if many
                else {"zero", "negative", "a fraction"},
            },
            prediction=np.zeros((3, 2)) if many else np.zeros(3),
            target=LABELS,
        )
for model, p in ((models.Linear(), 1), (models.Logistic(), 1), (models.Polynomial(2), 1),
                 (models.Softmax(2), 1), (models.Network((1, 2, 1)), 1)):  # fmt: skip
    for method in ("predict", "forward"):
        ENTRIES[f"models.{type(model).__name__}.{method}"] = entry(
            getattr(model, method),
            # What runs hot looks at the shape only: a run that diverged goes on.
            {
                "theta": {"complex", "an array with NaN", "read-only with NaN", "four axes"},
                "X": {"an array with NaN"},
            },
            theta=np.ones(model.size(p)),
            X=X,
        )


def cases():
    for name, (call, good, allowed) in ENTRIES.items():
        for argument in good:
            for kind in KINDS:
                if kind not in allowed.get(argument, ()):
                    yield pytest.param(call, good, argument, kind, id=f"{name}-{argument}-{kind}")


@pytest.mark.parametrize(("call", "good", "argument", "kind"), list(cases()))
def test_bad_input_is_refused_by_name(call, good, argument, kind):
    given = KINDS[kind]
    others = {name: value for name, value in good.items() if name != argument}
    before = {name: value.copy() for name, value in good.items() if isinstance(value, np.ndarray)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, TypeError)) as caught:
            call(**{argument: given}, **others)
    named = str(caught.value).split(": ")[0]
    assert named in (argument, ALSO.get(argument)), str(caught.value)
    assert "expected" in str(caught.value), str(caught.value)
    assert all(np.array_equal(good[name], value) for name, value in before.items())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_good_call_is_good(name, tmp_path):
    call, good, _ = ENTRIES[name]
    if "path" in good:
        good = {**good, "path": tmp_path / "run.gif"}
    call(**good)


MODULES = (closed_form, data, descent, gradients, landscapes, losses, models, objectives, optimizers)
MODULES += (schedules, sweeps, film)
BASES = {
    "Landscape",
    "Plane",
    "Spread",
    "Loss",
    "BinaryLoss",
    "Model",
    "Optimizer",
    "Objective",
    "Check",
}


def public():
    """Every public function and class of the core."""
    for module in MODULES:
        for name, value in vars(module).items():
            own = getattr(value, "__module__", "") == module.__name__
            if (
                own
                and name[0] != "_"
                and name not in BASES
                and isinstance(value, types.FunctionType | type)
            ):
                yield f"{module.__name__.removeprefix('gdlab.')}.{name}"


@pytest.mark.parametrize("name", list(public()))
def test_every_public_callable_stands_in_the_table(name):
    assert any(entry == name or entry.startswith(f"{name}.") for entry in ENTRIES), name


def test_a_record_too_large_is_refused_before_it_is_taken():
    lanes = np.broadcast_to(np.ones(2), (10**5, 2))
    with pytest.raises(
        MemoryError, match=r"^steps: 100000 steps of 200000 numbers would take 48\d\.\d GB"
    ):
        descent.descend(BOWL, lanes, RULE, steps=10**5)


def test_nothing_of_gdlab_is_missing_from_the_walk():
    assert {module.__name__ for module in MODULES} >= {
        f"gdlab.{name}" for name, value in vars(gdlab).items()
        if isinstance(value, types.ModuleType) and name in gdlab.__all__
    }  # fmt: skip
