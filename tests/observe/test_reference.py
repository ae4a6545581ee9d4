"""References can be read out."""

from bot.observe import new_reference
from bot.observe.reference import ALPHABET, PATTERN


def test_references_are_short_and_unambiguous_and_differ() -> None:
    references = {new_reference() for _ in range(200)}
    assert len(references) >= 199
    assert all(PATTERN.fullmatch(reference) for reference in references)
    assert not set(ALPHABET) & set("0O1ILS5B8UV")
    assert len(ALPHABET) == len(set(ALPHABET))
