"""The site, from a static server: sliders that follow without a kernel, questions, search, downloads."""

import functools
import http.server
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOME = ["00_start_here", "05_learning_rate"]


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Two notebooks of the site, served as plain files."""
    folder = tmp_path_factory.mktemp("site")
    pages = [str(ROOT / "notebooks" / f"{name}.ipynb") for name in SOME]
    command = [sys.executable, str(ROOT / "tools" / "site.py"), str(folder), "--pages", *pages]
    made = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    for page in [*folder.glob("html/*.html"), *folder.glob("html/explorers/*.html")]:
        assert page.stat().st_size < 1.5e6, page.name
    handler = functools.partial(Silent, directory=str(folder / "html"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, chromium, address):
    """A page of the site, and what went wrong on it."""
    context = chromium.new_context(color_scheme=request.param, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.wrong.append(said.text))
    page.on(
        "request",
        lambda asked: asked.url.startswith((address, "blob:", "data:")) or page.wrong.append(asked.url),
    )
    page.goto(f"{address}/05_learning_rate.html")
    yield page
    assert page.wrong == []
    context.close()


def test_an_explorer_follows_its_slider(page):
    frame = page.frame_locator("iframe.explorer").first
    page.locator("iframe.explorer").first.scroll_into_view_if_needed()
    track = frame.locator("input[type=range]").first
    track.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(100)
    before = frame.locator(".gdlab-mark path").first.get_attribute("d")
    assert "α = 0.004" in frame.locator(".gdlab-sentence").inner_text()
    page.keyboard.press("End")
    page.wait_for_timeout(100)
    assert "diverges" in frame.locator(".gdlab-sentence").inner_text()
    assert frame.locator(".gdlab-mark path").first.get_attribute("d") != before


def test_an_explorer_is_as_high_as_what_it_shows(page):
    page.locator("iframe.explorer").first.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    hidden = page.evaluate(
        "() => { const frame = document.querySelector('iframe.explorer');"
        " return frame.contentDocument.body.scrollHeight - frame.clientHeight; }"
    )
    assert -40 < hidden <= 0


def test_a_question_can_be_answered(page):
    asked = page.locator(".prediction").first
    assert asked.locator("summary").count() >= 1
    asked.locator("summary").first.click()
    assert asked.locator("details[open] p").first.inner_text()


def test_every_picture_and_frame_has_words(page):
    bare = page.evaluate(
        "() => [...document.querySelectorAll('article img, article iframe')]"
        ".filter(shown => (shown.alt || shown.title || '').length < 15).length"
    )
    assert bare == 0


def test_headings_go_down_one_level_at_a_time(page):
    levels = page.evaluate(
        "() => [...document.querySelectorAll('article :is(h1,h2,h3,h4)')].map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_notebook_can_be_taken_along(page, address):
    links = page.locator("article .links a")
    assert links.count() == 2
    assert "05_learning_rate.ipynb" in links.nth(0).get_attribute("href")
    with page.expect_download() as taken:
        links.nth(1).click()
    first, *taken = nbformat.read(taken.value.path(), 4).cells
    stored = nbformat.read(ROOT / "notebooks" / "05_learning_rate.ipynb", 4).cells
    assert taken == stored and "%pip install" in first.source


def test_search_finds_a_page(page, address):
    page.goto(f"{address}/search.html?q=curvature")
    page.locator("#search-results li a", has_text="learning rate").first.wait_for(timeout=8000)
    page.goto(f"{address}/05_learning_rate.html")
