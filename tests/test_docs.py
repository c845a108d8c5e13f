"""The pages for teachers and readers: links lead to files and headings, the glossary is in order."""

import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["CONTRIBUTING.md", "README.md", "TEACHING.md", "docs/glossary.md", "docs/ledger.md"]
LINK = re.compile(r"\]\(((?:[^()\s]|\([^()\s]*\))+)\)")  # an address may hold one pair of brackets
NOTEBOOKS = {path.name: path for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}


def anchors(notebook: Path) -> list[str]:
    """What JupyterLab calls the headings of a notebook: their text, with dashes for spaces."""
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [
        found.strip().replace(" ", "-") for found in re.findall(r"^#+ (.*)", prose, flags=re.MULTILINE)
    ]


def broken(page: Path, text: str, known: dict) -> list[str]:
    """The links of a text that lead nowhere."""
    wrong = []
    for link in LINK.findall(text):
        if link.startswith("https://"):
            continue
        target, _, heading = link.partition("#")
        path = (page.parent / target).resolve()
        if not path.is_file() or (heading and known.get(path.name, []).count(heading) != 1):
            wrong.append(link)
    return wrong


def words() -> list[tuple[str, str]]:
    """The rows of the glossary: the word, and the rest of its row."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^\| \*\*(.+?)\*\* \| (.*) \|$", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def known():
    return {name: anchors(path) for name, path in NOTEBOOKS.items()}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading(page, known):
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    assert broken(path, text, known) == []
    assert text.count("](") == len(LINK.findall(text)), "a link that this test cannot read"


def test_a_planted_slip_is_found(known):
    text = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    for right, wrong in (("#By-hand", "#By-Hand"), ("00_start_here", "00_start"), ("docs/gl", "docs/g")):
        assert right in text and broken(ROOT / "TEACHING.md", text.replace(right, wrong), known)


def test_teachers_are_told_of_every_notebook():
    text = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    assert [name for name in NOTEBOOKS if f"notebooks/{name}" not in text] == []
    assert len(text.split()) <= 2000


def test_a_plan_has_as_many_minutes_as_a_lesson():
    """In the first plan the minutes begin the row, in the others they stand in brackets."""
    text = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
    one, others = text.split("**One lesson**")[1].split("## Before")[0].split("**Three lessons**")
    assert sum(map(int, re.findall(r"^\| (\d+) \|", one, flags=re.MULTILINE))) == 45
    sums = [sum(map(int, re.findall(r"\((\d+)\)", row))) for row in others.splitlines()]
    assert [total for total in sums if total] == [45] * 7


def test_the_glossary_is_in_order_and_links_every_word():
    plain = [re.sub(r"[^a-z0-9 ]", "", word.casefold().replace("-", " ")) for word, _ in words()]
    assert len(plain) > 60
    assert [pair for pair in pairwise(plain) if pair[0] >= pair[1]] == []
    assert [word for word, row in words() if "](../notebooks/" not in row] == []
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| ", text, flags=re.MULTILINE)) == len(plain) + 1, (
        "a row that is not a word"
    )


def test_the_glossary_names_the_place_that_it_links_to():
    for word, row in words():
        for number, said, name, heading in re.findall(
            r"\[(\d\d): (.+?)\]\(\.\./notebooks/((?:\d\d)\S+?)#(\S+)\)", row
        ):
            assert name.startswith(number) and said.replace(" ", "-") == heading, word


def test_the_site_names_headings_as_sphinx_does():
    spec = importlib.util.spec_from_file_location("site_of_gdlab", ROOT / "tools" / "site.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    shown = tool.linked(
        '[a](../notebooks/01_x.ipynb#"Best"-needs-one-number) [b](../notebooks/01_x.ipynb)'
    )
    assert shown == "[a](01_x.ipynb#best-needs-one-number) [b](01_x.ipynb)"
    assert "(10_x.ipynb#1-on-bowls-goh-2017) |" in tool.linked(
        "](../notebooks/10_x.ipynb#1.-On-bowls-(Goh,-2017)) |"
    )
    index = (ROOT / "docs" / "site" / "index.md").read_text(encoding="utf-8")
    assert [path.stem for path in (ROOT / "docs").glob("*.md") if f"\n{path.stem}\n" not in index] == []
