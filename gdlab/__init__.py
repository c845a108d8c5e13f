"""gdlab: gradient descent, to be read, run and watched.

Losses, models, data and landscapes make an objective; an optimizer goes down it; `descend` records
the run, `sweep` sums up very many. Pictures live in `gdlab.plots`, `gdlab.stage` and `gdlab.explorers`,
exercises in `gdlab.answers`: they are imported by name, so that `import gdlab` needs NumPy only.
"""

from importlib import import_module

from gdlab.descent import descend, iterate
from gdlab.objectives import EmpiricalRisk
from gdlab.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)
from gdlab.sweeps import sweep
from gdlab.trajectory import Trajectory

__version__ = "0.1.0"

__all__ = [
    "AdaGrad",
    "Adam",
    "AdamW",
    "EmpiricalRisk",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "RMSProp",
    "Trajectory",
    "closed_form",
    "data",
    "descend",
    "gradients",
    "iterate",
    "landscapes",
    "losses",
    "models",
    "schedules",
    "sweep",
    "sweeps",
]


def __getattr__(name):
    # The modules that the loop does without are loaded when they are first named: landscapes alone
    # would make a third of the import.
    if name in __all__:
        return import_module(f"gdlab.{name}")
    raise AttributeError(f"module 'gdlab' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
