"""README tells the truth: its code runs and prints what it says, its links and commands exist."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_code_prints_what_the_text_says():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL):
            exec(block, {})
    said = re.findall(r"It prints `(.*?)`", README)
    assert printed.getvalue().splitlines() == said and said


@pytest.mark.parametrize("page", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_to_files_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert target.startswith("https://") or (ROOT / target.partition("#")[0]).exists(), target


def test_every_make_command_is_a_target():
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    pages = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"make (lab|test|bench|refresh|[a-z]+)\b(?=[ `])", pages))
    assert {"lab", "test", "refresh"} <= asked & targets


def test_every_notebook_is_in_the_table_and_every_module_too():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in README
    for path in (ROOT / "gdlab").glob("[a-z]*.py"):
        if path.stem != "installation":
            assert f"`{path.stem}`" in README or f"`gdlab.{path.stem}`" in README, path.stem


def test_the_owner_is_named_in_one_place_only():
    assert sum(path.read_text(encoding="utf-8").count("gh/OWNER/") for path in ROOT.glob("*.md")) == 1
