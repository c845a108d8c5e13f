"""Imports point one way: the table is the architecture, and every module is in it."""

import ast
import sys
from pathlib import Path

import pytest

import gdlab

PACKAGE = Path(gdlab.__file__).parent
CORE = {"losses", "models", "data", "landscapes", "schedules", "closed_form", "objectives"}
CORE |= {"optimizers", "gradients", "trajectory", "descent", "sweeps", "_arguments"}
WIDGETS = {"matplotlib", "ipywidgets", "anywidget", "traitlets"}

# module: (what it may import of gdlab, what else beside the standard library)
ARROWS = {
    "__init__": (CORE, set()),
    "_arguments": (set(), {"numpy"}),
    "losses": ({"_arguments"}, {"numpy"}),
    "models": ({"_arguments", "losses"}, {"numpy"}),
    "data": ({"_arguments"}, {"numpy"}),
    "landscapes": ({"_arguments"}, {"numpy"}),
    "schedules": ({"_arguments"}, {"numpy"}),
    "closed_form": ({"_arguments"}, {"numpy"}),
    "trajectory": (set(), {"numpy"}),
    "objectives": ({"_arguments", "data", "losses", "models"}, {"numpy"}),
    "optimizers": ({"_arguments", "schedules"}, {"numpy"}),
    "gradients": ({"_arguments", "objectives"}, {"numpy"}),
    "descent": ({"_arguments", "objectives", "optimizers", "trajectory"}, {"numpy"}),
    "sweeps": ({"_arguments", "descent", "objectives", "optimizers"}, {"numpy"}),
    "plots": ({"_arguments"}, {"numpy", "matplotlib"}),
    "film": ({"_arguments", "plots", "trajectory"}, {"numpy", "matplotlib"}),
    "page": (set(), {"numpy"}),
    "cells": (set(), {"IPython"}),
    "words": (set(), set()),
    "stage": ({"_arguments", "cells", "page", "plots", "words"}, {"numpy", "PIL"} | WIDGETS),
    "dial": ({"_arguments", "plots", "stage"}, {"numpy"} | WIDGETS),
    "explorers": (CORE | {"stage", "plots", "words"}, {"numpy", "tqdm"} | WIDGETS),
    "installation": ({"data"}, set()),
    "grading": ({"_arguments"}, {"numpy"}),
    "exercises": (CORE | {"grading"}, {"numpy"}),
    "answers": (
        {"_arguments", "cells", "dial", "exercises", "grading"},
        {"numpy", "ipywidgets"},
    ),
}


def imports(tree):
    """The dotted names a module imports: 'gdlab.data', 'numpy', 'matplotlib.figure', ..."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "gdlab." * bool(node.level) + (node.module or "")
            yield from (f"{origin.rstrip('.')}.{alias.name}" for alias in node.names)


def forbidden(module, tree):
    """What this module imports though the table has no arrow for it."""
    own, others = ARROWS[module]
    for name in imports(tree):
        top, second = [*name.split("."), ""][:2]
        if top == "gdlab":
            if second not in own | {module}:
                yield name
        elif top not in others | set(sys.stdlib_module_names) or name.startswith("matplotlib.pyplot"):
            yield name


MODULES = {
    path: path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")
}


@pytest.mark.parametrize("path", sorted(MODULES), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_follow_the_arrows(path):
    assert MODULES[path] in ARROWS, f"{path.name} is not in the table"
    assert list(forbidden(MODULES[path], ast.parse(path.read_text()))) == []


def test_the_arrows_form_no_circle():
    left = {module: set(own) for module, (own, _) in ARROWS.items()}
    while left:
        leaves = {module for module, own in left.items() if not own}
        assert leaves, f"a circle among {sorted(left)}"
        left = {module: own - leaves for module, own in left.items() if module not in leaves}


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("losses", "from gdlab.descent import descend"),
        ("losses", "from gdlab import descent"),
        ("losses", "import gdlab.descent as d"),
        ("losses", "from .descent import descend"),
        ("losses", "from . import descent"),
        ("losses", "def late():\n    from gdlab.descent import descend"),
        ("trajectory", "from gdlab._arguments import array"),
        ("plots", "from gdlab import Trajectory"),
        ("answers", "from gdlab import explorers"),
        ("descent", "import matplotlib"),
        ("data", "import pandas as pd"),
        ("data", "from scipy.optimize import minimize"),
        ("plots", "from matplotlib import pyplot as plt"),
        ("plots", "import matplotlib.pyplot as plt"),
        ("plots", "import ipywidgets"),
    ],
)
def test_the_search_finds_what_is_planted(module, planted):
    assert list(forbidden(module, ast.parse(planted)))
