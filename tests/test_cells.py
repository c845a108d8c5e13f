"""What a saved notebook keeps, and what goes when a cell runs again."""

import gc
import itertools
import json
import subprocess
import sys
import types

import IPython
import nbformat
import pytest
from ipywidgets.widgets import widget
from jupyter_server.services.contents.filemanager import FileContentsManager
from traitlets.config import Config

import gdlab.cells
from gdlab import explorers, landscapes
from gdlab.answers import Predictions
from gdlab.cells import WIDGET_VIEW, before_saving

STILL = {"image/png": "aGVsbG8=", "text/plain": "A bowl."}


def notebook(*outputs, **metadata):
    """A notebook with one cell of words and one of code, as Jupyter's server gets it."""
    code = nbformat.v4.new_code_cell("f()", outputs=list(outputs))
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("A question."), code])
    made.metadata.update(metadata)
    return json.loads(nbformat.writes(made))


def shown(kind, data):
    return nbformat.v4.new_output(kind, data=dict(data))


def test_the_server_keeps_what_can_be_shown_without_a_kernel(tmp_path):
    """Through the server's own way of saving, with what the configuration of this environment loads."""
    elsewhere = Config({"NotebookNotary": {"db_file": ":memory:"}})  # not in this machine's home
    manager = FileContentsManager(root_dir=str(tmp_path), config=elsewhere)
    gdlab.cells._load_jupyter_server_extension(types.SimpleNamespace(contents_manager=manager))
    printed = nbformat.v4.new_output("stream", text="6\n")
    outputs = [printed, shown("execute_result", {**STILL, WIDGET_VIEW: {"model_id": "a"}})]
    outputs += [shown("display_data", STILL)]
    manager.save({"type": "notebook", "content": notebook(*outputs)}, "a.ipynb")
    manager.save({"type": "file", "format": "text", "content": WIDGET_VIEW}, "a.txt")
    manager.notary.store.close()
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == WIDGET_VIEW
    first, second, third = nbformat.read(tmp_path / "a.ipynb", as_version=4).cells[1].outputs
    assert first.text == "6\n" and second.data == third.data == STILL


def test_a_reader_who_saves_the_state_of_widgets_keeps_them():
    output = shown("display_data", {**STILL, WIDGET_VIEW: {"model_id": "a"}})
    model = {"type": "notebook", "content": notebook(output, widgets={"state": {}})}
    before = json.dumps(model)
    before_saving(model=model, path="a.ipynb")
    assert json.dumps(model) == before
    del model["content"]["metadata"]["widgets"]
    assert WIDGET_VIEW in json.dumps(model)
    before_saving(model=model, path="a.ipynb")
    assert WIDGET_VIEW not in json.dumps(model)


def test_every_server_of_this_environment_does_it():
    command = [sys.executable, "-m", "jupyter", "server", "extension", "list"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "gdlab.cells" in ran.stdout + ran.stderr


# --- a cell that runs again ------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch):
    """Make things as a run of a cell does: its id, or none where the front end sends only the code."""
    monkeypatch.setattr(gdlab.cells, "_made", {})
    runs = itertools.count()

    def make(cell, count=1, code="f()", maker=explorers.LineFit):
        asked = {"metadata": {"cellId": cell} if cell else {}, "content": {"code": code}}
        asked["header"] = {"msg_id": f"message-{next(runs)}"}
        notebook = types.SimpleNamespace(get_parent=lambda: asked)
        monkeypatch.setattr(IPython, "get_ipython", lambda: notebook)
        return [maker() for _ in range(count)]

    yield make


def closed(stage):
    return stage.background == b"" and stage.picture == {} and not stage._figure.axes


@pytest.mark.parametrize("cell", ["cell-1", None])
def test_a_cell_keeps_the_stages_of_two_runs(run, cell):
    first, second = run(cell, 2), run(cell, 2)
    assert not any(map(closed, first + second))
    third = run(cell)
    assert all(map(closed, first)) and not any(map(closed, second + third))
    run(cell)
    assert all(map(closed, second)) and not any(map(closed, third))


def test_another_cell_closes_nothing(run):
    (stage,) = run("cell-1")
    for number in range(4):
        run(f"cell-{number + 2}")
        run(None, code=f"f({number})")
    assert not closed(stage)


def test_outside_a_notebook_nothing_is_closed(monkeypatch):
    monkeypatch.setattr(gdlab.cells, "_made", {})
    stages = [explorers.LineFit() for _ in range(4)]
    assert not any(map(closed, stages)) and gdlab.cells._made == {}


BOWL = landscapes.Quadratic([1, 10])


@pytest.mark.parametrize(
    ("name", "truth", "on"),
    [("start-global", "never", None), ("grad-valley", -90.0, (BOWL, [1, 1]))],
    ids=["a choice", "a direction"],
)
def test_a_prediction_that_is_asked_again_leaves_no_widget_behind(run, name, truth, on):
    counts = []
    for _ in range(5):
        run("cell-1", maker=lambda: Predictions().ask(name, lambda: truth, on))
        gc.collect()
        counts.append(len(widget._instances))
    assert counts[0] < counts[1] == counts[2] == counts[3] == counts[4]


@pytest.mark.parametrize(
    "maker",
    [explorers.Gallery, lambda: explorers.Fog(probes=2), explorers.LineFit],
    ids=["Gallery", "Fog", "LineFit"],
)
def test_an_explorer_that_is_shown_again_leaves_no_widget_behind(run, maker):
    """With what a click had opened: that runs in no cell."""
    counts = []
    for _ in range(5):
        (shown,) = run("cell-1", maker=maker)
        run(None, 0, code=None)
        if isinstance(shown, explorers.Gallery):
            shown.show("bowl")
        gc.collect()
        counts.append(len(widget._instances))
    assert counts[0] < counts[1] == counts[2] == counts[3] == counts[4]
