"""Every explorer made a second time and really drawn: the same, and a picture small enough to store."""

import pytest
from every import EXPLORERS

PNG = b"\x89PNG"


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_second_one_is_the_same_and_is_drawn(stage, name):
    """So whatever is drawn at random is seeded, and no explorer changes another."""
    second = EXPLORERS[name]()
    assert second.picture == stage.picture
    assert (second.table, second.frame) == (stage.table, stage.frame)
    still = second.still()
    assert second.background.startswith(PNG) and still["image/png"].startswith(PNG)
    assert len(still["image/png"]) < 100_000
    assert still["text/plain"] == second.sentence and len(second.sentence.split()) > 4
