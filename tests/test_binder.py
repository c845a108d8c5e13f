"""The recipe by which Binder would build this repository; printing it needs no Docker and no network.

It says which Python is chosen and that gdlab itself is installed. Whether conda can solve the
environment, and whether mybinder.org runs the same version of repo2docker, it cannot say.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def recipe():
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    if importlib.util.find_spec("repo2docker") is None:
        missing = "the package jupyter-repo2docker is not installed"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_python_is_the_one_of_environment_yml(recipe):
    assert "Python version unspecified" not in recipe
    assert "python=3.12" in recipe


def test_the_repository_is_there_when_its_packages_are_installed(recipe):
    copied = recipe.find("COPY --chown=0:0 src/ ${REPO_DIR}/")
    installed = recipe.find('env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"')
    assert 0 < copied < installed


def test_font_cache_and_threads_are_part_of_it(recipe):
    assert "RUN ./postBuild" in recipe
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/start"' in recipe
