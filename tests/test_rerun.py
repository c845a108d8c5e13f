"""tools/rerun.py finds cells that print something else, that fail on their second run, or that leak."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat

TOOLS = Path(__file__).resolve().parents[1] / "tools"
CLOCK = "import time\nprint(time.time_ns())"
IGNORED = ["nbval-ignore-output"]


def write(path, *cells):
    """A notebook of cells: (source, what is stored as printed, tags)."""
    notebook = nbformat.v4.new_notebook()
    for source, printed, tags in cells:
        stored = [nbformat.v4.new_output("stream", text=printed)]
        notebook.cells.append(nbformat.v4.new_code_cell(source, outputs=stored, metadata={"tags": tags}))
    nbformat.write(notebook, path)
    return path


def run(*arguments):
    """The exit code, the name and the number of differences of each row, and the differences."""
    command = [sys.executable, TOOLS / "rerun.py", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    rows = re.findall(r"^\| (\w+) \| \d+ \| (\d+) \|$", ran.stdout, re.M)
    return ran.returncode, rows, re.findall("^run .*", ran.stdout, re.M)


def test_what_differs_between_runs_is_found(tmp_path):
    steady = write(tmp_path / "steady.ipynb", ("print(6 * 7)", "42\n", []))
    cells = [
        ("print(42)", "42\n", []),
        (CLOCK, "1\n", []),
        (CLOCK, "1\n", IGNORED),
        ("1 / 0", "", IGNORED),
    ]
    changing = write(tmp_path / "changing.ipynb", *cells)
    assert run("--runs", 1, steady) == (0, [("steady", "0")], [])
    code, rows, found = run("--runs", 2, steady, changing)
    assert (code, rows) == (1, [("steady", "0"), ("changing", "4")])
    assert [line[:13] for line in found] == [f"run {i}, cell {j}" for i in (1, 2) for j in (1, 3)]
    assert found[1] == "run 1, cell 3: '' is now 'ZeroDivisionError: division by zero'"


def test_a_cell_that_fails_when_a_reader_goes_back_is_found(tmp_path):
    path = write(
        tmp_path / "back.ipynb",
        ("number = 6", "", []),
        ("print(7 * number)", "42\n", []),
        ("number = None", "", []),
    )
    assert run("--runs", 1, path) == (0, [("back", "0")], [])
    assert run("--twice", path) == (0, [("back", "0")], [])
    code, rows, (found,) = run("--back", path)
    assert (code, rows) == (1, [("back", "1")])
    assert found.startswith("run 2, cell 1: '42' is now \"TypeError: unsupported operand")


def test_what_a_second_run_breaks_or_leaves_behind_is_found(tmp_path):
    begin = "from ipywidgets import FloatSlider\nfrom matplotlib.figure import Figure\n"
    path = write(
        tmp_path / "again.ipynb",
        (f"{begin}figures, names, slider = [], ['a'], FloatSlider()", "", []),
        ("slider", "", IGNORED),
        ("FloatSlider()", "", IGNORED),
        ("figures.append(Figure().subplots().figure)\nslider", "", IGNORED),
        ("print(names.pop())", "a\n", []),
    )
    assert run("--twice", path) == (
        1,
        [("again", "3")],
        [
            "run 3, cell 2: '12 widgets, 0 figures' is now '15 widgets, 0 figures'",
            "run 3, cell 3: '15 widgets, 2 figures' is now '15 widgets, 3 figures'",
            "run 2, cell 4: 'a' is now 'IndexError: pop from empty list'",
        ],
    )


def test_an_old_processor_is_old():
    code = """if True:
        import os, rerun, subprocess, sys
        rerun.use_an_old_processor()
        code = "import numpy; print(numpy.show_config('dicts')['SIMD Extensions'].get('found', []))"
        subprocess.run([sys.executable, "-c", code])
        print(os.environ["OPENBLAS_CORETYPE"])"""
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert ran.stdout == "[]\nNehalem\n", ran.stderr
