"""tools/rerun.py finds cells that print something else, that fail on their second run, or that leak."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat

SCRIPT = Path(__file__).resolve().parents[1] / "tools" / "rerun.py"
WIDGET = "import ipywidgets\nslider = ipywidgets.FloatSlider()"


def write(path, *cells, tags=()):
    """A notebook of (source, what is stored as printed), the last cell with tags."""
    cells = [
        nbformat.v4.new_code_cell(
            source, outputs=[nbformat.v4.new_output("stream", text=printed)] if printed else []
        )
        for source, printed in cells
    ]
    cells[-1].metadata["tags"] = list(tags)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def differences(*arguments):
    """{notebook: how many differences its row counts}, and everything printed."""
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    rows = re.findall(r"^\| (\w+) \| \d+ \| (\d+) \|$", run.stdout, re.M)
    found = {name: int(count) for name, count in rows}
    assert run.returncode == any(found.values()), run.stdout + run.stderr
    return found, run.stdout


def test_what_differs_between_runs_is_found(tmp_path):
    steady = write(tmp_path / "steady.ipynb", ("answer = 6 * 7", ""), ("print(answer)", "42\n"))
    clock = ("import time\nprint(time.time_ns())", "1\n")
    changing = write(tmp_path / "changing.ipynb", clock)
    ignored = write(tmp_path / "ignored.ipynb", clock, tags=["nbval-ignore-output"])
    failing = write(tmp_path / "failing.ipynb", ("1 / 0", ""), tags=["nbval-ignore-output"])
    found, printed = differences("--runs", 2, steady, changing, ignored, failing)
    assert found == {"steady": 0, "changing": 2, "ignored": 0, "failing": 2}
    assert "run 2, cell 0: '1' is now '1" in printed
    assert "'nothing' is now 'ZeroDivisionError: division by zero'" in printed


def test_what_a_second_run_breaks_is_found(tmp_path):
    steady = write(tmp_path / "steady.ipynb", ("names = ['a']", ""), ("print(names.pop())", "a\n"))
    assert differences("--runs", 1, steady)[0] == {"steady": 0}
    found, printed = differences("--twice", steady)
    assert found == {"steady": 1} and "run 2, cell 1: 'a' is now 'IndexError" in printed


def test_what_a_cell_leaves_behind_is_found(tmp_path):
    show = "\nfrom IPython.display import display"
    shown = {"output_type": "display_data", "data": {"text/plain": "FloatSlider(value=0.0)"}}
    for name, source in {
        "leak": WIDGET + show,
        "kept": f"if 'slider' not in globals():\n    {WIDGET.replace(chr(10), chr(10) + '    ')}" + show,
        "drawn": "from matplotlib.figure import Figure\nfigures = [*globals().get('figures', []), Figure()]\n"
        f"if 'slider' not in globals():\n    {WIDGET.replace(chr(10), chr(10) + '    ')}" + show,
    }.items():
        write(tmp_path / f"{name}.ipynb", (source + "\ndisplay(slider)", ""))
        notebook = nbformat.read(tmp_path / f"{name}.ipynb", as_version=4)
        notebook.cells[0].outputs = [nbformat.from_dict({**shown, "metadata": {}})]
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    found, printed = differences("--twice", *sorted(tmp_path.glob("*.ipynb")))
    assert found == {"drawn": 1, "kept": 0, "leak": 1}, printed
    assert re.search(r"run 3, cell 0: '6 widgets, 0 figures' is now '9 widgets, 0 figures'", printed)
