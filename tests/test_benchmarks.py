"""The benchmarks run and print a table; how fast is not tested."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "run.py"


def test_the_table_has_a_ratio_in_every_row(capsys):
    script = runpy.run_path(str(SCRIPT))
    script["main"].__globals__["ROUNDS"] = 1
    script["main"]()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 4
    for line in rows:
        assert float(line.strip("| ").split("|")[-1]) > 0


def test_the_loops_by_hand_do_what_gdlab_does():
    from gdlab import GradientDescent, descend, landscapes

    script = runpy.run_path(str(SCRIPT))
    run = descend(landscapes.Quadratic([1, 10]), [-2, 1.5], GradientDescent(0.15), 30)
    assert abs(script["bowl_by_hand"](30) - run.values[-1]) < 1e-12
