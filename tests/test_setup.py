"""The files that set the project up agree with each other, and say what is missing in plain words."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def direct_dependencies():
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for text in [*PROJECT["dependencies"], *(t for e in extras for t in e)]]


def pins(python):
    """Return {name: version} of what constraints.txt pins for one Python on this system."""
    version = {"python_version": python, "python_full_version": f"{python}.9"}
    environment = default_environment() | version
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    pinned = [r for r in map(Requirement, lines) if not r.marker or r.marker.evaluate(environment)]
    names = [canonicalize_name(requirement.name) for requirement in pinned]
    assert len(names) == len(set(names)), "a package is pinned twice"
    return {
        name: str(requirement.specifier).removeprefix("==")
        for name, requirement in zip(names, pinned, strict=True)
    }


@pytest.mark.parametrize("dependency", direct_dependencies(), ids=str)
@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_are_not_stale(python, dependency):
    """If this fails, run the command at the top of constraints.txt again."""
    pin = pins(python).get(canonicalize_name(dependency.name))
    assert pin is not None, f"{dependency.name} has no pin"
    assert dependency.specifier.contains(pin), f"{dependency} does not admit {pin}"


def test_every_pin_is_exact():
    for line in read("constraints.txt").splitlines():
        assert line.startswith("#") or re.match(r"[a-z0-9-]+==[^ *]+( ; .+)?$", line), line


def test_requirements_name_nothing_twice():
    assert read("requirements.txt").splitlines() == ["-c constraints.txt", "-e .[lab]"]


def test_binder_and_conda_use_the_same_requirements():
    environment = read("environment.yml")
    python = re.search(r"^ *- python(=+)([\d.]+)$", environment, re.M)  # Binder reads no other form
    assert python[1] == "="
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python[2])
    assert re.search(r"^ *- pip$", environment, re.M)
    assert re.search(r"^ *- pip:\n *- -r requirements\.txt$", environment, re.M)


def test_every_promised_python_is_tested():
    workflow = read(".github/workflows/test.yml")
    assert tuple(re.findall(r'"(3\.\d+)"', workflow)) == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_scripts_can_be_run():
    for name in ("postBuild", "start", ".ci/run"):
        assert read(name).startswith("#!/usr/bin/env bash\n")
        assert sys.platform == "win32" or os.access(ROOT / name, os.X_OK), name


def test_the_server_stays_closed():
    """No recipe opens JupyterLab to other machines or without its token."""
    for name in ("Makefile", "start", "postBuild", "tools/setup.sh"):
        assert not re.search(r"--ip\b|\.(ip|token|password)\b|JUPYTER_TOKEN", read(name)), name


FORBIDDEN = {  # written so that this file does not hold what it looks for
    "a registry's host": r"py[p]i\.org|python[h]osted|npm[j]s|deb\.[d]ebian\.org",
    "a machine's path": r"(?<![\w.])/(?:root|work|home)/",
}


@pytest.fixture(scope="module")
def tracked_texts():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout.decode()
    texts = {}
    for name in filter(None, listed.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    assert "pyproject.toml" in texts
    return texts


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_file_names(tracked_texts, pattern):
    found = {name: re.findall(pattern, text) for name, text in tracked_texts.items()}
    assert {name: matches for name, matches in found.items() if matches} == {}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("exit 1", "Python 3.11 or newer is needed"),
        ('case "$*" in *ensurepip*) exit 1 ;; esac', "sudo apt install python3-venv"),
    ],
    ids=["no Python", "no venv"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the Python that is faked is a shell script")
def test_what_is_missing_is_said(tmp_path, answers, message):
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    fake = tmp_path / "bin" / "python3"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\n{answers}\n", encoding="utf-8")
    fake.chmod(0o755)
    command = [shutil.which("sh"), "tools/setup.sh", "lab"]
    environment = {"PATH": str(fake.parent)}  # neither uv nor another Python
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert run.returncode == 1
    assert "Stopped: " in run.stderr and message in run.stderr
    assert not (tmp_path / ".venv").exists()
