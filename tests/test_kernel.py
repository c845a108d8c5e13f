"""Every kind of explorer in a real kernel: moved by what a page sends, and by what none should send."""

import sys
from pathlib import Path

import numpy as np
import pytest
import test_explorers
import test_explorers_batch
import test_explorers_clinic
import test_explorers_grad
import test_explorers_land
import test_explorers_nonconvex
import test_explorers_optim

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS.parent / "tools"))
from soak import Kernel  # noqa: E402 it lies among the tools

FAMILIES = (
    (test_explorers, "EXPLORERS"),
    (test_explorers_batch, "EXPLORERS"),
    (test_explorers_clinic, "EXPLORERS"),
    (test_explorers_grad, "EXPLORERS"),
    (test_explorers_land, "MAKERS"),
    (test_explorers_nonconvex, "MAKERS"),
    (test_explorers_optim, "EXPLORERS"),
)
MAKERS = [
    f"{each.__name__}.{table}[{name!r}]" for each, table in FAMILIES for name in getattr(each, table)
]
MAKERS += ["explorers.Phase", "explorers.PolynomialFit"]
BAD_VALUES = (None, "0.5", 1e308, -1e308, [1], {})  # a page sends NaN as None
BAD_QUESTIONS = (
    {},
    {"kind": "frame"},
    {"kind": "frame", "settings": []},
    {"kind": "frame", "settings": {"no such slider": 1}},
    {"kind": "table", "slider": "no such slider", "settings": {}},
    {"kind": "zoom", "settings": {}, "window": "all"},
    {"kind": "__class__", "settings": {}},
)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    families = ", ".join(path.stem for path in TESTS.glob("test_explorers*.py"))
    kernel.run(f"import sys; sys.path.insert(0, {str(TESTS)!r})\nfrom gdlab import explorers")
    kernel.run(f"import {families}")
    yield kernel
    kernel.stop()


@pytest.mark.parametrize("maker", MAKERS)
def test_an_explorer_obeys_its_page_and_survives_a_bad_one(kernel, maker):
    kernel.show(f"shown = {maker}()\nstage = getattr(shown, 'stage', shown)")
    settings, rng = kernel.value("stage.settings"), np.random.default_rng(0)
    for name, (_, values) in kernel.controls.items():
        for value in (values[0], values[-1], float(rng.choice(values))):
            settings[name] = value
            assert [heard["msg_type"] for heard in kernel.set(**{name: value})] == ["status"]
            assert kernel.value("stage.settings") == settings
            (answer,) = kernel.ask(kind="frame", slider=name, settings=settings)
            assert answer["at"] == settings and answer["sentences"] == [kernel.value("stage.sentence")]
        for bad in BAD_VALUES:
            kernel.set(**{name: bad})
            assert kernel.value("stage.settings") == settings, bad
        (answer,) = kernel.ask(kind="frame", slider=name, settings={**settings, name: "far"})
        assert "error" in answer
    for question in BAD_QUESTIONS:
        (answer,) = kernel.ask(**question)
        assert set(answer) == {"error"}, question
    name = next(iter(kernel.controls))
    kernel.run("def fail(settings): raise RuntimeError('no picture today')\nstage.frames = fail")
    assert kernel.ask(kind="frame", slider=name, settings=settings) == [
        {"error": "RuntimeError: no picture today"}
    ]
    kernel.run("del stage.frames")
    (answer,) = kernel.ask(kind="frame", slider=name, settings=settings)
    assert answer["sentences"] == [kernel.value("stage.sentence")]
