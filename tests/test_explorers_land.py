"""The explorers of the landscapes notebook: surface, gallery and fog.

The oracles are the formula of the mean squared error, finite differences, rotations done one by one, and
for the fog two grounds that agree where they are probed: nothing that leaves the kernel may differ.
"""

import itertools
import re
from unittest import mock

import numpy as np
import pytest
from every import BIRDS, at, built, picture, pictures, positions

from gdlab import GradientDescent, closed_form, descend, gradients, landscapes
from gdlab.explorers.fog import Fog, Hills
from gdlab.explorers.gallery import ROOMS, Gallery
from gdlab.explorers.surface import LineSurface, mesh, project
from gdlab.stage import Stage
from gdlab.words import typeset


def test_pictures_are_small_and_told_in_a_sentence():
    for make in (LineSurface, Gallery, Fog):
        explorer = make()
        bundle, _ = explorer._repr_mimebundle_()
        stage = getattr(explorer, "stage", explorer)
        assert bundle["text/plain"] == stage.sentence and len(bundle["text/plain"].split()) > 4
        assert bundle["image/png"][:4] == b"\x89PNG" and len(bundle["image/png"]) < 100_000
        assert any("widget-view" in kind for kind in bundle)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: LineSurface(weight=np.nan), "weight"),
        (lambda: LineSurface(bias=1e9), "bias"),
        (lambda: LineSurface(azimuth=200), "azimuth"),
        (lambda: LineSurface(elevation="high"), "elevation"),
        (lambda: Gallery("moon"), "landscape"),
        (lambda: Gallery(3), "landscape"),
        (lambda: Fog("moon"), "landscape"),
        (lambda: Fog(landscapes.DoubleWell()), "landscape"),
        (lambda: Fog(probes=0), "probes"),
        (lambda: Fog(probes=21), "probes"),
        (lambda: Fog(probes=2.5), "probes"),
        (lambda: Fog(seed=-1), "seed"),
        (lambda: Fog(learning_rate=0), "learning_rate"),
        (lambda: Fog(learning_rate="fast"), "learning_rate"),
    ],
)
def test_a_bad_argument_is_refused_by_its_name(make, name):
    with pytest.raises((ValueError, TypeError), match=rf"^{name}: .* expected, .* given$"):
        make()


# --- the surface --------------------------------------------------------------------------------------


def error(w, b):
    return np.mean((w * BIRDS.X[:, 0] + b - BIRDS.y) ** 2)


def turned(place, azimuth, elevation):
    """Turn the box by −azimuth about its axis, then tilt it towards the eye: the textbook's matrices."""
    a, e = np.radians([azimuth, elevation])
    about = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[np.cos(e), 0, np.sin(e)], [0, 1, 0], [-np.sin(e), 0, np.cos(e)]])
    return (tilt @ about @ place)[1:]


def test_the_projection_is_a_rotation_without_its_depth():
    rng = np.random.default_rng(0)
    places, eyes = rng.uniform(-1, 1, (7, 3)), rng.uniform(-90, 90, (5, 2))
    seen = project(places[None], *eyes.T)
    assert seen.shape == (5, 7, 2)
    for (p, eye), (n, place) in itertools.product(enumerate(eyes), enumerate(places)):
        assert np.allclose(seen[p, n], turned(place, *eye), atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 4), (5, 5), (4, 5), (5, 4)])
def test_the_mesh_draws_every_edge_of_the_grid_and_nothing_else(shape):
    n, m = shape
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(m), indexing="ij"), axis=-1)
    walk = mesh(grid)
    steps = np.abs(np.diff(walk, axis=0)).sum(axis=1)
    assert (steps <= 1).all()
    drawn = {frozenset(map(tuple, pair)) for pair in itertools.pairwise(walk.tolist())}
    edges = {frozenset(((i, j), (i + 1, j))) for i in range(n - 1) for j in range(m)}
    edges |= {frozenset(((i, j), (i, j + 1))) for i in range(n) for j in range(m - 1)}
    assert {edge for edge in drawn if len(edge) == 2} == edges


def test_line_point_and_height_are_one_point():
    stage, rng = built("surface"), np.random.default_rng(1)
    for _ in range(20):
        place = {name: float(rng.choice(values)) for name, values in positions(stage).items()}
        w, b, *eye = place.values()
        marks = pictures(at(stage, **place))
        x, y = marks[stage._line].T
        assert np.allclose(y, w * x + b) and (marks[stage._point] == [[w, b]]).all()
        pieces = marks[stage._residuals].reshape(-1, 3, 2)
        assert np.allclose(pieces[:, 0, 1], w * pieces[:, 0, 0] + b)
        birds = set(zip(BIRDS.X[:, 0], BIRDS.y, strict=True))
        assert {tuple(bird) for bird in pieces[:, 1]} <= birds
        flat = (w - 700) / 1100, (b - 4200) / 1100
        spot = turned([*flat, 1.6 * error(w, b) / 2.6e6 - 0.8], *eye)
        foot = turned([*flat, -0.8], *eye)
        assert np.allclose(marks[stage._spot], spot) and np.allclose(marks[stage._drop], [spot, foot])
        best = closed_form.lstsq(BIRDS.X, BIRDS.y)
        star = turned([*(best - [700, 4200]) / 1100, 1.6 * error(*best) / 2.6e6 - 0.8], *eye)
        assert np.allclose(marks[stage._star], star)
        (said,) = at(stage, **place).sentences
        told = [float(n) for n in re.findall(r"height (\S+) million|, (\S+) × the", said)[0] if n]
        assert told == pytest.approx([error(w, b) / 1e6], rel=0.006)


def test_the_wire_is_the_surface():
    stage = built("surface")
    by_hand = [[error(w, b) for w, b in row] for row in stage.grid]
    assert np.allclose(stage.heights, by_hand, rtol=1e-12) and stage.heights.max() < stage.TOP
    wire, eye = picture(at(stage), stage._wire), (stage.azimuth, stage.elevation)
    places = mesh(stage.grid)
    for k in range(0, len(wire), 17):
        w, b = places[k]
        place = [(w - 700) / 1100, (b - 4200) / 1100, 1.6 * error(w, b) / 2.6e6 - 0.8]
        assert np.allclose(wire[k], turned(place, *eye))


def test_the_whole_box_stays_in_its_panel():
    stage = built("surface")
    for slider in ("azimuth", "elevation"):
        frames = stage.frames({**stage.settings, slider: positions(stage)[slider]})
        for mark in (stage._edges, stage._wire, *stage._names):
            assert np.nanmax(np.abs(frames.marks[mark])) < 1.62


# --- the gallery --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROOMS)
def test_the_strokes_are_the_special_directions(name):
    stage, h = built(f"gallery, {name}"), 1e-4
    land, rng = stage.landscape, np.random.default_rng(2)
    for _ in range(6):
        place = {each: float(rng.choice(values)) for each, values in positions(stage).items()}
        theta = np.array(list(place.values()))
        marks = pictures(at(stage, **place))
        value = float(land(theta))
        assert np.allclose(marks[stage._cursor], theta if len(theta) == 2 else [*theta, value])
        if len(theta) == 1:
            continue
        for mark, sign in ((stage._up, 1), (stage._down, -1)):
            pieces = marks[mark].reshape(2, 3, 2)[:, :2]
            for low, high in pieces[np.isfinite(pieces).all(axis=(1, 2))]:
                assert np.allclose((low + high) / 2, theta, atol=1e-9)
                along = (high - low) / np.linalg.norm(high - low)
                slopes = [land.gradient(theta + s * along) for s in (-h, h)]
                bend = (slopes[1] - slopes[0]) / (2 * h)  # along an eigenvector it is λ times it
                curvature = bend @ along
                assert np.allclose(bend, curvature * along, atol=1e-5 * max(1, np.abs(bend).max()))
                assert curvature * sign > -1e-6 * max(1, np.abs(bend).max())


KINDS = [
    ("saddle", (0, 0), "a saddle"),
    ("saddle", (1, 1), "on a slope, curving up one way and down another"),
    ("bowl", (0, 0), "a minimum"),
    ("bowl", (1, 1), "on a slope, curving up"),
    ("plateau", (0, 0), "a minimum"),
    ("plateau", (6, 6), "flat, as far as slope and curvatures tell"),
    ("plateau", (5, 0), "flat, as far as slope and curvatures tell"),
    ("monkey saddle", (0, 0), "flat, as far as slope and curvatures tell"),
    ("monkey saddle", (1, 0), "on a slope, curving up one way and down another"),
    ("Himmelblau's four valleys", (3, 2), "a minimum"),
    ("Himmelblau's four valleys", (3.6, -1.85), "next to a minimum"),
    ("Himmelblau's four valleys", (-0.25, -0.9), "next to a maximum"),
    ("Himmelblau's four valleys", (0.1, 2.9), "next to a saddle"),
    ("Rosenbrock's curved valley", (1, 1), "a minimum"),
    ("six-hump camel", (0, 0), "a saddle"),
    ("double well", (0.08,), "next to a maximum"),
    ("double well", (0.96,), "next to a minimum"),
    ("double well", (-0.6,), "on a slope, curving up"),
    ("Styblinski and Tang's wells", (0.16, 0.16), "next to a maximum"),
]


@pytest.mark.parametrize(("name", "place", "kind"), KINDS)
def test_the_ground_in_words(name, place, kind):
    stage = built(f"gallery, {name}")
    (said,) = at(stage, **dict(zip(positions(stage), map(float, place), strict=True))).sentences
    assert said.endswith(f": {kind}."), said


@pytest.mark.parametrize("name", ROOMS)
def test_every_known_minimum_in_the_window_is_called_one(name):
    stage = built(f"gallery, {name}")
    for theta in stage.landscape.minima:
        (said,) = at(stage, **dict(zip(positions(stage), theta, strict=True))).sentences
        assert said.endswith(": a minimum.") or said.endswith("next to a minimum."), said


def test_the_sentence_tells_slope_and_curvatures():
    stage = Gallery("Himmelblau's four valleys").stage
    for theta in np.random.default_rng(3).uniform(-5, 5, (20, 2)):
        (said,) = at(stage, **dict(zip("xy", theta, strict=True))).sentences
        told = [
            float(n.replace("−", "-"))
            for n in re.search(r"slope (\S+), curvatures (\S+) and (\S+):", said).groups()
        ]
        slope = np.linalg.norm(gradients.numerical(stage.landscape, theta))
        h = 1e-5 * np.eye(2)
        H = [
            (stage.landscape.gradient(theta + e) - stage.landscape.gradient(theta - e)) / 2e-5 for e in h
        ]
        assert told == pytest.approx([slope, *np.linalg.eigvalsh(H)], rel=0.006, abs=0.01)


def test_the_gallery_makes_a_picture_once_and_swaps_it():
    gallery = Gallery("saddle")
    first = gallery.stage
    gallery._choice.value = "bowl"  # as the drop-down does
    assert gallery.stage is not first and gallery.children[1] is gallery.stage
    gallery.show("saddle")
    assert gallery.stage is first and gallery._choice.value == "saddle" and len(gallery._rooms) == 2
    with pytest.raises(ValueError, match=r"^landscape"):
        gallery.show("moon")
    assert gallery.stage is first


# --- the fog ------------------------------------------------------------------------------------------


class Twin(landscapes.Plane):
    """x² + y inside the unit disc, whatever `beyond` is; outside, `beyond` times something more."""

    window = ((-3.0, 3.0), (-3.0, 3.0))

    def __init__(self, beyond):
        self.beyond = beyond

    def _value(self, x, y):
        return x**2 + y + self.beyond * np.maximum(0, x**2 + y**2 - 1) ** 3

    def _gradient(self, x, y):
        push = 6 * self.beyond * np.maximum(0, x**2 + y**2 - 1) ** 2
        return 2 * x + push * x, 1 + push * y


INSIDE = [(0.0, 0.0), (0.3, -0.8), (-0.6, 0.5), (0.35, 0.35)]


def played(beyond):
    """All that leaves the kernel while four places are probed: state, messages, text and picture."""
    out = []
    with (
        mock.patch.object(Stage, "send", lambda self, *content: out.append(content)),
        mock.patch("gdlab.stage.Stage.send_state", lambda self, key=None: out.append(("state", key))),
    ):
        fog = Fog(Twin(beyond), probes=6)
        for fog.x, fog.y in INSIDE:
            fog.probe()
            for kind, slider in (("table", "x"), ("table", "y"), ("frame", "x")):
                fog.stage._answer(
                    None, {"kind": kind, "slider": slider, "settings": fog.stage.settings}, []
                )
    bundle, _ = fog._repr_mimebundle_()
    out += [bundle["text/plain"], bundle["image/png"]]
    keys = ("background", "picture", "table", "x", "y")
    out += [fog.stage.get_state(key) for key in keys]
    for button in fog.children[1].children:
        out += [button.description, button.disabled]
    return fog, out


def test_before_it_is_lifted_the_ground_is_in_nothing_that_leaves_the_kernel():
    """Two grounds that differ by far outside the places probed: not a byte tells them apart."""
    (one, said), (other, said_too) = played(0.0), played(50.0)
    assert one.landscape([3, 3]) != other.landscape([3, 3])
    assert len(said) == len(said_too) > 20
    assert said == said_too
    assert {str(trait) for trait in one.keys} == {str(trait) for trait in Fog(Twin(1)).keys}
    assert not any("landscape" in trait for widget in (one, one.stage) for trait in widget.keys)
    for fog in (one, other):
        fog.lift()
    assert one.stage.background != other.stage.background  # now it can be seen
    assert one.stage.sentence != other.stage.sentence


def test_the_blank_paper_does_not_hold_the_ground():
    fog = Fog(Twin(2.0))
    assert not any(value is fog.landscape for value in vars(fog.stage).values())
    assert fog.stage.background == Fog(Twin(0.0)).stage.background


def test_moving_the_marker_is_no_probe():
    fog = Fog(Twin(0.0))
    with (
        mock.patch.object(Twin, "_value", side_effect=AssertionError),
        mock.patch.object(Twin, "_gradient", side_effect=AssertionError),
    ):
        for fog.x, fog.y in INSIDE:
            said = typeset(f"({fog.x:.2f}, {fog.y:.2f}); 12 probes left")
            assert fog.left == 12 and said in fog.stage.sentence
        for name in "xy":
            fog.stage._table(name, fog.stage.settings)


def test_a_probe_shows_value_slope_and_the_way_down():
    fog = Fog(Twin(1.0), probes=3)
    probe, lift = fog.children[1].children
    assert lift.disabled and not probe.disabled
    for k, (fog.x, fog.y) in enumerate(INSIDE[:3], 1):
        probe.click()
        assert fog.left == 3 - k and len(fog.places) == len(fog.values) == len(fog.gradients) == k
        assert (fog.places[-1] == [fog.x, fog.y]).all()
        assert fog.values[-1] == fog.landscape(fog.places[-1])
        assert (fog.gradients[-1] == fog.landscape.gradient(fog.places[-1])).all()
        frames = at(fog.stage)
        rows = [[frames.marks[text][0] for text in row] for row in fog.stage._rows]
        steep = np.linalg.norm(fog.gradients, axis=1)
        assert rows[:k] == [[f"{v:.3g}", f"{s:.2g}"] for v, s in zip(fog.values, steep, strict=True)]
        assert all(row == ["", ""] for row in rows[k:])
        assert (frames.marks[fog.stage._discs] == fog.places).all()
        assert (frames.marks[fog.stage._best] == fog.places[fog.values.argmin()]).all()
        for place, slope, arrow in zip(
            fog.places, fog.gradients, frames.marks[fog.stage._arrows].reshape(-1, 7, 2), strict=True
        ):
            ahead = arrow[1] - arrow[0]
            assert (arrow[0] == place).all() and 0.4 < np.linalg.norm(ahead) < 0.5
            assert np.allclose(ahead / np.linalg.norm(ahead), -slope / np.linalg.norm(slope))
        said = fog.stage.sentence
        assert typeset(f"last value {fog.values[-1]:.3g}, lowest {fog.values.min():.3g}") in said
        assert f"{3 - k} probe{'' if k == 2 else 's'} left" in said
    assert probe.disabled and not lift.disabled
    with pytest.raises(RuntimeError, match="no probe is left"):
        fog.probe()


def test_after_a_probe_the_page_is_told_and_a_late_view_too():
    fog, out = Fog(Twin(1.0)), []
    fog.x, fog.y = 0.123, 0.456  # between the positions of the sliders
    with mock.patch.object(Stage, "send", lambda self, *content: out.append(content)):
        fog.probe()
    assert [content["slider"] for content, _ in out] == ["y", "x", None]
    now = {"x": 0.123, "y": 0.456}
    for content, (buffer,) in out:
        assert content["at"] == now and len(buffer) > 0
        assert all("11 probes left" in said for said in content["sentences"])
    assert fog.stage.table["slider"] == "x" and fog.stage.table["at"] == now


def test_a_flat_place_has_no_arrow():
    fog = Fog(landscapes.Quadratic([1.0, 2.0]), probes=2)
    fog.probe()
    frames = at(fog.stage)
    assert not np.isfinite(frames.marks[fog.stage._arrows][1]).any()
    assert frames.marks[fog.stage._rows[0][1]] == ["below 0.001"]


def test_the_lifted_fog_compares_equal_numbers_of_calls():
    fog = Fog(seed=9, learning_rate=0.1)
    with pytest.raises(RuntimeError, match="probe at least once"):
        fog.lift()
    for fog.x, fog.y in INSIDE:
        fog.probe()
    fog.children[1].children[1].click()
    fog.lift()  # a second time changes nothing
    n, stage = len(INSIDE), fog.stage
    walk = descend(fog.landscape, INSIDE[0], GradientDescent(0.1), n - 1)
    drawn = np.random.default_rng([9, 1]).uniform([-3, -3], [3, 3], (n, 2))
    expected = {"you": np.array(INSIDE), "descent": walk.thetas, "random search": drawn}
    for calls in range(n + 1):
        frames = at(stage, calls=float(calls))
        for name, places in expected.items():
            values = fog.landscape(places)
            assert np.allclose(picture(frames, stage._paths[name])[:calls], places[:calls])
            line = picture(frames, stage._lines[name])
            assert np.allclose(line[:calls, 1], np.minimum.accumulate(values)[:calls])
            assert np.isnan(line[calls:, 1]).all()
            if calls:
                assert f"{name} {values[:calls].min():.3g}" in frames.sentences[0]
    assert stage.lowest <= min(fog.landscape(places).min() for places in expected.values())
    with pytest.raises(RuntimeError, match="lifted"):
        fog.probe()


def test_the_learning_rate_of_descent_is_one_over_the_largest_curvature():
    assert 1 / Fog(landscapes.Quadratic([1.0, 4.0], rotation=20))._sharpest() == pytest.approx(
        0.25, rel=1e-6
    )
    assert Fog(landscapes.Quadratic([1e-3, 1e-3]))._sharpest() > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_hills_know_their_slope_and_curvature(seed):
    hills, h = Hills(seed), 1e-5
    thetas = np.random.default_rng(seed).uniform(-3, 3, (30, 2))
    assert (hills(thetas) == [hills(theta) for theta in thetas]).all()
    for theta in thetas:
        assert gradients.check(hills, theta).error < 1e-7
        rows = [(hills.gradient(theta + e) - hills.gradient(theta - e)) / (2 * h) for e in h * np.eye(2)]
        assert np.allclose(hills.hessian(theta), rows, atol=1e-6)
    assert (Hills(seed)(thetas) == hills(thetas)).all() and (
        Hills(seed + 1)(thetas) != hills(thetas)
    ).all()
