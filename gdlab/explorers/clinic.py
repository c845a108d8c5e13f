"""The bug clinic: eleven sick programs, each beside its cure, under a learning-rate slider."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gdlab import data, landscapes, plots
from gdlab._arguments import option
from gdlab.explorers.common import POSITIONS, lanes, moving, xy
from gdlab.stage import Frames, Menu, Slider, Stage
from gdlab.words import ten

STEPS = 60
LOOKS = {
    "sick": {"color": plots.PATH, "linestyle": "-"},
    "cured": {"color": plots.TRUTH, "linestyle": (0, (5, 1.5))},
}


@dataclass(frozen=True)
class Patient:
    """A bug: its name, its symptom, the tool that finds it, a learning rate at which it shows.

    `run(rates, sick)`: the value above the minimum, shape (STEPS + 1, rates), of the sick line of code
    or of the cured one.
    """

    name: str
    symptom: str
    tool: str
    rate: float
    run: Callable
    sick: str
    cured: str


# --- the model: a line through the penguins, kilograms against standardized flipper length -----------


@functools.cache
def birds():
    """(x, y, best): standardized flipper lengths, body masses in kg, the parameters of the best line."""
    tidy = data.standardize(data.penguins())
    x, y = tidy.X[:, 0], tidy.y / 1000
    return x, y, np.array([(x * y).mean(), y.mean()])


def above(theta):
    """The mean squared error above its minimum. Mean 0 and deviation 1 of x make it a round bowl."""
    return ((theta - birds()[2]) ** 2).sum(axis=-1)


def slope(theta):
    """Its gradient."""
    return 2 * (theta - birds()[2])


def walk(rates, update, value=above, start=(0.0, 0.0)):
    """Values along θ ← θ + update(k, θ, α), a lane for each α."""
    theta, rates = np.zeros((len(rates), len(start))) + start, rates[:, None]
    values = np.empty((STEPS + 1, len(rates)))
    with np.errstate(all="ignore"):  # a sick run may fly off
        for k in range(STEPS + 1):
            values[k] = value(theta)
            theta = theta + update(k, theta, rates)
    return values


def _sign(rates, sick):
    return walk(rates, lambda k, theta, rate: (rate if sick else -rate) * slope(theta))


def _sum(rates, sick):
    times = len(birds()[0]) if sick else 1
    return walk(rates, lambda k, theta, rate: -rate * times * slope(theta))


def _unscaled(rates, sick):
    """The flippers in decimetres as they come: mean 2, deviation 0.14."""
    if not sick:
        return _sign(rates, False)
    flippers, y = data.penguins().X[:, 0] / 100, birds()[1]
    A = np.column_stack([flippers, np.ones(len(y))])
    G, best = A.T @ A / len(y), np.linalg.lstsq(A, y, rcond=None)[0]

    def value(theta):
        return ((theta - best) @ G * (theta - best)).sum(axis=-1)

    return walk(rates, lambda k, theta, rate: -rate * 2 * (theta - best) @ G, value)


def _broadcast(rates, sick):
    """Every prediction against every target: all that is left to learn is the mean."""
    target = birds()[2] * [0 if sick else 1, 1]
    return walk(rates, lambda k, theta, rate: -rate * 2 * (theta - target))


def _fine(rates, sick):
    x, y, best = birds()
    lowest, h = np.mean((best[0] * x + best[1] - y) ** 2), 1e-14 if sick else 1e-6

    def difference(k, theta, rate):
        rise = [lowest + above(theta + h * u) - (lowest + above(theta - h * u)) for u in np.eye(2)]
        return -rate * np.stack(rise, axis=-1) / (2 * h)

    return walk(rates, difference)


def _relu(rates, sick, hidden=4):
    """A network of one hidden layer, ŷ = max(0, t u + c) · v, learns |t| from 21 points."""
    t, rng = np.linspace(-2, 2, 21)[:, None], np.random.default_rng(0)
    start = rng.normal(size=(3, hidden)) * np.array([[1], [0.5], [hidden**-0.5]])

    def parts(theta):
        u, c, v = np.moveaxis(theta.reshape(-1, 1, 3, hidden), 2, 0)
        inputs = t * u + c
        outputs = np.maximum(inputs, 0)
        return inputs, outputs, v, (outputs * v).sum(axis=-1) - np.abs(t[:, 0])

    def update(k, theta, rate):
        inputs, outputs, v, residual = parts(theta)
        back = 2 / len(t) * residual[..., None]
        inner = back * v * ((outputs >= 0) if sick else (inputs > 0))
        slopes = [(inner * t).sum(axis=1), inner.sum(axis=1), (back * outputs).sum(axis=1)]
        return -rate * np.concatenate(slopes, axis=-1)

    return walk(rates, update, lambda theta: (parts(theta)[3] ** 2).mean(axis=-1), start.ravel())


def _remembered(rates, betas):
    """Momentum once for each β: the memory of one is what the next adds up."""
    memory = [np.zeros((len(rates), 2)) for _ in betas]

    def update(k, theta, rate):
        added = slope(theta)
        for i, beta in enumerate(betas):
            memory[i] = added = beta * memory[i] + added
        return -rate * added

    return walk(rates, update)


def _not_reset(rates, sick):
    return _remembered(rates, [1.0] if sick else [])


def _twice(rates, sick):
    return _remembered(rates, [0.9, 0.9] if sick else [0.9])


def _sequential(rates, sick):
    bowl = landscapes.Quadratic([1, 10], rotation=60)

    def update(k, theta, rate):
        change = -rate * bowl.gradient(theta)
        if sick:  # the second slope is taken where the first step has led
            moved = theta + change * [1, 0]
            change = change * [1, 0] - rate * bowl.gradient(moved) * [0, 1]
        return change

    return walk(rates, update, bowl, (-2.0, 1.5))


def _adam(rates, sick):
    """On ½ w², whose slope is w."""
    mean = squares = 0.0

    def update(k, theta, rate):
        nonlocal mean, squares
        count = k + (not sick)
        mean, squares = 0.9 * mean + 0.1 * theta, 0.999 * squares + 0.001 * theta**2
        scale = np.sqrt(squares / (1 - 0.999**count)) + 1e-8
        return -rate * mean / (1 - 0.9**count) / scale

    return walk(rates, update, lambda theta: 0.5 * theta[:, 0] ** 2, (2.0,))


def _restarted(rates, sick):
    """18 mini-batches of 19 birds, drawn anew, are one epoch; α falls as 1 / (1 + 0.3 k)."""
    x, y, _ = birds()
    rng, epochs = np.random.default_rng(2), STEPS // 18 + 1
    batches = np.concatenate([rng.permutation(len(x)).reshape(18, 19) for _ in range(epochs)])

    def update(k, theta, rate):
        rows, since = batches[k], k % 18 if sick else k
        residual = theta[:, :1] * x[rows] + theta[:, 1:] - y[rows]
        gradient = 2 * np.stack([(residual * x[rows]).mean(axis=-1), residual.mean(axis=-1)], axis=-1)
        return -rate / (1 + 0.3 * since) * gradient

    return walk(rates, update)


PATIENTS = (
    Patient("wrong sign", "climbs smoothly", "check: sign", 0.01, _sign,
            "residual = y - prediction", "residual = prediction - y"),
    Patient("a sum for a mean", "leaves in a few steps", "check: n times", 0.1, _sum,
            "2 * np.sum(residual * x)", "2 * np.mean(residual * x)"),
    Patient("unscaled feature", "falls, then crawls", "check passes: curvatures", 0.1, _unscaled,
            "x = flipper / 100", "x = (flipper - mean) / deviation"),
    Patient("(n,) minus (n, 1)", "falls, then stands", "check passes: shapes", 0.1, _broadcast,
            "residual = prediction - y[:, None]", "residual = prediction - y"),
    Patient("difference too fine", "stops just short", "two widths h", 0.2, _fine,
            "h = 1e-14", "h = 1e-6"),
    Patient("slope of ReLU", "stays too high", "check: inner layer", 0.3, _relu,
            "back * (outputs >= 0)", "back * (inputs > 0)"),
    Patient("not reset", "swings, never rests", "check: called twice", 0.01, _not_reset,
            "total = total + slope", "total = slope"),
    Patient("momentum twice", "swings higher and higher", "a ramp", 0.01, _twice,
            "v = 0.9 * v + slope, then u = 0.9 * u + v", "v = 0.9 * v + slope"),
    Patient("one after the other", "looks healthy", "one step by hand", 0.1, _sequential,
            "theta[0] moves first, then theta[1]", "both move at once"),
    Patient("Adam's count", "no number after one step", "one step by hand", 0.1, _adam,
            "mean / (1 - 0.9 ** k), k = 0, 1, 2, …", "mean / (1 - 0.9 ** (k + 1))"),
    Patient("schedule restarts", "jumps up every 18 steps", "draw α", 0.8, _restarted,
            "rate / (1 + 0.3 * k), k anew in each epoch", "rate / (1 + 0.3 * k), k counts on"),
)  # fmt: skip
NAMES = [patient.name for patient in PATIENTS]


def library(slope):
    """A gradient as the library of patient 7 gives it. Guess what is wrong before you read on."""
    total = 0

    def gradient(theta):
        nonlocal total
        total = total + slope(theta)
        return total

    return gradient


class Clinic(Stage):
    """A sick program and its cure side by side. Choose a patient, and drag the learning rate.

    Left the value after each step, right the value at the end for every learning rate, below the line
    that is sick and the line that cures it. Values are above the minimum, as shares of the first.

    `patient`: one of NAMES.
    """

    RATES = np.geomspace(1e-3, 3, POSITIONS)

    def __init__(self, patient="wrong sign", learning_rate=0.1):
        option("patient", patient, NAMES)
        figure, axes = plots.mosaic([["run", "ends"], ["code", "code"]], 4.3, heights=[5, 1])
        run, ends, code = (axes[name] for name in ("run", "ends", "code"))
        both = {"yscale": "log", "ylim": (1e-10, 1e3), "ylabel": "value, share of the first"}
        run.set(xlim=(-0.6, STEPS), xlabel="step", **both)
        ends.set(xscale="log", xlim=self.RATES[[0, -1]], xlabel="learning rate α", **both)
        run.set_title("The value at each step")
        ends.set_title("The highest value of the last 15 steps")
        code.set(xlim=(0, 1), ylim=(0, 1))
        code.axis("off")
        self._parts, marks = {}, []
        for (state, look), height in zip(LOOKS.items(), (0.75, 0.2), strict=True):
            code.plot([0, 0.05], [height] * 2, linewidth=2, **look)
            code.text(0.06, height, state, color=look["color"], va="center", fontweight="bold")
            words = code.text(0.14, height, "", va="center", fontsize=10.5, animated=True)
            dot = {**plots.point_style(look["color"]), "marker": "o" if state == "sick" else "s"}
            curve = moving(run, linewidth=1.8, marker=dot["marker"], markersize=2.4, **look)
            self._parts[state] = [curve, moving(ends, linewidth=1.6, **look), moving(ends, **dot), words]
            marks += self._parts[state]
        sliders = [
            Menu("patient", "patient", NAMES, NAMES.index(patient)),
            Slider("learning_rate", "learning rate α", self.RATES, learning_rate, along=ends),
        ]
        super().__init__(figure, marks, sliders[::-1])

    def frames(self, settings):
        """One frame a position, of the learning rate or of the menu."""
        asked, _ = lanes(settings)
        patients = np.rint(asked["patient"]).astype(int)
        step, marks, words = np.arange(STEPS + 1), {}, []
        for state, (curve, ends, dot, line) in self._parts.items():
            if np.ptp(patients):  # the menu's table: a run for each patient
                each = zip(patients, asked["learning_rate"][:, None], strict=True)
                runs = np.hstack([shares(i, rate, state) for i, rate in each])
                tried = np.array([worst(_all_shares(i, state)) for i in patients])
            else:
                runs = shares(patients[0], asked["learning_rate"], state)
                tried = worst(_all_shares(patients[0], state))
            marks[curve] = xy(step, runs.T)
            marks[ends] = xy(self.RATES, tried)
            marks[dot] = np.stack([asked["learning_rate"], worst(runs)], axis=-1)[:, None]
            marks[line] = [getattr(PATIENTS[i], state) for i in patients]
            words.append([_word(run) for run in runs.T])
        told = zip(patients, asked["learning_rate"], *words, strict=True)
        return Frames(marks, [self._sentence(*about) for about in told])

    def _sentence(self, i, rate, sick, cured):
        name = NAMES[i][0].upper() + NAMES[i][1:]
        return f"{name}, α = {rate:.3g}, {STEPS} steps: the sick run {sick}, the cured one {cured}."


def shares(patient, rates, state):
    """The values of a patient's runs as shares of the first, shape (STEPS + 1, rates)."""
    if len(rates) > 1 and np.array_equal(rates, Clinic.RATES):
        return _all_shares(patient, state)
    values = PATIENTS[patient].run(rates, state == "sick")
    return np.maximum(values / values[0], 1e-16)  # 0 has no place on a logarithmic axis


def worst(runs):
    """The highest share in the last 15 steps: NaN where one is no number."""
    with np.errstate(all="ignore"):
        return runs[-15:].max(axis=0)


@functools.cache
def _all_shares(patient, state):
    """The same for all positions of the slider: it depends on nothing else."""
    values = PATIENTS[patient].run(Clinic.RATES, state == "sick")
    return np.maximum(values / values[0], 1e-16)


def _word(run):
    """How a run ended, in words."""
    highest = worst(run)
    if not highest <= 10:
        return "is no number from the first step on" if np.isnan(run[1]) else "flies off"
    if highest > 0.9:
        return "is about as high as at the start, or higher"
    power = round(np.log10(highest))
    return "arrives" if power < -12 else f"is near {_power(power)} of its start"


def _power(power):
    return {0: "half", -1: "a tenth", -2: "a hundredth", -3: "a thousandth"}.get(power) or ten(power)
