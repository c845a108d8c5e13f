"""Every notebook in JupyterLab: Run All, the keys on every slider, and the picture against the kernel.

What is drawn is compared with what the notebook's own kernel says of the same explorer.
"""

import ast
import json
import re

import numpy as np
import pytest
from conftest import NOTEBOOKS
from jupyter_client import BlockingKernelClient
from test_lab import OUTLINE, Lab, code

# For the kernel: what the explorer that a cell has shown has on its stage now, lines in pixels.
LOOK = """
def _look(cell):
    import json
    import numpy
    stage = getattr(Out.get(cell), "stage", Out.get(cell))
    if not hasattr(stage, "_one"):
        return "null"
    frame, lines = stage._one(stage.settings), []
    for mark in stage._marks:
        line = hasattr(mark, "get_xdata")
        pixels = line and stage._pixels(mark, numpy.asarray(frame.marks[mark], dtype=float))
        lines.append(pixels.reshape(-1, 2).round(3).tolist() if line else None)
    return json.dumps([stage.settings, stage.sentence, lines])
"""

# On the page: what every line shows, and the sentence.
READ = """stage => [
    [...stage.querySelectorAll(".gdlab-mark")].map(mark => {
        const paths = mark.querySelectorAll(":scope > path");
        return paths.length ? paths[paths.length - 1].getAttribute("d") : null; }),
    stage.querySelector(".gdlab-sentence").textContent]"""

# Controls in outputs that have no name for a screen reader.
UNNAMED = """() => [...document.querySelectorAll(
    ".jp-OutputArea :is(input, select, button, textarea, [tabindex='0'][role])")]
    .filter(node => !(node.getAttribute("aria-label") || node.title || node.textContent.trim() ||
        [...(node.labels ?? [])].some(label => label.textContent.trim()) || node.placeholder))
    .map(node => node.outerHTML.slice(0, 150))"""


@pytest.fixture(params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def opened(request, lab, chromium, root, runtime):
    """A notebook, run from top to bottom, and a line to its kernel."""
    before = set(runtime.glob("kernel-*.json"))
    page = Lab(chromium, lab(request.param), len(code(root, request.param)))
    page.run_all()
    (connection,) = set(runtime.glob("kernel-*.json")) - before
    kernel = BlockingKernelClient(connection_file=str(connection))
    kernel.load_connection_file()
    kernel.start_channels()
    page.kernel = kernel
    yield page
    kernel.shutdown()
    kernel.stop_channels()
    page.page.context.close()


def asked(page, cell):
    """What the kernel says of the explorer of a cell, None where it shows none."""
    look = {"silent": True, "user_expressions": {"it": f"_look({cell})"}}
    reply = page.kernel.execute(LOOK, reply=True, timeout=20, **look)
    answer = reply["content"]["user_expressions"]["it"]
    assert answer["status"] == "ok", answer
    return json.loads(ast.literal_eval(answer["data"]["text/plain"]))


def difference(drawn, known):
    """What differs between page and kernel, or None."""
    (marks, sentence), (_, words, pixels) = drawn, known
    if sentence != words:
        return f"the page says {sentence!r}, the kernel {words!r}"
    for mark, right in zip(marks, pixels, strict=True):
        if right is None or mark is None:
            continue
        right = np.array(right, dtype=float).reshape(-1, 2)
        right = right[~np.isnan(right).any(axis=1)]
        found = np.array([at for _, *at in OUTLINE.findall(mark)], dtype=float).reshape(-1, 2)
        if len(found) != len(right) or np.abs(found - right).max(initial=0) > 0.1:
            return "a mark lies elsewhere"
    return None


def test_every_explorer_of_the_notebook_follows_its_keys(opened):
    page, tried = opened.page, 0
    assert page.locator(".jp-Dialog").count() == 0
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    numbers = [int(re.search(r"\d+", prompt)[0]) for prompt in opened.prompts()]
    for index, number in enumerate(numbers):
        known = asked(opened, number)
        if known is None or not known[0]:
            continue
        stage = cells.nth(index).locator(".gdlab-stage")
        opened.until(lambda stage=stage: stage.count() == 1, 20, f"the stage of cell {number}")
        for summary in stage.locator("summary").all():
            summary.evaluate("node => { node.parentNode.open = true; }")
        for name in known[0]:
            control = stage.locator(f"[data-name={name}]")
            control.scroll_into_view_if_needed()
            control.focus()
            for key in ("End", "ArrowLeft", "Home", "ArrowRight"):
                page.keyboard.press(key)
                page.wait_for_timeout(160)  # the value reaches the kernel at most eight times a second

                def agree(stage=stage, number=number):
                    return difference(stage.evaluate(READ), asked(opened, number)) is None

                opened.until(agree, 12, f"{name} of cell {number} after {key}: agreement")
            tried += 1
        assert stage.locator(".gdlab-error").is_hidden()
    assert tried > 0
    assert page.evaluate(UNNAMED) == []
    assert opened.errors == [] and opened.elsewhere == []
