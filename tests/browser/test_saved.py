"""Saved pages in a browser without a network: from the disk, every slider, with the keys."""

import json

import numpy as np
import pytest
from every import EXPLORERS
from test_lab import OUTLINE

from gdlab.page import EDGE

CHOSEN = [name for name in EXPLORERS if name.startswith("learning rate")]  # and one of every other kind
CHOSEN += ["line fit", "line descent", "outlier", "loss shapes", "atlas", "polynomial", "surface", "fog"]
CHOSEN += ["gallery, saddle", "compass", "zoom", "ledger", "batch path", "microscope", "walkers"]
CHOSEN += ["race of batches", "valleys", "widths", "basins", "generalization", "network graph", "wiring"]
CHOSEN += ["memory on hills", "unfair race", "condition", "rules over starts", "phase", "trainability"]
CHOSEN += ["clinic"]

READ = """() => [
    [...document.querySelectorAll("input[type=range], .gdlab-name select[id]")].map(
        control => control.tagName === "SELECT" ? control.selectedIndex : control.valueAsNumber),
    [...document.querySelectorAll(".gdlab-mark")].map(mark => {
        const paths = mark.querySelectorAll(":scope > path");
        return paths.length ? paths[paths.length - 1].getAttribute("d") : null; }),
    document.querySelector(".gdlab-sentence").textContent]"""


@pytest.fixture(scope="module")
def page(chromium):
    """A page that cannot reach anything, and what went wrong on it."""
    context = chromium.new_context(
        offline=True, color_scheme="dark", viewport={"width": 1000, "height": 900}
    )
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.wrong.append(said.text))
    page.on("request", lambda asked: asked.url[:5] in ("file:", "blob:") or page.wrong.append(asked.url))
    yield page
    context.close()


@pytest.mark.parametrize("name", CHOSEN)
def test_every_slider_of_a_saved_explorer_works(page, name, tmp_path):
    stage = EXPLORERS[name]()
    path = tmp_path / "saved.html"
    stage.save(path, title=name)
    assert path.stat().st_size < 1.5e6
    page.wrong.clear()
    page.goto(path.as_uri())
    page.wait_for_selector(".gdlab-mark path[d], .gdlab-mark image[href]", state="attached")
    state = json.loads(page.locator("#state").text_content())
    values = {slider["name"]: np.array(slider["values"]) for slider in state["picture"]["sliders"]}
    assert values
    for summary in page.locator("summary").all():
        summary.click()
    for i, slider in enumerate(state["picture"]["sliders"]):
        control = page.locator("input[type=range], .gdlab-name select[id]").nth(i)
        assert slider["label"] in control.evaluate("node => node.labels[0].textContent")
        control.focus()
        for key in ("End", "ArrowLeft", "Home", "ArrowRight"):
            page.keyboard.press(key)
            page.wait_for_timeout(40)
            places, marks, sentence = page.evaluate(READ)
            moved = {each: float(at[k]) for (each, at), k in zip(values.items(), places, strict=True)}
            frames = stage._one({**stage.settings, **moved})
            assert sentence == frames.sentences[0], f"{slider['label']} after {key}"
            for mark, drawn in zip(stage._marks, marks, strict=True):
                if drawn is None:
                    continue
                (right,) = stage._pixels(mark, np.asarray(frames.marks[mark], dtype=float)).reshape(
                    1, -1, 2
                )
                right = right[~np.isnan(right).any(axis=1)]
                found = np.array([at for _, *at in OUTLINE.findall(drawn)], dtype=float).reshape(-1, 2)
                near = (np.abs(right) < EDGE).all(axis=1)
                assert len(found) == len(right)
                assert np.abs(found - right)[near].max(initial=0) < 0.15
    assert page.wrong == []
