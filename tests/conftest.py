"""What every file of tests may ask for: an explorer by its name."""

import pytest

collect_ignore = ["conftest.py"]  # it has no doctests, and browser has a file of the same name
pytest.register_assert_rewrite("every")  # so that its assertions, too, say what they compared


@pytest.fixture
def stage(name):
    """The explorer of that name; it is put back after the test."""
    from every import built  # not above: most tests need no explorer

    stage = built(name)
    before = stage.settings
    yield stage
    for each, value in before.items():
        setattr(stage, each, value)
