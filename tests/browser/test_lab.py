"""Notebooks as a reader meets them: JupyterLab in a browser, the mouse, the keys, and what is drawn.

What the overlay shows is compared with the same explorer, built here, at the same settings.
"""

import ast
import json
import re
import shutil
import time
from urllib.parse import urlparse

import matplotlib
import numpy as np
import pytest

from gdlab import explorers, landscapes

NOTEBOOK = "05_learning_rate.ipynb"
NOISE = ()  # what JupyterLab itself writes to the console as an error, whatever the notebook: nothing
OUTLINE = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")


class Lab:
    """A page with a notebook in it, and what went over its wires."""

    def __init__(self, profile, address, cells):
        self.page = profile.new_page()
        self.page.set_default_timeout(20_000)
        self.errors, self.elsewhere, self.questions = [], [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._said)
        self.page.on("request", self._requested)
        self.page.on("websocket", lambda socket: socket.on("framesent", self._sent))
        self.page.goto(address)
        code = self.page.locator(".jp-Notebook .jp-CodeCell")
        self.until(lambda: code.count() == cells, 20, f"{cells} code cells")
        self.page.get_by_text("| Idle", exact=False).first.wait_for()  # the kernel, in the status bar

    def _said(self, message):
        if message.type == "error" and not any(noise in message.text for noise in NOISE):
            self.errors.append(message.text)

    def _requested(self, request):
        address = urlparse(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.elsewhere.append(request.url)

    def _sent(self, payload):
        payload = payload.encode() if isinstance(payload, str) else payload
        self.questions += re.findall(rb'"kind": ?"(table|frame)"', payload)

    def until(self, holds, seconds=8, what="what is waited for"):
        """Wait until something holds; fail where it does not."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
            self.page.wait_for_timeout(30)

    def prompts(self):
        return self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").all_text_contents()

    def run_all(self):
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.until(lambda: any("*" in prompt for prompt in self.prompts()), 10, "the first cell")
        failed = self.page.locator("[data-mime-type='application/vnd.jupyter.error']")
        self.until(lambda: failed.count() or all(map(re.compile(r"\d").search, self.prompts())), 60)
        assert failed.count() == 0, failed.first.inner_text()

    def run(self, index):
        """Run one cell, and return the text of what it puts out."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)
        before = self.prompts()[index]
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        done = lambda now: re.search(r"\d", now) and now != before  # noqa: E731
        self.until(lambda: done(self.prompts()[index]), 20, f"cell {index}")
        self.page.wait_for_timeout(50)
        return "".join(cell.locator(".jp-OutputArea-output").all_inner_texts())


class View:
    """One stage on the page, and beside it the same explorer here."""

    def __init__(self, lab, index, explorer):
        self.lab, self.page, self.explorer = lab, lab.page, explorer
        self.stage = self.page.locator(".gdlab-stage").nth(index)
        self.values = {s["name"]: np.array(s["values"]) for s in explorer.picture["sliders"]}

    def _of(self, kind, name):
        return self.stage.locator(f"input[type={kind}]").nth(list(self.values).index(name))

    def track(self, name):
        return self._of("range", name)

    def exact(self, name):
        return self._of("number", name)

    def sample(self):
        """(what every slider stands at, what every mark shows, the sentence), read in one go."""
        tracks, marks, sentence = self.stage.evaluate(
            """stage => [
                [...stage.querySelectorAll("input[type=range]")].map(track => track.valueAsNumber),
                [...stage.querySelectorAll(".gdlab-mark")].map(mark => {
                    const paths = mark.querySelectorAll(":scope > path");
                    return paths.length ? paths[paths.length - 1].getAttribute("d") : null; }),
                stage.querySelector(".gdlab-sentence").textContent]"""
        )
        at = zip(self.values.items(), tracks, strict=True)
        return {name: float(values[i]) for (name, values), i in at}, marks, sentence

    def apart(self, settings, marks, sentence):
        """How many pixels the marks drawn lie from what Python draws at some settings."""
        frames = self.explorer._one(settings)
        if frames.sentences != [sentence]:
            return np.inf
        worst = 0.0
        for mark, drawn in zip(self.explorer._marks, marks, strict=True):
            (right,) = self.explorer._pixels(mark, np.asarray(frames.marks[mark], dtype=float))
            gaps = np.isnan(right).any(axis=1)
            pens = ["L" if i and not gaps[i - 1] else "M" for i in np.flatnonzero(~gaps)]
            found = OUTLINE.findall(drawn or "")
            if [pen for pen, *_ in found] != pens:
                return np.inf
            places = np.array([place for _, *place in found], dtype=float).reshape(-1, 2)
            worst = max(worst, np.abs(places - right[~gaps]).max(initial=0))
        return worst

    def shows(self, settings):
        """Whether the picture is that of these settings, to a tenth of a pixel."""
        _, *drawn = self.sample()
        return self.apart(settings, *drawn) <= 0.1

    def must_show(self, settings, seconds=8):
        """The picture becomes that of these settings, and stays it."""

        def stays():
            if not self.shows(settings):
                return False
            self.page.wait_for_timeout(250)
            return self.shows(settings)

        self.lab.until(stays, max(seconds, 10), f"the picture at {settings}")

    def drag(self, name, ends, moves, wait=12):
        """Drag a slider between two shares of its length; a sample after each move."""
        self.track(name).scroll_into_view_if_needed()
        box = self.track(name).bounding_box()
        x, y = box["x"] + 8, box["y"] + box["height"] / 2
        places = x + np.linspace(*ends, moves + 1) * (box["width"] - 16)
        self.page.mouse.move(places[0], y)
        self.page.mouse.down()
        samples = []
        for place in places[1:]:
            self.page.mouse.move(place, y)
            self.page.wait_for_timeout(wait)
            samples.append(self.sample())
        self.page.mouse.up()
        return samples

    def press(self, name, key):
        self.track(name).focus()
        self.page.keyboard.press(key)

    def type(self, name, text):
        self.exact(name).fill(text)
        self.exact(name).press("Enter")

    def point(self, across, up):
        """The middle of the window is (0.5, 0.5): the place on the screen, and in the picture."""
        self.stage.scroll_into_view_if_needed()
        area, svg = (
            self.stage.locator(which).first.bounding_box() for which in (".gdlab-handle", "svg")
        )
        x, y = area["x"] + across * area["width"], area["y"] + (1 - up) * area["height"]
        scale = self.explorer.picture["width"] / svg["width"]
        return (x, y), np.array([(x - svg["x"]) * scale, (y - svg["y"]) * scale])

    def start_drawn(self):
        """Where the ring stands in the picture."""
        _, marks, _ = self.sample()
        ((_, x, y),) = OUTLINE.findall(marks[self.explorer._marks.index(self.explorer._start)])
        return np.array([float(x), float(y)])


def stored(root, name):
    return json.loads((root / name).read_text(encoding="utf-8"))["cells"]


def code(root, name):
    return ["".join(cell["source"]) for cell in stored(root, name) if cell["cell_type"] == "code"]


def pictures(root, name):
    """How many still pictures are stored with a notebook."""
    outputs = [output for cell in stored(root, name) for output in cell.get("outputs", [])]
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    return tmp_path_factory.mktemp("shots")


@pytest.fixture(scope="module")
def course(lab, profile, root, shots):
    """The notebook on the learning rate, run from top to bottom."""
    page = Lab(profile, lab(NOTEBOOK), len(code(root, NOTEBOOK)))
    page.run_all()
    yield page
    page.page.screenshot(path=shots / "course.png")
    page.page.close()


@pytest.fixture(scope="module")
def bowl(course, root):
    """The first explorer of the notebook: here it is what the notebook's own cells say."""
    first, *others = code(root, NOTEBOOK)
    shown = next(source for source in others if "explorers.LearningRate(" in source)
    *before, last = ast.parse(f"{first}\n{shown}").body
    names = {}
    with matplotlib.rc_context():  # the first cell sets the style
        exec(compile(ast.Module(before, []), "cell", "exec"), names)
        view = View(course, 0, eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    view.stage.scroll_into_view_if_needed()
    return view


@pytest.fixture(scope="module")
def scratch(lab, profile, root, shots):
    """A notebook that shows one explorer twice and another one once."""
    page = Lab(profile, lab("scratch.ipynb"), len(code(root, "scratch.ipynb")))
    for index in range(4):
        page.run(index)
    page.until(lambda: page.page.locator(".gdlab-stage").count() == 3, what="three stages")
    yield page
    page.page.screenshot(path=shots / "scratch.png")
    page.page.close()


@pytest.fixture(scope="module")
def views(scratch):
    """The two views of `first`, and the one of `second`."""
    hill = landscapes.Quadratic([1, 10], rotation=30)
    here = explorers.LearningRate(hill, start=[-2, 1.5], learning_rate=0.15, steps=40)
    return [View(scratch, index, here) for index in range(3)]


def kernel(scratch, which):
    """The settings of `first` or `second`, as the kernel knows them."""
    return ast.literal_eval(scratch.run({"first": 4, "second": 5}[which]).strip())


# --- a notebook is opened, and run ----------------------------------------------------------------


def test_a_notebook_that_was_not_run_shows_its_pictures(lab, profile, root):
    shutil.copy(root / NOTEBOOK, root / "fresh.ipynb")
    page = Lab(profile, lab("fresh.ipynb"), len(code(root, NOTEBOOK)))
    count = pictures(root, NOTEBOOK)
    shown = page.page.locator(".jp-RenderedImage img")
    page.until(lambda: shown.count() == count, 10, f"{count} pictures")
    assert count >= 5 and page.page.locator(".gdlab-stage").count() == 0
    widths = "images => images.map(image => image.complete && image.naturalWidth)"
    page.until(lambda: shown.evaluate_all(widths) == [900] * count, 5, "900 pixels")
    assert page.errors == [] and page.elsewhere == []
    page.page.close()


def test_a_restarted_kernel_and_a_reloaded_page_leave_no_complaint(lab, profile, root):
    shutil.copy(root / "00_start_here.ipynb", root / "again.ipynb")
    page = Lab(profile, lab("again.ipynb"), len(code(root, "again.ipynb")))
    page.run_all()
    stage = page.page.locator(".gdlab-stage")
    first = stage.locator("[id]").first.get_attribute("id")
    page.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…", exact=True).click()
    page.page.get_by_role("button", name="Confirm Kernel Restart").click()

    def anew():
        return stage.count() == 1 and stage.locator("[id]").first.get_attribute("id") != first

    page.until(anew, 30, "the stage of the new kernel")
    before = stage.locator(".gdlab-sentence").text_content()
    stage.locator("input[type=range]").first.press("End")
    page.until(lambda: stage.locator(".gdlab-sentence").text_content() != before, 8, "another picture")
    page.page.reload()  # nothing was saved
    page.until(lambda: page.page.locator(".jp-RenderedImage img").count() == 1, 20, "the stored picture")
    assert stage.count() == 0 and page.page.locator(".jp-Dialog").count() == 0
    assert page.errors == [] and page.elsewhere == []
    page.page.close()


def test_run_all_brings_every_stage_and_no_complaint(course, root):
    count = pictures(root, NOTEBOOK)
    course.until(lambda: course.page.locator(".gdlab-stage").count() == count, 10, "every stage")
    assert course.page.locator(".jp-Dialog").count() == 0
    for kind in ("error", "stderr"):
        assert course.page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").count() == 0
    assert course.page.locator(".gdlab-error:visible").count() == 0


def test_every_id_is_there_once(course):
    ids = course.page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert sum(name.startswith("gdlab-") for name in ids) > 30
    assert sorted(ids) == sorted(set(ids))
    # And what is pointed at by an id is there: clips, markers, labelled sliders.
    missing = course.page.evaluate(
        """[...document.querySelectorAll(".gdlab-stage [for], .gdlab-stage [clip-path]")].map(node =>
               node.getAttribute("for") ?? node.getAttribute("clip-path").slice(5, -1))
           .filter(id => !document.getElementById(id))"""
    )
    assert missing == []


def test_the_first_picture_is_that_of_the_explorer(bowl):
    bowl.must_show(bowl.explorer.settings)


def test_a_reader_who_cannot_see_is_told(bowl):
    sentence = bowl.stage.locator(".gdlab-sentence")
    assert sentence.get_attribute("aria-live") == "polite" and bowl.explorer.sentence in (
        sentence.inner_text(),
    )
    assert bowl.stage.locator("img").get_attribute("alt") == bowl.explorer.sentence
    slider = bowl.stage.get_by_label("learning rate α", exact=True)
    assert slider.get_attribute("type") == "range"
    assert slider.get_attribute("aria-valuetext") == "0.15"


# --- a slider -------------------------------------------------------------------------------------


def test_a_drag_draws_every_value_and_asks_nothing(course, bowl):
    asked = len(course.questions)
    samples = bowl.drag("learning_rate", (0.2, 0.8), 45)
    assert len({marks[0] for _, marks, _ in samples}) > 20  # the path moves
    assert max(bowl.apart(*sample) for sample in samples) <= 0.1  # each picture is its value's
    settings, *_ = bowl.sample()
    rates = bowl.values["learning_rate"]
    assert abs(np.searchsorted(rates, settings["learning_rate"]) - 0.8 * (len(rates) - 1)) < 3
    bowl.must_show(settings)
    assert len(course.questions) == asked


def test_a_second_slider_asks_once_and_then_no_more(course, bowl):
    bowl.track("steps").hover()
    course.page.wait_for_timeout(400)
    asked = len(course.questions)
    samples = bowl.drag("steps", (0.1, 0.7), 30)
    assert len({marks[0] for _, marks, _ in samples}) > 15
    assert max(bowl.apart(*sample) for sample in samples) <= 0.1
    bowl.must_show(bowl.sample()[0])
    assert len(course.questions) == asked


def test_keys_move_a_slider(course, bowl):
    bowl.track("learning_rate").focus()
    course.page.wait_for_timeout(400)
    asked = len(course.questions)
    rates, at = bowl.values["learning_rate"], int(bowl.track("learning_rate").input_value())
    last = len(rates) - 1
    steps = [("ArrowRight", at + 1), ("ArrowUp", at + 2), ("ArrowLeft", at + 1), ("Home", 0)]
    for key, expected in [*steps, ("ArrowLeft", 0), ("End", last), ("ArrowDown", last - 1)]:
        bowl.press("learning_rate", key)
        assert int(bowl.track("learning_rate").input_value()) == expected, key
        bowl.must_show({**bowl.sample()[0], "learning_rate": float(rates[expected])})
    for key, sign in (("PageDown", -1), ("PageUp", 1)):
        before = int(bowl.track("learning_rate").input_value())
        bowl.press("learning_rate", key)
        settings, *_ = bowl.sample()
        assert 5 < sign * (int(bowl.track("learning_rate").input_value()) - before) < 50
        bowl.must_show(settings)
    assert len(course.questions) == asked


def test_an_exact_value_is_drawn_by_the_kernel(course, bowl):
    settings, *_ = bowl.sample()
    asked = len(course.questions)
    bowl.type("learning_rate", "0.1234")
    bowl.must_show({**settings, "learning_rate": 0.1234})
    assert course.questions[asked:] == [b"frame"]
    rates = bowl.values["learning_rate"]
    for text, value, left in (("99", rates[-1], None), ("-1", rates[0], None), ("", rates[0], None)):
        bowl.type("learning_rate", text)
        bowl.must_show({**settings, "learning_rate": float(value)})
        assert left is None


def test_play_goes_to_the_end_and_stops(course, bowl):
    bowl.press("steps", "Home")
    start, *_ = bowl.sample()
    button = bowl.stage.get_by_role("button", name="play steps", exact=True)
    button.click()
    assert bowl.stage.get_by_role("button", name="pause steps", exact=True).count() == 1
    seen, deadline = set(), time.monotonic() + 20  # it takes four seconds, whatever the computer
    while button.count() == 0:
        settings, *drawn = bowl.sample()
        assert bowl.apart(settings, *drawn) <= 0.1
        seen.add(settings["steps"])
        assert time.monotonic() < deadline
    assert len(seen) > 3
    bowl.must_show({**start, "steps": 100.0})
    # From the end it begins anew, and it can be stopped.
    button.click()
    course.until(lambda: bowl.sample()[0]["steps"] > 5)
    bowl.stage.get_by_role("button", name="pause steps", exact=True).click()
    course.page.wait_for_timeout(150)
    settings, *_ = bowl.sample()
    assert settings["steps"] < 90
    bowl.must_show(settings)


def test_a_slow_table_is_not_asked_for_ahead(course):
    """The explorer of real data runs all rates on all examples: its start is drawn move by move."""
    stage = course.page.locator(".gdlab-stage").last
    stage.scroll_into_view_if_needed()
    stage.get_by_text("more controls").click()
    track = stage.get_by_label("start, first parameter", exact=True)
    asked, seen = len(course.questions), set()
    track.hover()
    track.focus()
    course.page.wait_for_timeout(300)
    assert len(course.questions) == asked
    path = stage.locator(".gdlab-mark > path").first
    for _ in range(3):
        seen.add(path.get_attribute("d"))
        course.page.keyboard.press("ArrowRight")
        course.until(lambda: path.get_attribute("d") not in seen)
    assert set(course.questions[asked:]) == {b"frame"}


# --- the landscape --------------------------------------------------------------------------------


def test_click_and_drag_on_the_landscape_move_the_start(scratch, views):
    view, twin, _ = views
    before = kernel(scratch, "first")
    for across, up in ((0.3, 0.7), (0.81, 0.22)):
        screen, picture = view.point(across, up)
        scratch.page.mouse.click(*screen)
        scratch.until(lambda goal=picture: np.abs(view.start_drawn() - goal).max() < 0.1)
        settings = kernel(scratch, "first")
        assert (settings["start_x"], settings["start_y"]) == pytest.approx(
            (6 * across - 3, 6 * up - 3), abs=1e-3
        )
        assert {**before, "start_x": 0, "start_y": 0} == {**settings, "start_x": 0, "start_y": 0}
        view.must_show(settings)
        twin.must_show(settings)
    (x0, y0), (x1, y1) = (view.point(*place)[0] for place in ((0.81, 0.22), (0.21, 0.82)))
    scratch.page.mouse.move(x0, y0)
    scratch.page.mouse.down()
    for share in np.linspace(0, 1, 25):
        scratch.page.mouse.move(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
        scratch.page.wait_for_timeout(12)
    scratch.page.mouse.up()
    scratch.page.wait_for_timeout(300)
    settings = kernel(scratch, "first")  # a moving pointer stands on whole pixels
    assert (settings["start_x"], settings["start_y"]) == pytest.approx((-1.74, 1.92), abs=0.03)
    view.must_show(settings)


def test_keys_move_the_start(scratch, views):
    view = views[0]
    before = kernel(scratch, "first")
    view.stage.locator(".gdlab-handle").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowRight", "ArrowDown"):
        scratch.page.keyboard.press(key)
    scratch.page.wait_for_timeout(400)
    settings = kernel(scratch, "first")
    moved = settings["start_x"] - before["start_x"], settings["start_y"] - before["start_y"]
    assert moved == pytest.approx((0.12, 0.12), abs=1e-9)  # a fiftieth of the window a key
    view.must_show(settings)


def test_a_drag_beyond_the_landscape_stays_inside(scratch, views):
    view = views[0]
    (x, y), _ = view.point(0.5, 0.5)
    scratch.page.mouse.move(x, y)
    scratch.page.mouse.down()
    scratch.page.mouse.move(x - 600, y - 30)
    scratch.page.mouse.up()
    scratch.page.wait_for_timeout(400)
    settings = kernel(scratch, "first")
    assert settings["start_x"] == -3 and -3 < settings["start_y"] < 3
    view.must_show(settings)


# --- two views, and the kernel --------------------------------------------------------------------


def test_two_views_stay_in_step_and_another_explorer_stands_still(scratch, views):
    first, twin, other = views
    begun = {**other.explorer.settings}
    other.must_show(begun)
    settings = kernel(scratch, "first")
    first.drag("learning_rate", (0.4, 0.65), 20)
    settings["learning_rate"] = first.sample()[0]["learning_rate"]
    for view in (first, twin):
        view.must_show(settings)
    twin.type("steps", "23")
    for view in (first, twin):
        view.must_show({**settings, "steps": 23.0})
        assert view.exact("steps").input_value() == "23"
    twin.type("learning_rate", "0.0777")
    for view in (first, twin):
        view.must_show({**settings, "steps": 23.0, "learning_rate": 0.0777})
    assert kernel(scratch, "first") == {**settings, "steps": 23.0, "learning_rate": 0.0777}
    other.must_show(begun)
    assert kernel(scratch, "second") == begun


def test_python_moves_the_sliders(scratch, views):
    said = scratch.run(6).strip()
    settings = kernel(scratch, "first")
    assert (settings["learning_rate"], settings["steps"]) == (0.05, 7.0)
    for view in views[:2]:
        view.must_show(settings)
        assert view.sample()[2] == said
        assert (view.exact("learning_rate").input_value(), view.exact("steps").input_value()) == (
            "0.05",
            "7",
        )


def test_a_failure_is_told_and_the_last_picture_stays(scratch, views):
    view = views[0]
    settings, error = kernel(scratch, "first"), view.stage.locator(".gdlab-error")
    view.must_show(settings)
    assert error.is_hidden()
    view.type("steps", "77.7")
    scratch.until(error.is_visible)
    assert error.inner_text() == "RuntimeError: no picture of 77.7"
    assert view.shows(settings)
    view.type("steps", "12")
    view.must_show({**settings, "steps": 12.0})
    scratch.until(error.is_hidden)


# --- the last picture is that of the last value: with a kernel that takes 150 ms for every answer -


@pytest.fixture(scope="module")
def slow(scratch, views):
    scratch.run(7)
    return views[2]


def test_an_answer_that_comes_late_does_not_win(scratch, slow):
    settings = kernel(scratch, "second")
    values = slow.values["learning_rate"]
    slow.stage.evaluate(
        """stage => {
            const exact = stage.querySelector("[type=number]");
            const track = stage.querySelector("[type=range]");
            exact.value = 0.0777;
            exact.dispatchEvent(new Event("change"));
            track.value = 60;
            track.dispatchEvent(new Event("input")); }"""
    )
    slow.must_show({**settings, "learning_rate": float(values[60])})
    scratch.page.wait_for_timeout(400)
    assert slow.shows({**settings, "learning_rate": float(values[60])})


def test_a_drag_begun_before_its_table_has_come_catches_up(scratch, slow):
    asked = len(scratch.questions)
    slow.drag("steps", (0.9, 0.2), 12, wait=5)
    slow.must_show(slow.sample()[0])
    assert 1 <= len(scratch.questions) - asked <= 4


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_whatever_the_hurry_the_last_picture_is_that_of_the_last_value(scratch, slow, seed):
    rng = np.random.default_rng(seed)
    for _ in range(12):
        name = str(rng.choice(["learning_rate", "steps"]))
        low, high = slow.values[name][[0, -1]]
        what = rng.integers(4)
        if what == 0:
            slow.press(name, str(rng.choice(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home"])))
        elif what == 1:
            slow.type(name, f"{rng.uniform(low, high):.4g}")
        elif what == 2:
            scratch.page.mouse.click(*slow.point(*rng.uniform(0.1, 0.9, 2))[0])
        else:
            slow.drag(name, rng.uniform(0, 1, 2), 5, wait=2)
        scratch.page.wait_for_timeout(int(rng.integers(0, 120)))
    scratch.page.wait_for_timeout(1200)
    settings = kernel(scratch, "second")
    slow.must_show(settings)


# --- at the end -----------------------------------------------------------------------------------


def test_nothing_was_asked_of_another_machine_and_nothing_complained(course, scratch):
    for page in (course, scratch):
        assert page.elsewhere == [] and page.errors == []
        assert page.page.locator(".jp-Dialog").count() == 0
    assert course.questions and scratch.questions  # the wires were listened to
