"""Break gdlab in every small way that mutmut knows, a module at a time, and count what its tests notice.

`python tools/mutants.py losses models` does these two, and without a name all of them. The mutants stay
in build/mutants/MODULE: there, `mutmut show NAME` shows one. mutmut needs fork: not on Windows.
"""

import collections
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = {  # module: the files of tests that it must answer to
    "losses": ["losses", "objectives"],
    "models": ["models"],
    "objectives": ["objectives"],
    "gradients": ["gradients"],
    "closed_form": ["closed_form"],
    "landscapes": ["landscapes"],
    "optimizers": ["optimizers"],
    "schedules": ["schedules"],
    "descent": ["descent"],
    "trajectory": ["trajectory"],
    "sweeps": ["sweeps"],
    "data": ["data"],
    "_arguments": ["arguments"],
    "answers": ["answers", "dial"],
    "grading": ["answers"],
    "words": ["words"],
}
# Not these: one looks at all that a module defines, the mutants too; the other starts processes.
WITHOUT = [
    "tests/test_schedules.py::test_every_maker_is_tested_here",
    "tests/test_sweeps.py::test_a_cluster_gives_the_same_numbers_though_a_worker_dies",
]


def settings(module):
    """setup.cfg for mutmut: one module is mutated, its own tests and doctests run."""
    lists = {
        "source_paths": ["gdlab"],
        "only_mutate": [f"gdlab/{module}.py"],
        "pytest_add_cli_args_test_selection": [
            *(f"tests/test_{name}.py" for name in MODULES[module]),
            f"gdlab/{module}.py",
        ],
        "timeout_multiplier": ["5"],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", *(f"--deselect={name}" for name in WITHOUT)],
    }
    return "[mutmut]\n" + "".join(
        "\n    ".join([f"{key} =", *lines, ""]) + "\n" for key, lines in lists.items()
    )


def mutate(module):
    """How every mutant of a module ended: {name: killed, survived, timeout, no tests, ...}."""
    place = ROOT / "build" / "mutants" / module
    shutil.rmtree(place, ignore_errors=True)
    for name in ("gdlab", "tests", "notebooks"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    (place / "setup.cfg").write_text(settings(module), encoding="utf-8")
    mutmut = [sys.executable, "-m", "mutmut"]
    run = subprocess.run([*mutmut, "run", "--max-children=1"], cwd=place, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stdout[-2000:] + run.stderr)
    told = subprocess.run(
        [*mutmut, "results", "--all=true"], cwd=place, capture_output=True, text=True, check=True
    )
    return dict(line.strip().split(": ") for line in told.stdout.splitlines())


if __name__ == "__main__":
    for module in sys.argv[1:] or MODULES:
        ends = mutate(module)
        print(*(f"  {name}: {end}" for name, end in ends.items() if end != "killed"), sep="\n")
        print(f"{module}: {len(ends)} mutants,", dict(collections.Counter(ends.values())), flush=True)
