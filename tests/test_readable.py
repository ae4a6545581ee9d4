"""Texts from outside without control characters and half characters."""

from bot.readable import readable, readable_data


def test_what_servers_and_databases_choke_on_is_left_out() -> None:
    assert readable("a\0b\x1b[31m\ud83d\n\tc 猫🐱") == "ab[31m\n\tc 猫🐱"


def test_every_text_of_an_interaction_is_made_readable() -> None:
    data = {
        "options": [{"name": "prompt", "value": "a \ud800fox", "type": 3}],
        "values": ["\0x"],
        "id": 7,
        "no": None,
    }
    assert readable_data(data) == {
        "options": [{"name": "prompt", "value": "a fox", "type": 3}],
        "values": ["x"],
        "id": 7,
        "no": None,
    }
