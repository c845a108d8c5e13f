"""Write docs/ledger.md from notebooks/claims.csv: every claim, its notebook, and the heading under which
the cell that proves it stands.

    python tools/ledger.py [--check]        --check writes nothing and exits 1 if the page is stale
"""

import csv
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "ledger.md"
HEAD = """# The ledger: every claim, and where it is proved

A claim counts as taught where a notebook shows it and proves it: by a cell, tagged with the claim's id,
whose `assert` fails if the claim were false. `tools/ledger.py` writes this page; a test says when it is
stale.

| id | claim | proved in |
|---|---|---|
"""


def claims() -> list[dict[str, str]]:
    """The rows of the list of claims."""
    with (ROOT / "notebooks" / "claims.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def headings(notebook: str) -> dict[str, str]:
    """{tag: the last heading above the first cell that carries it}."""
    found, heading = {}, ""
    for cell in nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown":
            lines = [line for line in cell.source.splitlines() if line.startswith("#")]
            heading = lines[-1].lstrip("# ") if lines else heading
        for tag in cell.metadata.get("tags", []):
            found.setdefault(tag, heading)
    return found


def page() -> str:
    """The text of the page."""
    text, seen = HEAD, {}
    for row in claims():
        name = row["notebook"]
        seen.setdefault(name, headings(name))
        link = f"../notebooks/{name}.ipynb#{seen[name][row['id']].replace(' ', '-')}"
        text += f"| {row['id']} | {row['claim']} | [{name}: {seen[name][row['id']]}]({link}) |\n"
    return text


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(
            0
            if PAGE.read_text(encoding="utf-8") == page()
            else f"{PAGE.name} is stale: python tools/ledger.py"
        )
    PAGE.write_text(page(), encoding="utf-8")
