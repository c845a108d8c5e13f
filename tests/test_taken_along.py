"""The first cell of a notebook that was taken along from the site."""

import importlib.util
import runpy
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).parents[1]
SOURCE = runpy.run_path(str(ROOT / "tools" / "site.py"))["INSTALL"].format(repository="someone/gdlab")


@pytest.fixture
def asked():
    """Run the cell; what pip was asked for."""
    shell, lines = InteractiveShell(), []
    shell.register_magic_function(lines.append, magic_name="pip")

    def run():
        shell.run_cell(SOURCE).raise_error()
        return lines

    return run


def test_where_gdlab_is_there_nothing_happens(asked):
    assert asked() == []


def test_where_it_is_missing_it_is_installed(asked, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gdlab" else found(name)
    )
    assert asked() == ["install --quiet git+https://github.com/someone/gdlab"]
