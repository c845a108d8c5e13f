"""Nothing evaluates text, nothing is fetched, no markup is set from outside, no door stands open."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gdlab

PACKAGE = Path(gdlab.__file__).parent
ROOT = Path(__file__).parents[1]
FORBIDDEN = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
MODULES = {"pickle", "marshal", "shelve", "subprocess", "socket", "urllib", "http", "requests", "ctypes"}
MARKUP = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bfetch\("
MARKUP += r"|XMLHttpRequest|WebSocket|sendBeacon|\bimport\(|localStorage|cookie"


def wrong(source):
    """Calls that evaluate text, and modules that reach outside."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN:
            yield node.func.id
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield node.module


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_the_package_evaluates_no_text_and_reaches_nowhere(path):
    assert list(wrong(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("planted", ["eval('1')", "import pickle", "from urllib.request import urlopen"])
def test_the_search_finds_what_is_planted(planted):
    assert list(wrong(planted))


@pytest.mark.parametrize("name", ["stage.js", "page.html"])
def test_the_script_sets_no_markup_and_asks_nobody(name):
    assert re.findall(MARKUP, (PACKAGE / name).read_text(encoding="utf-8")) == []
    assert re.search(MARKUP, "node.innerHTML = text") and re.search(MARKUP, "await fetch(url)")


def test_jupyterlab_keeps_its_token():
    started = [path for path in map(ROOT.joinpath, ("Makefile", "start", "postBuild")) if path.exists()]
    text = "\n".join(path.read_text(encoding="utf-8") for path in started).replace("?token=", "")
    assert "jupyterlab" in text
    assert not re.search(r"token|password|allow_origin|disable_check_xsrf|0\.0\.0\.0", text)


OFFLINE = """
import socket, sys
class Refused(socket.socket):
    def connect(self, address):
        raise OSError(f"the network is refused: {address}")
    connect_ex = connect
socket.socket = Refused
socket.create_connection = socket.getaddrinfo = Refused.connect
import nbformat
import runpy
values = runpy.run_path("tools/site.py")["values"]
print(len(values(nbformat.read("notebooks/08_backpropagation.ipynb", 4))))
"""


def test_a_notebook_runs_with_the_network_refused():
    """The one that reads the most data, in a Python that cannot connect anywhere."""
    how = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 120, "check": False}
    ran = subprocess.run([sys.executable, "-c", OFFLINE], **how)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert int(ran.stdout) >= 3
