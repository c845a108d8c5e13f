"""Every kind of explorer in a real kernel: moved by what a page sends, and by what none should send."""

import sys
from pathlib import Path

import numpy as np
import pytest
from every import EXPLORERS

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS.parent / "tools"))
from soak import Kernel  # noqa: E402 it lies among the tools

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
    kernel.run(f"import sys; sys.path.insert(0, {str(TESTS)!r})\nfrom every import EXPLORERS")
    yield kernel
    kernel.stop()


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_obeys_its_page_and_survives_a_bad_one(kernel, name):
    kernel.show(f"stage = EXPLORERS[{name!r}]()")
    settings, rng = kernel.value("stage.settings"), np.random.default_rng(0)
    for slider, (_, values) in kernel.controls.items():
        for value in (values[0], values[-1], float(rng.choice(values))):
            settings[slider] = value
            assert [heard["msg_type"] for heard in kernel.set(**{slider: value})] == ["status"]
            assert kernel.value("stage.settings") == settings
            (answer,) = kernel.ask(kind="frame", slider=slider, settings=settings)
            assert answer["at"] == settings and answer["sentences"] == [kernel.value("stage.sentence")]
        for bad in BAD_VALUES:
            kernel.set(**{slider: bad})
            assert kernel.value("stage.settings") == settings, bad
        (answer,) = kernel.ask(kind="frame", slider=slider, settings={**settings, slider: "far"})
        assert "error" in answer
    for question in BAD_QUESTIONS:
        (answer,) = kernel.ask(**question)
        assert set(answer) == {"error"}, question
    slider = next(iter(kernel.controls))
    kernel.run("def fail(settings): raise RuntimeError('no picture today')\nstage.frames = fail")
    assert kernel.ask(kind="frame", slider=slider, settings=settings) == [
        {"error": "RuntimeError: no picture today"}
    ]
    kernel.run("del stage.frames")
    (answer,) = kernel.ask(kind="frame", slider=slider, settings=settings)
    assert answer["sentences"] == [kernel.value("stage.sentence")]
