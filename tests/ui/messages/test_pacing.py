"""The cards of a channel share its edits in time."""

from bot.ui.messages.pacing import ChannelBudget, Pace


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds


def test_edits_of_one_channel_keep_the_gap_and_other_channels_do_not_wait() -> None:
    clock = Clock()
    budget = ChannelBudget(2.5, clock)
    assert [budget.book(9) for _ in range(3)] == [0.0, 2.5, 5.0]
    assert budget.book(8) == 0.0
    clock.seconds += 6.0
    assert [budget.book(9), budget.book(8)] == [1.5, 0.0]
    clock.seconds += 60.0
    assert [budget.book(9), budget.book(9)] == [0.0, 2.5], "what was not used is not saved up"


def test_an_edit_that_did_not_ask_delays_those_that_do() -> None:
    clock = Clock()
    budget = ChannelBudget(2.5, clock)
    budget.note(9)
    assert budget.book(9) == 2.5
    budget.note(9)
    assert budget.book(9) == 7.5


def test_only_channels_without_a_booking_ahead_are_forgotten() -> None:
    clock = Clock()
    budget = ChannelBudget(2.5, clock)
    budget.book(8)
    clock.seconds += 2.5
    budget.book(9)
    budget.tidy()
    assert (budget.book(8), budget.book(9)) == (0.0, 2.5)


def test_however_many_jobs_are_shown_a_channel_has_four_edits_in_ten_seconds() -> None:
    budget = ChannelBudget(Pace().gap, Clock())
    assert sum(budget.book(9) < 10.0 for _ in range(100)) == 4
