"""Strict nbval, as `make test` runs it, accepts a faithful notebook and sees one changed digit."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]


def write_notebook(path, printed):
    cell = nbformat.v4.new_code_cell("print(6 * 7)", id="answer", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text=printed)]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def test_strict_nbval_compares_what_is_printed(tmp_path):
    write_notebook(tmp_path / "faithful.ipynb", "42\n")
    write_notebook(tmp_path / "tampered.ipynb", "43\n")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    flags = re.search(r"^NBVAL = (.+)$", makefile, re.M)[1].split()
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--color=no", *flags]
    command += ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    outcomes = re.findall(r"^(PASSED|FAILED|ERROR) (\w+)\.ipynb", run.stdout, re.M)
    assert sorted(outcomes) == [("FAILED", "tampered"), ("PASSED", "faithful")], run.stdout + run.stderr
