"""A real JupyterLab on this machine's loopback, and one headless Chromium that looks at it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

# Two explorers; the first is shown twice. They can be made slow, and at 77.7 steps they fail.
SCRATCH = [
    """import time
import numpy as np
from gdlab import explorers, landscapes

class Trying(explorers.LearningRate):
    late = 0.0

    def frames(self, settings):
        time.sleep(self.late)
        if np.any(settings["steps"] == 77.7):
            raise RuntimeError("no picture of 77.7")
        return super().frames(settings)

bowl = landscapes.Quadratic([1, 10], rotation=30)
first, second = (Trying(bowl, start=[-2, 1.5], learning_rate=0.15, steps=40) for _ in range(2))
""",
    "first",
    "first",
    "second",
    "print(first.settings)",
    "print(second.settings)",
    "first.learning_rate, first.steps = 0.05, 7.0\nprint(first.sentence)",
    "second.late = 0.15",
]

# An image mark, a menu, a player, and a rectangle to zoom with.
MAP = [
    """import numpy as np
from gdlab import plots
from gdlab.explorers.common import lanes, moving, picture
from gdlab.stage import Frames, Handle, Menu, Slider, Stage

class Map(Stage):
    window = (-2, 2), (-2, 2)

    def __init__(self):
        figure, self.land = plots.figure(1, height=4, width=6)
        self.land.set(xlim=(-2, 2), ylim=(-2, 2))
        self.image = picture(self.land, "viridis", 0, 1)
        self.point = moving(self.land, **plots.point_style())
        across = np.linspace(-2, 2, 41)
        sliders = [Slider(name, name, across, 0.5, folded=True, ahead=False) for name in "xy"]
        sliders += [Menu("kind", "kind", ("one", "two"))]
        sliders += [Slider("steps", "steps", np.arange(9), 0, play=True)]
        handle = Handle(("x", "y"), self.land, "point", zoom=True)
        super().__init__(figure, [self.image, self.point], sliders, [handle])

    def zoom(self, window):
        if window and window[0][0] > 1.5:
            raise RuntimeError("nothing there")
        self.window = window or Map.window
        self.land.set(xlim=self.window[0], ylim=self.window[1])
        self.redraw()

    def frames(self, settings):
        asked, P = lanes(settings)
        shade = np.stack([np.array([[0.0, 0.5], [1.0, np.nan]])] * P)
        shade[asked["kind"] == 1] = shade[0, ::-1]
        here = np.stack([asked["x"], asked["y"]], axis=-1)[:, None]
        words = [f"Kind {k:.0f} after {n:.0f} steps." for k, n in zip(asked["kind"], asked["steps"])]
        return Frames({self.image: shade, self.point: here}, words)

stage = Map()
stage""",
    "print(stage.window, stage.settings)",
]


@pytest.fixture(scope="package")
def root(tmp_path_factory):
    """What JupyterLab serves: the notebooks, and two scratch notebooks."""
    root = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, root)
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for name, sources in (("scratch", SCRATCH), ("map", MAP)):
        cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), root / f"{name}.ipynb")
    return root


@pytest.fixture(scope="package")
def runtime(tmp_path_factory):
    """Where JupyterLab writes how to reach its kernels."""
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="package")
def lab(root, runtime, tmp_path_factory):
    """The address of a running JupyterLab, as a function of the notebook's name."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no chromium: install it to run this test"
        )
    home = tmp_path_factory.mktemp("jupyter")
    news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8")
    token = secrets.token_hex(16)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": runtime,
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}"]
    command += [f"--IdentityProvider.token={token}", "--ServerApp.answer_yes=True"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]
    log = home / "log.txt"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {name: str(home / folder) for name, folder in folders.items()},
        )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 40
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status?token={token}", timeout=2).close()
                break
            except (urllib.error.URLError, OSError):
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
                time.sleep(0.1)
        yield lambda name: f"{address}/lab/tree/{name}?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


@pytest.fixture(scope="package")
def chromium(lab):
    """One browser. It is closed with this folder's tests, since its event loop would disturb others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", *QUIET],
            timeout=20_000,
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def profile(chromium):
    """One profile for all pages of JupyterLab, so that its scripts are fetched and compiled once."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()
