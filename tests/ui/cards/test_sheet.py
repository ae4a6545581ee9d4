"""The sheet that lists are drawn on never holds more than Discord shows."""

from bot.ui.cards.sheet import Sheet, button, clamp, pager
from tests.cogs.drawn import ENGLISH, fits


def test_a_sheet_refuses_what_no_longer_fits() -> None:
    sheet = Sheet("Title")
    assert sheet.text("x" * 3000)
    assert not sheet.text("y" * 600)
    assert not sheet.picture("y" * 600, "a.webp", "")
    assert sheet.lines(["z" * 100] * 20) == 4
    sheet.note("end " * 200)
    assert fits(sheet.view())
    many = Sheet("Title")
    assert sum(many.text("line") for _ in range(60)) == 31
    many.rule()
    many.note("end")
    many.row(button("Go", "go:on"), None)
    assert fits(many.view())


def test_a_button_that_cannot_remember_its_list_is_left_out() -> None:
    assert pager(ENGLISH, "models", 1, 3, "x" * 100) == (None, None)
    assert pager(ENGLISH, "models", 0, 1) == (None, None)
    assert clamp(99, 41, 20) == 2
    assert clamp(-3, 0, 20) == 0
