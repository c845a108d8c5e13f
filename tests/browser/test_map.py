"""A stage with an image, a menu, a player and a rectangle to zoom with, under a real mouse."""

import re

import pytest
from test_lab import Lab

COLOURS = """stage => {
    const node = stage.querySelector("image"), canvas = document.createElement("canvas");
    return new Promise(done => { const picture = new Image();
        picture.onload = () => { canvas.width = picture.width; canvas.height = picture.height;
            const ink = canvas.getContext("2d"); ink.drawImage(picture, 0, 0);
            const at = (x, y) => [...ink.getImageData(x, y, 1, 1).data];
            done([at(0, 1), at(1, 1), at(0, 0), at(1, 0)]); };
        picture.src = node.getAttribute("href"); }); }"""
LOW, HALF, HIGH = [68, 1, 84, 255], [32, 144, 140, 255], [253, 231, 36, 255]


@pytest.fixture(scope="module")
def page(profile, lab):
    """The notebook, run."""
    opened = Lab(profile, lab("map.ipynb"), 2)
    opened.run_all()
    opened.stage = opened.page.locator(".gdlab-stage")
    opened.until(lambda: opened.stage.locator("image[href]").count() == 1)
    yield opened
    assert opened.elsewhere == []
    opened.page.close()


def drag(page, start, end):
    """Draw from one share of the axes to another, shares counted from the top left."""
    box = page.stage.locator(".gdlab-handle").bounding_box()
    page.stage.locator(".gdlab-handle").scroll_into_view_if_needed()
    box = page.stage.locator(".gdlab-handle").bounding_box()
    at = lambda share: (box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"])  # noqa: E731
    page.page.mouse.move(*at(start))
    page.page.mouse.down()
    page.page.mouse.move(*at(end), steps=8)
    page.page.mouse.up()


def window(page):
    """The window and the settings the kernel knows, once the last values have reached it."""
    page.page.wait_for_timeout(300)
    text = page.run(1)
    left, right, low, high = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", text.split(" {")[0]))
    return (left, right, low, high), text


def test_the_image_has_the_colours_of_its_numbers(page):
    assert page.stage.evaluate(COLOURS)[:3] == [LOW, HALF, HIGH]
    assert page.stage.evaluate(COLOURS)[3][3] == 0  # NaN is transparent


def test_a_menu_changes_the_picture(page):
    menu = page.stage.get_by_label("kind", exact=True)
    menu.select_option("two")
    page.until(lambda: "Kind 1" in page.stage.locator(".gdlab-sentence").inner_text())
    page.until(lambda: page.stage.evaluate(COLOURS)[0] == HIGH)
    assert "'kind': 1.0" in window(page)[1]
    menu.select_option("one")
    page.until(lambda: page.stage.evaluate(COLOURS)[0] == LOW)


def test_a_click_chooses_and_a_rectangle_zooms(page):
    drag(page, (0.25, 0.25), (0.25, 0.25))
    page.page.wait_for_timeout(300)
    (left, right, *_), text = window(page)
    assert (left, right) == (-2, 2)
    x, y = (float(re.search(rf"'{name}': (-?[\d.]+)", text)[1]) for name in "xy")
    assert abs(x + 1) < 0.03 and abs(y - 1) < 0.03
    drag(page, (0.5, 0.5), (0.75, 0.25))
    page.page.wait_for_timeout(800)
    (left, right, low, high), _ = window(page)
    assert max(abs(left), abs(right - 1), abs(low), abs(high - 1)) < 0.03
    zoomed = page.stage.get_by_role("button", name="whole view")
    zoomed.click()
    page.until(lambda: window(page)[0] == (-2, 2, -2, 2))
    page.until(lambda: page.stage.evaluate(COLOURS)[0] == LOW)
    point = page.stage.locator(".gdlab-mark > path").first
    before = point.get_attribute("d")
    zoomed.click()  # of what is whole already: the page must not wait for a picture that never comes
    drag(page, (0.75, 0.75), (0.75, 0.75))
    page.until(lambda: point.get_attribute("d") != before)


def test_the_zoom_buttons_keep_the_focus(page):
    drag(page, (0.5, 0.5), (0.5, 0.5))
    button = page.stage.get_by_role("button", name="zoom in on the point")
    button.focus()
    page.page.keyboard.press("Enter")
    page.page.wait_for_timeout(600)
    assert page.page.evaluate("document.activeElement.textContent") == "zoom in on the point"
    page.stage.locator("summary").click()
    (left, right, low, high), _ = window(page)
    assert max(abs(left + 1), abs(right - 1), abs(low + 1), abs(high - 1)) < 0.03
    page.stage.get_by_role("button", name="whole view").click()
    page.until(lambda: window(page)[0] == (-2, 2, -2, 2))
    assert page.stage.locator("details").evaluate("more => more.open")  # as the reader left it


def test_a_zoom_that_fails_says_so_and_keeps_the_picture(page):
    drag(page, (0.9, 0.1), (0.98, 0.3))
    error = page.stage.locator(".gdlab-error")
    page.until(lambda: "nothing there" in error.inner_text())
    assert page.stage.evaluate(COLOURS)[0] == LOW
    drag(page, (0.5, 0.5), (0.5, 0.5))
    page.until(lambda: error.is_hidden())


def test_the_player_steps_and_obeys_its_speed(page):
    sentence = page.stage.locator(".gdlab-sentence")
    page.stage.get_by_role("button", name="one step of steps").click()
    page.until(lambda: "after 1 steps" in sentence.inner_text())
    page.stage.get_by_label("speed of steps").select_option("4 ×")
    page.stage.get_by_role("button", name="play steps").click()
    page.until(lambda: "after 8 steps" in sentence.inner_text(), 3)
    page.stage.get_by_role("button", name="one step of steps").click()
    page.until(lambda: "after 0 steps" in sentence.inner_text())


def test_nothing_went_wrong(page):
    assert page.errors == []
