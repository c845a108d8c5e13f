"""What a recorded step costs: `python benchmarks/loops.py`, or with all the rest by `make bench`.

*Loop*: one run, against the same loop written otherwise (`others.py`); all must end at the same value.
*Lanes*: very many learning rates at once. *Growth*: how the cost grows. *Start*: the import, and every
notebook run and compared. PyTorch and JAX are extras: see requirements.txt beside this file.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import others
from others import BATCH, BIRDS, BOWL, BOWL_RATE, BOWL_START, DIGITS, SIZES
from table import in_turn, main, optional

from gdlab import EmpiricalRisk, GradientDescent, data, descend, landscapes, losses, models

ROUNDS = 9
STEPS = 1000  # of the loops; the network takes a fifth
RATES, LANE_STEPS = 10_000, 100
GROWTH = (1, 2, 4, 8, 16)  # times the smallest size
NOTEBOOKS = sorted(Path(__file__).resolve().parents[1].glob("notebooks/*.ipynb"))


def loop(table):
    """Microseconds a recorded step."""
    steps, start = STEPS, models.Network(SIZES).start(seed=0)
    draw = data.batches(len(DIGITS), BATCH, seed=0)
    batches = [next(draw) for _ in range(steps // 5 + 1)]
    bowl = landscapes.Quadratic(np.diag(BOWL))
    birds = EmpiricalRisk(models.Logistic(), losses.BinaryCrossEntropy(), BIRDS)
    reader = EmpiricalRisk(models.Network(SIZES), losses.SoftmaxCrossEntropy(), DIGITS)
    rule, slow = GradientDescent(1.0), GradientDescent(0.1)
    ours = {
        "bowl": lambda: descend(bowl, BOWL_START, GradientDescent(BOWL_RATE), steps),
        "logistic regression": lambda: descend(birds, np.zeros(3), rule, steps),
        "digits network": lambda: descend(reader, start, slow, len(batches) - 1, batches),
    }
    by_hand = {
        "bowl": lambda: others.bowl_by_hand(steps),
        "logistic regression": lambda: others.logistic_by_hand(steps),
        "digits network": lambda: others.network_by_hand(start, batches),
    }
    rivals = {"NumPy by hand": by_hand}
    rivals |= {"PyTorch": others.torch_loops(steps, start, batches)} if optional("torch") else {}
    rivals |= {"JAX, a jitted step": others.jax_loops(steps, start, batches)} if optional("jax") else {}
    for name in ours:
        end = ours[name]().values[-1]
        for other, loops in rivals.items():
            if not np.isclose(loops[name](), end, rtol=1e-6, atol=1e-12):
                raise AssertionError(f"{other} ends elsewhere on the {name}: nothing to compare")
        tasks = {"gdlab": ours[name]} | {other: loops[name] for other, loops in rivals.items()}
        network = name == "digits network"
        medians = in_turn(tasks, ROUNDS)
        scale = 1e6 / (len(batches) if network else steps + 1)
        targets = {"NumPy by hand": "ratio ≤ 1.5", "PyTorch": f"ratio ≤ {1 if network else 0.1}"}
        targets["JAX, a jitted step"] = "" if network else "ratio ≤ 0.5"
        for other, target in targets.items():
            what = "Loop", f"a recorded step, {name}", other
            if other in medians:
                table.row(*what, scale * medians["gdlab"], scale * medians[other], "µs", target)
            else:
                table.missing(*what, "torch" if other == "PyTorch" else "jax")


def lanes(table):
    """Nanoseconds a lane-step: all learning rates at once."""
    rates, few = np.geomspace(1e-3, 0.19, RATES), 20
    bowl, rule = landscapes.Quadratic(np.diag(BOWL)), GradientDescent(rates)
    run = descend(bowl, BOWL_START, rule, LANE_STEPS)
    size = run.thetas.nbytes + run.values.nbytes + run.gradients.nbytes
    memory = np.empty(size // 8)
    del run
    tasks = {
        "gdlab": lambda: descend(bowl, BOWL_START, rule, LANE_STEPS),
        "a Python loop by hand": lambda: [others.bowl_by_hand(LANE_STEPS) for _ in range(few)],
        "filling memory with the bytes recorded": lambda: memory.fill(1.0),
    }
    other = "JAX, vmap and scan"
    tasks |= {other: others.jax_lanes(rates, LANE_STEPS)} if optional("jax") else {}
    medians = in_turn(tasks, ROUNDS)
    scale, what = 1e9 / (RATES * LANE_STEPS), f"a recorded step of a lane, {RATES:,} learning rates"
    medians["a Python loop by hand"] *= RATES / few
    targets = {other: "ratio ≤ 1", "a Python loop by hand": ""}
    targets["filling memory with the bytes recorded"] = "ratio ≤ 6"
    for other, target in targets.items():
        if other in medians:
            ours = scale * medians["gdlab"]
            table.row("Lanes", what, other, ours, scale * medians[other], "ns", target)
        else:
            table.missing("Lanes", what, other, "jax")


def growth(table):
    """Slopes on log-log axes: 1 is as many times the cost as the size."""
    bowl, rule = landscapes.Quadratic(np.diag(BOWL)), GradientDescent(1e-3)

    def steps(n):
        return lambda: descend(bowl, BOWL_START, rule, n)

    def parameters(n):
        land, start = landscapes.StyblinskiTang(n), np.ones(n)
        return lambda: descend(land, start, rule, 20)

    def examples(n):
        risk = EmpiricalRisk(models.Logistic(), losses.BinaryCrossEntropy(), data.blobs(n))
        return lambda: descend(risk, np.zeros(3), rule, 20)

    def rates(n):
        many = GradientDescent(np.geomspace(1e-3, 0.19, n))
        return lambda: descend(bowl, BOWL_START, many, 20)

    smallest = {steps: STEPS, parameters: RATES, examples: RATES, rates: RATES}
    for kind, size in smallest.items():
        sizes = [size * times for times in GROWTH]
        medians = in_turn({n: kind(n) for n in sizes}, ROUNDS)
        slope = np.polyfit(np.log(sizes), np.log([medians[n] for n in sizes]), 1)[0]
        what = f"slope of log cost over log {kind.__name__}, {sizes[0]:,} to {sizes[-1]:,}"
        table.row("Growth", what, "a cost in proportion", slope, 1.0)


def start(table):
    """The import, in a fresh Python each time, with both packages compiled."""
    with tempfile.TemporaryDirectory() as compiled:
        own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        own["PYTHONPYCACHEPREFIX"] = compiled

        def milliseconds(package):
            code = (
                f"import time; t = time.perf_counter(); import {package}; print(time.perf_counter() - t)"
            )
            command, how = [sys.executable, "-c", code], {"capture_output": True, "text": True}
            return 1e3 * float(subprocess.run(command, check=True, env=own, **how).stdout)

        times = [(milliseconds("gdlab"), milliseconds("numpy")) for _ in range(2 * ROUNDS + 1)]
    ours, theirs = map(statistics.median, zip(*times[1:], strict=True))  # the first one compiles
    table.row("Start", "`import gdlab`", "`import numpy`", ours, theirs, "ms", "ratio ≤ 1.2")


def notebooks(table):
    """Every notebook run from top to bottom and compared with what is stored, one after another."""
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", *NOTEBOOKS]
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - begun
    what = "strict nbval of every notebook"
    table.row("Start", what, "the four minutes it may take", seconds, 240, "s", "ratio ≤ 1")


def measure(table):
    """All five parts."""
    for part in (loop, lanes, growth, start, notebooks):
        part(table)


if __name__ == "__main__":
    main("loops", measure)
