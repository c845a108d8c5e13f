"""How closely a picture follows a slider: `python benchmarks/slider.py`, or with the rest `make bench`.

JupyterLab and a headless Chromium on this machine's loopback. Every way to draw (`ways.py`) has a page
and a kernel of its own (`pages.py`); in each round it gets key presses, far apart, and a drag of three
seconds. The main slider is the learning rate, whose table is sent ahead; what needs the kernel is the
start, dragged in the picture. ipympl and plotly are extras: see requirements.txt beside this file.
"""

import io
import json
import shutil
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from pages import MOVES, SECONDS, Page, caught_up, drag_numbers, there_and_back
from table import in_turn, main, optional
from ways import ASKED, COLD, DRAW, FLOOR, MAIN, OTHERS, TRACK, USUAL

ROUNDS = 3
OPENINGS = 2  # of the pages whose first picture is timed, besides the one that is measured
ALL_MOVES = 1000  # over which the memory is taken, in one drag
COLD_DRAGS, SHORT_DRAGS = 9, 100

NEEDS = ("playwright.sync_api", "jupyterlab", "ipykernel", "psutil", "websocket")
MEASURES = {
    "latency": ("from a key to the changed picture", "ms"),
    "late": ("the same, 95th percentile", "ms"),
    "pictures": ("pictures a second in a drag", ""),
    "share": ("share of the values that are shown in a drag", ""),
    "behind": ("behind the finger in a drag", "ms"),
    "settle": ("until settled after a drag", "ms"),
    "questions": ("messages to the kernel a picture", ""),
    "cost": ("kernel time a move", "ms"),
    "bytes": ("bytes to and fro a move", "B"),
    "page": (f"page memory over {ALL_MOVES:,} moves", "MB"),
    "kernel": (f"kernel memory over {ALL_MOVES:,} moves", "MB"),
}
ROWS = {  # which are measured against what: all the others, or the echo and the usual way, or the echo
    MAIN: {name: OTHERS for name in ("latency", "pictures", "settle", "cost", "bytes", "page")}
    | {name: (FLOOR, USUAL) for name in ("late", "share", "behind", "kernel")}
    | {"questions": (FLOOR,)},
    ASKED: {name: (FLOOR,) for name in MEASURES}
    | {name: (FLOOR, USUAL) for name in ("latency", "pictures")},
}
TARGETS = {
    (MAIN, FLOOR, "latency"): "ratio ≤ 0.35",
    (MAIN, USUAL, "latency"): "ratio ≤ 0.0667",
    (MAIN, FLOOR, "pictures"): "gdlab ≥ 55",
    (MAIN, USUAL, "pictures"): "ratio ≥ 20",
    (MAIN, FLOOR, "share"): "gdlab ≥ 0.95",
    (MAIN, FLOOR, "behind"): "ratio ≤ 0.15",
    (MAIN, FLOOR, "settle"): "gdlab ≤ 25",
    (MAIN, FLOOR, "questions"): "gdlab ≤ 0",
    (MAIN, FLOOR, "page"): "gdlab ≤ 30",
    (MAIN, FLOOR, "kernel"): "gdlab ≤ 5",
    (ASKED, FLOOR, "latency"): "ratio ≤ 1.3",
    (ASKED, FLOOR, "pictures"): "ratio ≥ 0.9",
    (ASKED, FLOOR, "page"): "gdlab ≤ 30",
    (ASKED, FLOOR, "kernel"): "gdlab ≤ 5",
}


def new_table(table):
    """Kernel time of a new table, all positions of a slider, against one new figure of Matplotlib."""
    import matplotlib

    from gdlab import explorers, landscapes

    matplotlib.use("agg")
    names = {}
    exec(DRAW, names)
    stage = explorers.LearningRate(landscapes.Quadratic([1, 10], rotation=30), start=[-2, 1.5])

    def figure():
        names["draw"](100)[0].savefig(io.BytesIO(), format="png", bbox_inches="tight")
        names["plt"].close("all")

    tasks = {name: lambda name=name: stage._table(name, stage.settings) for name in stage.settings}
    medians = in_turn({**tasks, "figure": figure}, 9)
    slowest = max(tasks, key=medians.get)
    what = f"a new table, {slowest}, the slowest of {len(tasks)}", "a new figure"
    times = 1e3 * medians[slowest], 1e3 * medians["figure"]
    table.row("Slider, kernel time", *what, *times, "ms", "gdlab ≤ 25")


def first_picture(table, opened, pages):
    """From Run All to the first picture, each time with a new kernel and a new page."""
    times = {way: [pages[way].first] for way in (MAIN, USUAL)}
    for _ in range(OPENINGS):
        for way, each in times.items():
            page = opened(way)
            each.append(page.first)
            page.close()
    what = "first explorer on screen after Run All", f"{USUAL.name}, its first figure"
    table.row("Start", *what, *map(median, times.values()), "ms")


def one_round(page, numbers):
    """Keys and a drag on one page."""
    times, worked, cost, size = page.keys()
    page.go(0)
    asked = page.questions
    samples, emitted = page.watched(lambda: page.drag(there_and_back(MOVES), SECONDS))
    pictures, behind, settle, changed, moved = drag_numbers(samples)
    numbers["latency"] += times
    numbers["worked"] += worked
    share, questions = changed / max(moved, len(emitted)), (page.questions - asked) / changed
    names = ("cost", "bytes", "pictures", "behind", "settle", "share", "questions")
    for name, value in zip(names, (cost, size, pictures, behind, settle, share, questions), strict=True):
        numbers[name].append(value)


def follow(table, pages):
    """Every way in turn, in every round; then the memory over very many moves."""
    numbers = {way: {name: [] for name in (*MEASURES, "worked")} for way in pages}
    for _ in range(ROUNDS):
        for way, page in pages.items():
            one_round(page, numbers[way])
    for way, page in pages.items():
        each, before = numbers[way], page.memory()
        page.drag(there_and_back(ALL_MOVES), ALL_MOVES / 120)
        page.settle()
        each["page"], each["kernel"] = ([b - a] for a, b in zip(before, page.memory(), strict=True))
        each["late"] = [np.percentile(each["latency"], 95)]
    for ours, rows in ROWS.items():
        for name, (what, unit) in MEASURES.items():
            for way in rows[name]:
                place = f"Slider, {ours.name}", what, way.name
                if way in pages:
                    values = (float(median(numbers[each][name])) for each in (ours, way))
                    table.row(*place, *values, unit, TARGETS.get((ours, way, name), ""))
                else:
                    table.missing(*place, way.package)
    what = "of that time, until the page is changed", "all, with the wait for the screen's next frame"
    times = median(numbers[MAIN]["worked"]), median(numbers[MAIN]["latency"])
    table.row(f"Slider, {MAIN.name}", *what, *times, "ms")
    return median(numbers[FLOOR]["behind"])


def cold(table, page, behind):
    """Drags that begin before the slider's table is in."""
    page.prepare()
    times = []
    for _ in range(COLD_DRAGS):
        page.page.locator(TRACK).focus()
        page.page.keyboard.press("ArrowRight")  # now the table of the other slider does not fit
        page.settle(0.3)
        samples, _ = page.watched(lambda: page.drag(there_and_back(MOVES // 3), SECONDS / 3))
        times.append(caught_up(samples))
    what = "until a drag begun before its table keeps up", f"behind the finger, {FLOOR.name}"
    table.row("Slider, steps", *what, median(times), behind, "ms", "gdlab ≤ 200")


def last_pictures(table, page):
    """Short hasty drags: how many end with the picture of their last value."""
    rng, right = np.random.default_rng(0), 0
    for _ in range(SHORT_DRAGS):
        page.drag(rng.uniform(0, 1, 4), 0.03)
        right += page.fits(*page.settle(0.05, limit=1.0))
    what = "drags whose last picture is that of the last value", "all of them"
    table.row(f"Slider, {MAIN.name}", *what, right, SHORT_DRAGS, "", "ratio ≥ 1")


def measure(table):
    """All of it in one JupyterLab and one browser."""
    programs = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, programs)), None)
    lacking = [package.split(".")[0] for package in NEEDS if optional(package) is None]
    lacking += [] if program else ["chromium"]
    if lacking:
        return table.missing("Slider", "everything", "the other ways", lacking[0])
    from kernels import free_port
    from memory import Server
    from playwright.sync_api import sync_playwright

    new_table(table)
    there = [way for way in OTHERS if optional(way.package)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as driver:
        home, root = Path(folder, "home"), Path(folder, "notebooks")
        news = home / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / "apputils-extension"
        news.mkdir(parents=True), root.mkdir()
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (news / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
        server, port = Server(root, home), free_port()  # by the port the mouse is moved
        try:
            server.wait()
            options = [
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
            ]
            options += [f"--remote-debugging-port={port}"]
            browser = driver.chromium.launch(executable_path=program, args=options)
            table.versions["chromium"] = browser.version

            def opened(way):
                return Page(way, browser, port, server, root)

            pages = {way: opened(way) for way in (MAIN, ASKED, *there)}
            first_picture(table, opened, pages)
            for page in pages.values():
                page.prepare()
            behind = follow(table, pages)
            last_pictures(table, pages[MAIN])
            cold(table, opened(COLD), behind)
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main("slider", measure)
