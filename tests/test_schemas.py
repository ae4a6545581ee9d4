"""The check of request bodies finds what Discord would refuse."""

import pytest

from tests.schemas import DESCRIPTION, problems

needs_description = pytest.mark.skipif(
    not DESCRIPTION.is_file(), reason="Discord's description is not beside the clone"
)
BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "x"}


@needs_description
@pytest.mark.parametrize(
    ("body", "lawful"),
    [
        ({"content": "hello"}, True),
        ({"content": "x" * 4001}, False),
        ({"components": [{"type": 1, "components": [BUTTON]}], "flags": 1 << 15}, True),
        ({"components": [{"type": 1, "components": [{**BUTTON, "custom_id": "x" * 101}]}]}, False),
        ({"components": [{"type": 1, "components": [BUTTON] * 6}]}, False),
        ({"attachments": [{"id": 0, "filename": "a.png"}]}, True),
    ],
)
def test_bodies(body: object, lawful: bool) -> None:
    assert (problems("POST", "/channels/1/messages", body) == []) is lawful


@needs_description
def test_commands() -> None:
    command = {"name": "x", "description": "y", "type": 1}
    assert problems("PUT", "/applications/1/commands", [command]) == []
    assert problems("PUT", "/applications/1/commands", [{**command, "name": "x" * 33}])
