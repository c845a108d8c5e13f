"""Write tests/reference_paths.json: PyTorch's own paths down the Rosenbrock valley, to 16 digits.

    pip install torch==2.13.0 numpy
    python tools/reference_paths.py

`tests/test_optimizers.py` compares every optimizer with that file. This script is no part of the test
run and imports nothing of gdlab; run it again only to check against another version of PyTorch.
"""

import json
import platform
import re
from pathlib import Path

import torch

FILE = Path(__file__).resolve().parent.parent / "tests" / "reference_paths.json"
START, STEPS, EVERY = (-1.2, 1.0), 200, 10

OPTIMIZERS = {
    "SGD": (torch.optim.SGD, {"lr": 1e-3}),
    "SGD, momentum": (torch.optim.SGD, {"lr": 1e-3, "momentum": 0.9}),
    "SGD, Nesterov": (torch.optim.SGD, {"lr": 1e-4, "momentum": 0.9, "nesterov": True}),
    "Adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "RMSprop": (torch.optim.RMSprop, {"lr": 0.01}),
    "Adam": (torch.optim.Adam, {"lr": 0.01}),
    "AdamW": (torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
}


def path(kind, settings):
    """The start and the point after each step, and every setting with its default filled in."""
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = kind([theta], **settings)
    points = [theta.tolist()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        x, y = theta
        ((1 - x) ** 2 + 100 * (y - x**2) ** 2).backward()
        optimizer.step()
        points.append(theta.tolist())
    numbers = {name: value for name, value in optimizer.defaults.items() if value is not None}
    return points, numbers


def main():
    record = {
        "made_by": "tools/reference_paths.py",
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "objective": "(1 - x)**2 + 100 * (y - x**2)**2",
        "start": START,
        "steps": STEPS,
        "every": EVERY,
        "paths": {},
    }
    for name, (kind, settings) in OPTIMIZERS.items():
        points, numbers = path(kind, settings)
        record["paths"][name] = {"settings": numbers, "points": points[::EVERY]}
    # json writes a float as repr does: the shortest text that reads back as the same float.
    text = json.dumps(record, indent=1)
    one_line = re.sub(r"\[\s+([^][]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)
    FILE.write_text(one_line + "\n")


if __name__ == "__main__":
    main()
