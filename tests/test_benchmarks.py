"""The benchmarks run and print a table; how fast anything is is not tested."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from gdlab import EmpiricalRisk, GradientDescent, data, descend, landscapes, losses, models

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def part(monkeypatch):
    """A module of the benchmarks, by name, as on a machine that has none of the extras."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for extra in ("torch", "jax", "ipympl", "plotly"):
        monkeypatch.setitem(sys.modules, extra, None)
    yield importlib.import_module
    for name, module in list(sys.modules.items()):
        if str(FOLDER) in str(getattr(module, "__file__", "")):
            del sys.modules[name]


def cells(output):
    """The rows of the table that was printed, without its head."""
    lines = [line for line in output.splitlines() if line.startswith("|")]
    assert lines[:2] == ["| what | gdlab | alternative | ratio | target |", "|---|--:|--:|--:|---|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_a_small_run_prints_a_table_and_stores_the_same(part, monkeypatch, tmp_path, capsys):
    loops, table = part("loops"), part("table")
    small = {"ROUNDS": 1, "STEPS": 20, "RATES": 50, "LANE_STEPS": 5, "GROWTH": (1, 2)}
    small["NOTEBOOKS"] = loops.NOTEBOOKS[:1]
    for name, value in small.items():
        monkeypatch.setattr(loops, name, value)
    monkeypatch.setattr(table, "BUILD", tmp_path / "build")
    missed = table.main("small", loops.measure)
    output = capsys.readouterr().out
    stored = json.loads((tmp_path / "build" / "small.json").read_text(encoding="utf-8"))
    assert stored["versions"]["numpy"] == np.__version__ and f"numpy {np.__version__}" in output
    printed = cells(output)
    assert len(printed) == len(stored["rows"]) == 18
    for line, row in zip(printed, stored["rows"], strict=True):
        what, ours, theirs, ratio, target = line
        assert what == f"{row['part']}: {row['what']}, against {row['against']}"
        if "not measured" in row:
            assert ours == row["not measured"] and theirs == ratio == target == ""
            continue
        assert float(ours.split()[0]) == pytest.approx(row["gdlab"], rel=0.01)
        assert float(ratio) == pytest.approx(row["gdlab"] / row["alternative"], rel=0.01)
        assert target == (row["target"] and f"{row['target']}: {'held' if row['held'] else 'MISSED'}")
    without = [row["not measured"] for row in stored["rows"] if "not measured" in row]
    expected = ["not measured: torch is not installed", "not measured: jax is not installed"] * 3
    assert without == [*expected, "not measured: jax is not installed"]
    assert missed == sum(row.get("held") is False for row in stored["rows"])


def test_a_target_is_held_or_missed(part, capsys):
    rows = part("table").Table()
    rows.row("P", "w", "a", 2.0, 4.0, "ms", "ratio ≤ 0.5")
    rows.row("P", "w", "a", 2.0, 4.0, "ms", "gdlab ≥ 2.1")
    rows.row("P", "w", "a", 2.0, 0.0, "ms", "ratio ≤ 0.5")
    rows.row("P", "w", "a", 2.0, 4.0)
    assert [row["held"] for row in rows.rows] == [True, False, False, None]
    assert [line[-1] for line in cells(capsys.readouterr().out)] == [
        "ratio ≤ 0.5: held",
        "gdlab ≥ 2.1: MISSED",
        "ratio ≤ 0.5: MISSED",
        "",
    ]


def test_the_loops_by_hand_do_what_gdlab_does(part):
    others = part("others")
    run = descend(landscapes.Quadratic([1, 10]), [-2, 1.5], GradientDescent(0.15), 30)
    assert abs(others.bowl_by_hand(30) - run.values[-1]) < 1e-12
    risk = EmpiricalRisk(models.Logistic(), losses.BinaryCrossEntropy(), others.BIRDS)
    run = descend(risk, np.zeros(3), GradientDescent(1.0), 30)
    assert abs(others.logistic_by_hand(30) - run.values[-1]) < 1e-12
    reader = models.Network(others.SIZES)
    risk = EmpiricalRisk(reader, losses.SoftmaxCrossEntropy(), others.DIGITS)
    draw = data.batches(len(others.DIGITS), others.BATCH, seed=0)
    batches = [next(draw) for _ in range(31)]
    run = descend(risk, reader.start(seed=0), GradientDescent(0.1), 30, batches)
    assert abs(others.network_by_hand(reader.start(seed=0), batches) - run.values[-1]) < 1e-12


def test_without_a_browser_the_slider_part_says_so(part, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "playwright", None)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    part("slider").measure(part("table").Table())
    (line,) = cells(capsys.readouterr().out)
    assert line[1] == "not measured: playwright is not installed"


def test_every_slider_row_has_a_measure_and_every_target_a_row(part):
    slider = part("slider")
    for ours, rows in slider.ROWS.items():
        assert set(rows) == set(slider.MEASURES)
        wanted = {(way, name) for way_of, way, name in slider.TARGETS if way_of is ours}
        assert wanted <= {(way, name) for name, ways in rows.items() for way in ways}


# Sixty frames a second; the value rises by one every third frame, and the picture is two frames late.
NOW = np.arange(0, 1000, 1000 / 60)
FINGER = np.minimum(np.arange(60) // 3, 15)
SHOWN = np.concatenate([[0, 0], FINGER[:-2]])
EVENT = NOW[3 * FINGER] - 1
SAMPLES = np.stack([NOW, EVENT, FINGER, SHOWN], axis=-1).astype(float)


def test_a_drag_is_read_off_its_frames(part):
    pictures, behind, settle, changed, moved = part("pages").drag_numbers(SAMPLES)
    assert (changed, moved) == (15, 15)
    assert behind == pytest.approx(2000 / 60 + 1)
    assert settle == pytest.approx(2000 / 60 + 1)
    assert pictures == pytest.approx(14 / (42 / 60))  # the last one came after the last move
    still = SAMPLES.copy()
    still[:, 3] = FINGER
    assert part("pages").drag_numbers(still)[1] == pytest.approx(1)
    skipped = SAMPLES.copy()
    skipped[:, 3] = SHOWN // 5 * 5  # every fifth picture only
    assert part("pages").drag_numbers(skipped)[3] == 3
    assert part("pages").drag_numbers(skipped)[1] > 4000 / 60


def test_a_key_is_timed_to_the_next_picture_and_a_cold_drag_to_the_last_wrong_one(part):
    pages = part("pages")
    assert pages.latencies(SAMPLES) == pytest.approx([2000 / 60 + 1] * 15)
    late = SAMPLES.copy()
    late[:, 3] = np.where(np.arange(60) < 20, 0, FINGER)
    assert pages.caught_up(late) == pytest.approx(17000 / 60 + 1)
    late[:, 3] = FINGER
    assert pages.caught_up(late) == 0
