"""The same press twice within a moment."""

import pytest

from bot.jobs.queue.presses import Press, Presses

AGAIN = Press(7, "job:again:1")


def made(presses: Presses, press: Press, at: float, *, succeeds: bool = True) -> bool:
    """Tell whether a press was carried out rather than taken for a repetition."""
    with presses.carrying_out(press, at) as attempt:
        if attempt is not None:
            attempt.made = succeeds
        return attempt is not None


def test_a_second_one_counts_only_after_a_moment() -> None:
    presses = Presses()
    assert [made(presses, AGAIN, at) for at in (100.0, 100.2, 102.9, 103.0)] == [True, False, False, True]


@pytest.mark.parametrize(
    "other", [Press(8, "job:again:1"), Press(7, "job:again:2"), Press(7, "job:again:1", ("2",))]
)
def test_another_person_another_button_and_another_choice_are_no_repetition(other: Press) -> None:
    presses = Presses()
    assert made(presses, AGAIN, 100.0)
    assert made(presses, other, 100.1)


def test_one_that_came_to_nothing_may_be_tried_again_at_once() -> None:
    presses = Presses()
    assert made(presses, AGAIN, 100.0, succeeds=False)
    with pytest.raises(ValueError, match="refused"), presses.carrying_out(AGAIN, 100.1):
        raise ValueError("refused")
    assert made(presses, AGAIN, 100.2)


def test_one_under_way_counts_however_long_it_takes() -> None:
    presses = Presses()
    with presses.carrying_out(AGAIN, 100.0):
        assert not made(presses, AGAIN, 160.0)
    assert made(presses, AGAIN, 160.1)


def test_nothing_is_kept_for_longer_than_it_matters() -> None:
    presses = Presses()
    for number in range(1000):
        made(presses, Press(number, "job:again:1"), 100.0 + number)
    assert len(presses._begun) <= 3
