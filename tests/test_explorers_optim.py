"""The explorers of notebook 09: memory, race, condition, atlas of rules; the oracles are single runs."""

import io

import numpy as np
import pytest
from every import EXPLORERS, WELL, assert_whole, at, built, only, picture, positions, quick, walk
from PIL import Image

from gdlab import Adam, GradientDescent, Momentum, Nesterov, RMSProp, descend, landscapes
from gdlab.explorers.condition import Condition
from gdlab.explorers.memory import Memory
from gdlab.explorers.race import Race, settled
from gdlab.explorers.rules import RULES, build
from gdlab.explorers.rules_atlas import RulesAtlas

CROOKED = landscapes.Quadratic([1, 100], rotation=30)
ATLASES = ("rules over starts", "rules over curvatures")


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Memory(WELL), "objective"),
        (lambda: Memory(start=[1.0]), "start"),
        (lambda: Memory(rule="adam"), "rule"),
        (lambda: Memory(learning_rate=-1), "learning_rate"),
        (lambda: Race(WELL), "objective"),
        (lambda: Race(landscapes.Saddle()), "objective"),
        (lambda: Race(start=[1, 2, 3]), "start"),
        (lambda: Race(goal=2), "goal"),
        (lambda: Race(steps=0), "steps"),
        (lambda: Race(fair="yes"), "fair"),
        (lambda: Condition(condition=0.5), "condition"),
        (lambda: Condition(start=[0, 0]), "start"),
        (lambda: RulesAtlas(against="rule"), "against"),
        (lambda: RulesAtlas(rule=3), "rule"),
        (lambda: RulesAtlas(y=7), "y"),
    ],
)
def test_a_bad_argument_is_named(make, word):
    with pytest.raises((ValueError, TypeError), match=rf"^{word}:"):
        quick(make)


# --- the memory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_the_bars_are_what_the_rule_holds(rule):
    stage, k = quick(lambda: Memory(rule=rule, learning_rate=0.05)), 7
    run = descend(stage.landscape, stage.start, build(rule, 0.05, 0.9, 0.99), k + 1)
    g, step = run.gradients[: k + 1], run.thetas[k + 1] - run.thetas[k]
    weights = 0.9 ** np.arange(k, -1, -1)[:, None]
    slopes = {"momentum": (weights * g).sum(axis=0), "Adam": (weights * g).sum(axis=0) / weights.sum()}
    slopes["Nesterov"] = slopes["momentum"]
    fading = 0.99 ** np.arange(k, -1, -1)[:, None]
    squares = {"AdaGrad": (g**2).sum(axis=0), "RMSProp": 0.01 * (fading * g**2).sum(axis=0)}
    squares["Adam"] = (fading * g**2).sum(axis=0) / fading.sum()
    none = np.full(2, np.nan)
    expected = np.array([g[k], slopes.get(rule, none), np.sqrt(squares.get(rule, none)), step]).T.ravel()
    found = at(stage, step=k)
    for number, text, bar in zip(expected, stage._numbers, stage._bars, strict=True):
        said = found.marks[text][0]
        if np.isnan(number):
            assert said == "none kept" and np.isnan(picture(found, bar)[1, 0])
        else:
            if said == "nearly 0":
                assert 0 < abs(number) < 1e-4
            else:
                assert float(said.replace("−", "-")) == pytest.approx(number, rel=0.006)
            assert np.sign(picture(found, bar)[1, 0]) == np.sign(number)
    assert np.allclose(picture(found, stage._path), run.thetas[: k + 1])


# --- the race ----------------------------------------------------------------------------------------


def test_settled_is_not_the_first_dip():
    values = np.array([[9, 9, 9, 1], [1, 9, 9, 1], [9, 1, 9, 1], [1, 1, np.nan, 1]])
    assert np.array_equal(settled(values, 2), [3, 2, np.nan, 0], equal_nan=True)


def test_a_fair_race_has_the_best_rate_of_each_rule():
    stage = quick(lambda: Race(CROOKED, [-2.5, -0.4]))
    for name, rule in RULES.items():
        run = descend(CROOKED, [-2.5, -0.4], rule(Race.RATES), 240)
        steps = settled(run.values / run.values[0], 1e-4)
        assert stage.rates[name] == Race.RATES[np.nanargmin(steps)]
        assert stage.arrivals[name] == np.nanmin(steps)
    stage.start_x = 2.0
    assert stage.rates["momentum"] != 0.1
    shown = at(stage, step=240)
    for name, part in stage._parts.items():
        assert f"{stage.rates[name]:.3g}" == shown.marks[part["rate"]][0]
    stage.shares, stage.shared = 1, 0.1
    assert set(stage.rates.values()) == {0.1}
    shown = at(stage, step=240)
    assert shown.marks[stage._parts["momentum"]["arrived"]] == ["gone"]
    assert "untuned" in shown.sentences[0]


def test_the_curtain_hides_what_has_not_happened():
    stage = built("race of rules")
    box = stage._axes["loss"].bbox
    assert stage._curtain.get_linewidth() * stage._figure.dpi / 72 > box.height
    for step in (0, 30, 60):
        (left, middle), (right, _) = stage._pixels(
            stage._curtain, picture(at(stage, step=step), stage._curtain)
        )
        assert left == pytest.approx(stage._axes["loss"].transData.transform((step, 1))[0], abs=0.5)
        assert right == pytest.approx(box.x1, abs=0.5)
        assert middle == pytest.approx(stage._figure.bbox.height - (box.y0 + box.y1) / 2, abs=0.5)


def test_the_static_picture_hides_it_as_well():
    stage = EXPLORERS["race of rules"]()
    box, height = stage._axes["loss"].bbox, stage._figure.bbox.height
    left = stage._axes["loss"].transData.transform((36, 1))[0]  # beyond the markers of step 30
    future = [round(x) for x in (left, height - box.y1 + 3, box.x1 - 20, height - box.y0 - 3)]
    colored = []
    for stage.step in (30, 60):
        shown = Image.open(io.BytesIO(stage.png())).convert("RGB").crop(future)
        colored.append((np.ptp(np.asarray(shown, dtype=int), axis=-1) > 40).sum())
    assert colored[0] == 0 and colored[1] > 100


def test_the_condition_obeys_the_laws():
    stage, kappas = built("condition"), np.array([10.0, 100.0, 1000.0])
    round_bowl = at(stage, condition=1.0)
    for _, curve, law in stage._runs.values():
        assert picture(round_bowl, curve)[1:, 1].max() < 1e-15 and picture(round_bowl, law)[1, 1] < 1e-15
    for name, (places, shares) in stage._pairs(kappas).items():
        far = np.linalg.norm(places, axis=-1)
        for i, kappa in enumerate(kappas):
            root = kappa if name == "gradient descent" else np.sqrt(kappa)
            assert shares[i] == pytest.approx((root - 1) / (root + 1))
            assert (far[i, 90] / far[i, 60]) ** (1 / 30) == pytest.approx(shares[i], rel=0.02)


# --- the atlas ---------------------------------------------------------------------------------------


@only(*ATLASES)
def test_the_map_has_its_size_and_speeds_up_to_1(stage):
    for _ in walk(stage, 8):
        image = picture(at(stage), stage._image)
        assert image.shape == stage.SIZE and np.nanmax(np.abs(image)) <= 1


@only(*ATLASES)
@pytest.mark.parametrize("rule", [GradientDescent, Momentum, Nesterov, RMSProp, Adam])
def test_a_pixel_is_the_run_it_stands_for(stage, rule):
    word = next(word for word, kind in RULES.items() if kind is rule)
    image = stage.fate(word, 0.9)
    rates, ys = stage._centres(0), stage._centres(1)
    assert image.shape == (len(ys), len(rates)) == stage.SIZE
    wells = WELL.minima[:, 0] if stage._against == "start" else np.zeros(1)
    for row, column in np.random.default_rng(0).integers(0, stage.SIZE, (40, 2)):
        well = stage._against == "start"
        objective = WELL if well else landscapes.Quadratic([ys[row]])
        run = descend(objective, [ys[row] if well else 1.0], rule(rates[column]), 200).thetas[:, 0]
        near = np.abs(run[-1] - wells).min() <= 1e-3
        speed = image[row, column]
        if not np.abs(run[-1]) <= 100:
            assert np.isnan(speed)
        else:
            assert (speed != 0) == near
            assert not near or (speed < 0) == (well and run[-1] < 0)


def test_zooming_shows_a_part_and_the_same_runs():
    stage = quick(EXPLORERS[ATLASES[0]])
    stage.zoom([[0.01, 0.1], [1.0, 2.0]])
    assert stage._atlas.get_xlim() == pytest.approx((0.01, 0.1))
    assert positions(stage)["learning_rate"][0] == pytest.approx(0.01)
    assert_whole(stage, at(stage), 1)
    stage.zoom([[0.2, 0.3], [-1.0, 0.0]])  # without the chosen pixel: it moves to the edge
    assert stage.learning_rate == pytest.approx(0.2) and stage.y == pytest.approx(0)
    stage.zoom(None)
    assert stage._atlas.get_ylim() == (-2, 2)
    with pytest.raises(ValueError, match=r"^window:"):
        stage.zoom([[0.1, 0.1], [0, 1]])
