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
from test_lab import OUTLINE, Lab, code, pictures

# For the kernel: what the explorer that a cell has shown has on its stage now, lines in pixels; or what
# it would have there with one slider at another position.
LOOK = """
def _look(cell, slider=None, position=None):
    import json
    import numpy
    stage = getattr(Out.get(cell), "stage", Out.get(cell))
    if not hasattr(stage, "_one"):
        return "null"
    settings = stage.settings
    if slider:
        settings[slider] = float(stage._sliders[slider].values[position])
    frame, lines = stage._one(settings), []
    for mark in stage._marks:
        line = hasattr(mark, "get_xdata")
        pixels = line and stage._pixels(mark, numpy.asarray(frame.marks[mark], dtype=float))
        lines.append(pixels.reshape(-1, 2).round(3).tolist() if line else None)
    return json.dumps([settings, frame.sentences[0], lines])
"""

# On the page: what every line shows, and the sentence.
READ = """stage => [
    [...stage.querySelectorAll(".gdlab-mark")].map(mark => {
        const paths = mark.querySelectorAll(":scope > path");
        return paths.length ? paths[paths.length - 1].getAttribute("d") : null; }),
    stage.querySelector(".gdlab-sentence").textContent]"""

POSITION = "node => node.tagName === 'SELECT' ? node.selectedIndex : node.valueAsNumber"

# Controls in outputs that have no name for a screen reader.
UNNAMED = """() => [...document.querySelectorAll(
    ".jp-OutputArea :is(input, select, button, textarea, [tabindex='0'][role])")]
    .filter(node => !(node.getAttribute("aria-label") || node.title || node.textContent.trim() ||
        [...(node.labels ?? [])].some(label => label.textContent.trim()) || node.placeholder))
    .map(node => node.outerHTML.slice(0, 150))"""

# The notebook's kernel, ended by the server. One that is told to stop is only started anew.
END = """async name => {
    const session = (await (await fetch("/api/sessions")).json()).find(each => each.path === name);
    const token = document.cookie.match(/_xsrf=([^;]*)/)?.[1];
    const asked = {method: "DELETE", headers: {"X-XSRFToken": token}};
    return (await fetch(`/api/sessions/${session.id}`, asked)).status; }"""


@pytest.fixture(scope="module", params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def opened(request, lab, profile, root, runtime):
    """A notebook, run from top to bottom, and a line to its kernel."""
    before = set(runtime.glob("kernel-*.json"))
    page = Lab(profile, lab(request.param), len(code(root, request.param)))
    page.name = request.param
    page.pictures = pictures(root, request.param)
    page.until(lambda: shown(page) == [0, page.pictures], 10, "the stored pictures")
    page.run_all()
    (connection,) = set(runtime.glob("kernel-*.json")) - before
    kernel = BlockingKernelClient(connection_file=str(connection))
    kernel.load_connection_file()
    kernel.start_channels()
    page.kernel = kernel
    yield page
    kernel.stop_channels()
    assert page.page.evaluate(END, page.name) == 204
    page.page.close()


def shown(page):
    """How many stages and how many still pictures the notebook shows."""
    kinds = (".gdlab-stage", ".jp-RenderedImage img")
    return [page.page.locator(f".jp-Notebook {kind}").count() for kind in kinds]


def asked(page, cell, *position):
    """What the kernel says of the explorer of a cell, None where it shows none."""
    look = {"silent": True, "user_expressions": {"it": f"_look{(cell, *position)}"}}
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


def drag(page, area, shares):
    """Press at the first place, given as shares of a control's box, and drag to the others."""
    box = area.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def test_every_explorer_of_the_notebook_follows_its_keys_and_the_mouse(opened):
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

            def agree(stage=stage, number=number, name=name, control=control):
                right = asked(opened, number, name, control.evaluate(POSITION))
                return difference(stage.evaluate(READ), right) is None

            for key in ("End", "ArrowLeft", "Home", "ArrowRight", "PageUp", "PageDown"):
                page.keyboard.press(key)
                opened.until(agree, 12, f"{name} of cell {number} after {key}: agreement")

            if control.evaluate("node => node.type === 'range'"):
                drag(page, control, [(0.1, 0.5), (0.8, 0.5), (0.3, 0.5)])
                opened.until(agree, 12, f"{name} of cell {number} after a drag: agreement")

            def told(number=number, name=name, control=control):
                right = asked(opened, number, name, control.evaluate(POSITION))
                return asked(opened, number) == right

            opened.until(told, 12, f"{name} of cell {number}: the kernel is told")
            tried += 1
        for handle in stage.locator(".gdlab-handle").all():
            handle.scroll_into_view_if_needed()
            zooms = "zoom" in handle.get_attribute("aria-label")
            before, _, _ = asked(opened, number)
            drag(page, handle, [(0.3, 0.4), (0.6, 0.7)][: 1 if zooms else 2])

            def follows(stage=stage, number=number, before=before):
                now = asked(opened, number)
                return now[0] != before and difference(stage.evaluate(READ), now) is None

            opened.until(follows, 12, f"the picture of cell {number} after a drag on it: agreement")
        assert stage.locator(".gdlab-error").is_hidden()
    assert tried > 0
    assert page.evaluate(UNNAMED) == []
    assert opened.errors == [] and opened.elsewhere == []


def test_a_saved_notebook_shows_its_pictures_without_its_kernel(opened, root):
    page, path, before = opened.page, root / opened.name, shown(opened)
    assert before[0] >= opened.pictures and before[1] == 0
    written = path.stat().st_mtime_ns
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("Save Notebook", exact=True).click()
    opened.until(lambda: path.stat().st_mtime_ns > written, 20, "the saved file")
    assert shown(opened) == before  # on the page nothing has changed
    assert page.evaluate(END, opened.name) == 204
    page.reload()
    opened.until(lambda: shown(opened) == [0, opened.pictures], 30, "the saved pictures")
    page.get_by_text("| Idle", exact=False).first.wait_for()  # a new kernel, which knows of no widget
    assert "not found" not in page.locator(".jp-Notebook").inner_text()
    assert page.locator(".jp-Dialog").count() == 0
    assert opened.errors == [] and opened.elsewhere == []
