"""What Discord's refusals mean."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.jobs.model.job import MessageRef
from bot.runtime import SystemClock
from bot.ui.cards.card import note_card
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind, failure_of
from bot.ui.messages.media import Upload
from bot.ui.messages.message_api import Draft, MessageApi
from bot.ui.messages.pacing import ChannelBudget


def refusal(status: int, code: int) -> discord.HTTPException:
    response = cast("Any", SimpleNamespace(status=status, reason="x", headers={}))
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= 500 else kinds.get(status, discord.HTTPException)
    return kind(response, {"code": code, "message": "said Discord"})


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (refusal(401, 50027), DeliveryErrorKind.TOKEN),
        (refusal(401, 0), DeliveryErrorKind.LATER),
        (refusal(404, 10015), DeliveryErrorKind.TOKEN),
        (refusal(404, 10062), DeliveryErrorKind.TOKEN),
        (refusal(404, 10008), DeliveryErrorKind.MESSAGE),
        (refusal(404, 10003), DeliveryErrorKind.CHANNEL),
        (refusal(403, 50001), DeliveryErrorKind.ACCESS),
        (refusal(403, 40333), DeliveryErrorKind.LATER),
        (refusal(403, 0), DeliveryErrorKind.LATER),
        (refusal(403, 50013), DeliveryErrorKind.ACCESS),
        (refusal(403, 50007), DeliveryErrorKind.ACCESS),
        (refusal(400, 50083), DeliveryErrorKind.ACCESS),
        (refusal(400, 160005), DeliveryErrorKind.ACCESS),
        (refusal(413, 40005), DeliveryErrorKind.SIZE),
        (refusal(413, 0), DeliveryErrorKind.SIZE),
        (refusal(400, 200000), DeliveryErrorKind.WORDS),
        (refusal(429, 30046), DeliveryErrorKind.LATER),
        (refusal(429, 0), DeliveryErrorKind.LATER),
        (refusal(503, 0), DeliveryErrorKind.LATER),
        (refusal(400, 50035), DeliveryErrorKind.REFUSED),
        (discord.RateLimited(45.0), DeliveryErrorKind.LATER),
        (ConnectionResetError("reset"), DeliveryErrorKind.LATER),
        (TimeoutError(), DeliveryErrorKind.LATER),
    ],
    ids=str,
)
def test_every_refusal_says_what_can_be_done(error: Exception, fault: DeliveryErrorKind) -> None:
    assert failure_of(error).fault is fault


def test_how_long_to_wait_is_passed_on() -> None:
    assert failure_of(discord.RateLimited(45.0)).retry_after == 45.0


async def test_a_call_that_hangs_is_given_up_and_its_files_closed(tmp_path: Path) -> None:
    routes = MessageApi(cast("Any", SimpleNamespace()))
    opened: list[discord.File] = []

    async def hang(files: list[discord.File]) -> Any:
        opened.extend(files)
        await asyncio.Event().wait()

    (tmp_path / "a.png").write_bytes(b"bytes")
    draft = Draft(note_card("x"), (), (Upload("a.png", tmp_path / "a.png", 5, "alt"),))
    with pytest.raises(DeliveryError) as failure:
        await routes._do(hang, draft, 0.01)
    assert failure.value.fault is DeliveryErrorKind.LATER
    assert opened[0].fp.closed


async def test_without_token_or_id_there_is_no_route() -> None:
    routes = MessageApi(cast("Any", SimpleNamespace(application_id=1)))
    draft = Draft(note_card("x"))
    with pytest.raises(DeliveryError) as failure:
        await routes.edit_by_token(MessageRef(1, 2), draft, seconds=1)
    assert failure.value.fault is DeliveryErrorKind.TOKEN
    with pytest.raises(DeliveryError) as failure:
        await routes.edit_as_bot(MessageRef(1), draft, seconds=1)
    assert failure.value.fault is DeliveryErrorKind.MESSAGE


async def test_a_file_that_vanished_is_prepared_again() -> None:
    routes = MessageApi(cast("Any", SimpleNamespace()))
    draft = Draft(note_card("x"), (), (Upload("a.png", Path("/nowhere/a.png"), 5, "alt"),))
    with pytest.raises(DeliveryError) as failure:
        await routes._do(cast("Any", None), draft, 1)
    assert failure.value.fault is DeliveryErrorKind.LATER


@pytest.mark.parametrize(("sent_at", "found"), [(None, None), (1_800_000_000.0, 7)])
async def test_what_was_sent_long_ago_is_found_around_its_moment(
    sent_at: float | None, found: int | None
) -> None:
    button = SimpleNamespace(custom_id="job:cancel:1", children=())
    card = SimpleNamespace(
        id=7, author=SimpleNamespace(id=1), components=[SimpleNamespace(children=[button])]
    )
    chatter = SimpleNamespace(id=9, author=SimpleNamespace(id=2), components=[])

    async def history(*, limit: int, around: datetime | None) -> AsyncIterator[Any]:
        assert limit <= 101
        yield card if around == datetime(2027, 1, 15, 8, tzinfo=UTC) else chatter

    channel = SimpleNamespace(history=history)
    bot = SimpleNamespace(user=SimpleNamespace(id=1), get_partial_messageable=lambda _id: channel)
    routes = MessageApi(cast("Any", bot))
    assert await routes.find_own(5, "job:cancel:1", seconds=5, sent_at=sent_at) == (found, True)


def test_the_limit_is_the_servers_or_the_least() -> None:
    bot = SimpleNamespace(
        get_guild=lambda guild_id: SimpleNamespace(filesize_limit=50) if guild_id == 1 else None
    )
    routes = MessageApi(cast("Any", bot))
    assert routes.limit(1) == 50
    assert routes.limit(2) == routes.limit(None) == 10 * 1024 * 1024


class TestBudget:
    def test_all_cards_of_a_channel_share_one(self) -> None:
        class Clock(SystemClock):
            moment = 100.0

            def monotonic(self) -> float:
                return self.moment

        clock = Clock()
        budget = ChannelBudget(2.5, clock)
        assert [budget.book(1) for _ in range(3)] == [0.0, 2.5, 5.0]
        assert budget.book(2) == 0.0
        budget.note(2)
        assert budget.book(2) == 5.0
        clock.moment = 200.0
        assert budget.book(1) == 0.0
        clock.moment = 300.0
        budget.tidy()
        assert budget._next == {}
