"""Move explorers ten thousand times, and see that memory and figures stay what they were: `make soak`.

python tools/soak.py [moves]
"""

import gc
import sys

import numpy as np
import psutil
from matplotlib.figure import Figure

from gdlab import explorers, landscapes

ROUNDS = 5  # the first warms up; from the second to the last nothing may grow
LIMIT = 5.0  # MB
MADE = {
    "LearningRate": lambda: explorers.LearningRate(landscapes.Quadratic([1, 10]), start=[-2, 1.5]),
    "Atlas": explorers.Atlas,
    "Compass": lambda: explorers.Compass(landscapes.Himmelblau(), at=[1, 1]),
    "Gallery": explorers.Gallery,
    "LineFit": explorers.LineFit,
    "Basins": explorers.Basins,
    "Race": explorers.Race,
    "Wiring": explorers.Wiring,
}


def moved(stage, rng):
    """One move as the page makes it: values, then a question."""
    name = rng.choice(list(stage._sliders))
    value = float(rng.choice(stage._sliders[name].values))
    setattr(stage, name, value)
    kind = "table" if stage._sliders[name].ahead and rng.random() < 0.1 else "frame"
    stage._answer(None, {"kind": kind, "slider": name, "settings": stage.settings}, [])


def measured():
    """(resident megabytes, live figures)."""
    gc.collect()
    figures = sum(isinstance(thing, Figure) for thing in gc.get_objects())
    return psutil.Process().memory_info().rss / 1e6, figures


def main(moves=10_000):
    """Soak every explorer; exit 1 where something grew or an answer was an error."""
    print("| explorer | moves | memory grew | figures | errors |\n|---|---|---|---|---|")
    failed = False
    for name, make in MADE.items():
        stage, rng, errors = make(), np.random.default_rng(0), []
        stage = getattr(stage, "stage", stage)
        stage.send = lambda content, buffers=None, errors=errors: (
            errors.append(content) if "error" in content else None
        )
        marks = []
        for _ in range(ROUNDS):
            for _ in range(moves // ROUNDS):
                moved(stage, rng)
            marks.append(measured())
        grew, figures = marks[-1][0] - marks[0][0], marks[-1][1] - marks[0][1]
        print(f"| {name} | {moves} | {grew:.1f} MB | {figures:+d} | {len(errors)} |", flush=True)
        failed |= grew > LIMIT or figures != 0 or bool(errors)
    sys.exit(failed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
