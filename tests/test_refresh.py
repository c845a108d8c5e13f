"""tools/refresh.py stores nothing that changes from run to run, and old pictures that look the same."""

import base64
import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).resolve().parents[1] / "tools" / "refresh.py"
specification = importlib.util.spec_from_file_location("refresh", SCRIPT)
refresh = importlib.util.module_from_spec(specification)
specification.loader.exec_module(refresh)

DRAWING = "from PIL import Image\nImage.new('RGB', (100, 50), 'teal')"
SLIDER = "import ipywidgets\nprint('a slider', flush=True)\nprint('comes')\nipywidgets.FloatSlider()"


def notebook_of(*sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells)


def run(*arguments):
    command = [sys.executable, SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_notebook_is_run_tidied_and_then_as_stored(tmp_path):
    path = tmp_path / "a.ipynb"
    notebook = notebook_of(SLIDER, "len(open('beside.txt').read())", "1 / 0", DRAWING)
    notebook.metadata["widgets"] = {"state": {}}
    notebook.cells[2].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)
    (tmp_path / "beside.txt").write_text("seven..", encoding="utf-8")

    before = path.read_bytes()
    check = run("--check", path)
    assert (check.returncode, check.stdout) == (1, "a.ipynb: would change\n"), check.stderr
    assert path.read_bytes() == before

    written = run(path)
    assert (written.returncode, written.stdout) == (0, "a.ipynb: refreshed\n"), written.stderr
    after = path.read_bytes()
    assert after.endswith(b"\n}\n") and b"\r" not in after and b"widget-view" not in after
    stored = nbformat.reads(after.decode(), as_version=4)
    nbformat.validate(stored)
    assert stored.metadata == refresh.METADATA
    assert [cell.id for cell in stored.cells] == ["cell-0", "cell-1", "cell-2", "cell-3"]
    assert [cell.execution_count for cell in stored.cells] == [1, 2, 3, 4]
    assert [cell.metadata for cell in stored.cells] == [{}, {}, {"tags": ["raises-exception"]}, {}]
    stream, slider = stored.cells[0].outputs
    assert stream.text == "a slider\ncomes\n" and list(slider.data) == ["text/plain"]
    assert stored.cells[1].outputs[0].data == {"text/plain": "7"}
    assert stored.cells[2].outputs[0].traceback == ["ZeroDivisionError: division by zero"]

    data = stored.cells[3].outputs[0].data
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    data["image/png"] = png(
        np.asarray(picture), compress_level=0
    )  # the same, as another machine writes it
    nbformat.write(stored, path)
    assert path.read_bytes() != after
    check = run("--check", path)
    assert (check.returncode, check.stdout) == (0, "a.ipynb: as stored\n"), check.stderr


def test_a_failing_cell_is_reported_and_nothing_is_written(tmp_path):
    path = tmp_path / "a.ipynb"
    nbformat.write(notebook_of("undefined"), path)
    before = path.read_bytes()
    failed = run(path)
    assert failed.returncode == 1
    assert "a.ipynb: a cell failed" in failed.stderr and "NameError" in failed.stderr
    assert path.read_bytes() == before


def test_streams_are_merged_only_where_they_are_neighbours():
    pieces = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in pieces]
    merged = refresh.merge_streams(outputs)
    assert [(output.name, output.text) for output in merged] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


PIXELS = np.full((50, 100, 3), 200, dtype=np.uint8)


def png(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png", **options)
    return base64.b64encode(file.getvalue()).decode()


def with_pixels(rows, columns, value):
    pixels = PIXELS.copy()
    pixels[:rows, :columns] = value
    return png(pixels)


SAME = {
    "other bytes, same pixels": png(PIXELS, compress_level=0),
    "one pixel in a thousand": with_pixels(1, 5, 0),
    "all pixels by less than one": with_pixels(25, 100, 201),
}
DIFFERENT = {
    "five pixels in two thousand": with_pixels(1, 13, 0),
    "all pixels by two": with_pixels(50, 100, 202),
    "another size": png(PIXELS[:-1]),
}


@pytest.mark.parametrize(
    ("new", "kept"),
    [(new, True) for new in SAME.values()] + [(new, False) for new in DIFFERENT.values()],
    ids=[*SAME, *DIFFERENT],
)
def test_the_old_picture_stays_where_the_new_one_looks_the_same(new, kept):
    notebooks = []
    for picture in (png(PIXELS), new):
        notebook = notebook_of("draw()")
        notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", {"image/png": picture})]
        notebooks.append(notebook)
    refresh.keep_old_pictures(*notebooks)
    assert notebooks[1].cells[0].outputs[0].data["image/png"] == (png(PIXELS) if kept else new)


def test_a_small_mark_is_seen_in_a_large_picture():
    plain = np.full((400, 900, 3), 200, dtype=np.uint8)
    marked = plain.copy()
    marked[203:209, 611:617] = 0  # 36 of 360,000 pixels
    assert not refresh.looks_the_same(png(plain), png(marked))
    scattered = plain.copy()
    scattered[::50, ::30] = 0
    assert refresh.looks_the_same(png(plain), png(scattered))


def test_a_picture_of_another_cell_is_not_taken():
    old, new = notebook_of("draw()"), notebook_of("draw()")
    for notebook, picture in ((old, png(PIXELS)), (new, SAME["one pixel in a thousand"])):
        notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", {"image/png": picture})]
    new.cells[0].id = "another"
    refresh.keep_old_pictures(old, new)
    assert new.cells[0].outputs[0].data["image/png"] == SAME["one pixel in a thousand"]
