"""Who wants to be told of a job's end is told by the way that is open, once."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.jobs.model.job import Job, JobState, MessageRef
from bot.ui.delivery.reminders import Reminders
from bot.users.marks import Reminder
from tests.ui.jobs import ID, make_job

ALICE, BOB = 7, 8
CARD = MessageRef(9, 55)
REPLY, DIRECT = Reminder(user_id=BOB, locale="en-US"), Reminder(user_id=BOB, locale="zh-CN", direct=True)


def refusal(status: int, code: int) -> discord.HTTPException:
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(SimpleNamespace(status=status, reason=""), {"code": code, "message": "no"})  # pyright: ignore[reportArgumentType]


class Discord:
    """Takes messages, or refuses them in the order given for a channel."""

    def __init__(self, **refusals: Any) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.refusals = refusals
        self.services = SimpleNamespace(profiles=SimpleNamespace(language=lambda _: None))

    def get_partial_messageable(self, channel_id: int) -> Any:
        name = {9: "channel", 70: "direct"}[channel_id]

        async def send(text: str, **options: Any) -> None:
            if self.refusals.get(name):
                raise self.refusals[name].pop(0)
            self.sent.append((name, text, options))

        return SimpleNamespace(send=send)

    async def create_dm(self, _user: object) -> Any:
        return SimpleNamespace(id=70)


class Marks:
    """One wish, until it is fulfilled."""

    def __init__(self, *reminders: Reminder) -> None:
        self.waiting = list(reminders)

    async def reminders(self, _job_id: str) -> tuple[Reminder, ...]:
        return tuple(self.waiting)

    async def reminded(self, _job_id: str, user_id: int) -> None:
        self.waiting = [each for each in self.waiting if each.user_id != user_id]

    async def overdue(self) -> tuple[str, ...]:
        return (ID,)


def ended(state: JobState = JobState.SUCCEEDED, **changes: Any) -> Job:
    return make_job(state, message=CARD, delivered_at=1.0, **changes)


async def told(job: Job, bot: Discord, marks: Marks) -> Discord:
    """Let the job end as an earlier process left it: told of at the next start."""
    tasks: list[asyncio.Task[Any]] = []

    async def find(_job_id: str) -> Job:
        return job

    def spawn(coroutine: Any, *, name: str) -> Any:
        tasks.append(asyncio.create_task(coroutine, name=name))  # noqa: TID251 - the seam itself
        return tasks[-1]

    jobs = SimpleNamespace(on_delivered=lambda _callback: None, find=find)
    anything: Any = Reminders
    await anything(bot, jobs=jobs, marks=marks, spawn=spawn, retry=(0.0,)).recover()
    await asyncio.gather(*tasks)
    return bot


@pytest.mark.parametrize(
    ("reminder", "refusals", "way", "words"),
    [
        (REPLY, {}, "channel", "<@8> 🔔 #17 is done."),
        (DIRECT, {}, "direct", "🔔 #17 已完成。\nhttps://discord.com/channels/8/9/55"),
        (REPLY, {"channel": [refusal(403, 50013)]}, "direct", "🔔 #17 is done."),
        (DIRECT, {"direct": [refusal(403, 50007)]}, "channel", "<@8> 🔔 #17 已完成。"),
        (REPLY, {"channel": [refusal(500, 0)]}, "channel", "<@8> 🔔 #17 is done."),
    ],
    ids=["reply", "direct", "channel closed", "direct closed", "a bad moment"],
)
async def test_a_way_that_is_open_is_taken(
    reminder: Reminder, refusals: dict[str, list[Exception]], way: str, words: str
) -> None:
    marks, bot = Marks(reminder), Discord(**{name: list(each) for name, each in refusals.items()})
    ((where, text, options),) = (await told(ended(), bot, marks)).sent
    assert where == way
    assert words in text
    allowed = options["allowed_mentions"].to_dict()
    assert allowed["users"] == [BOB]
    assert not allowed["parse"], "nobody else is called"
    assert ("reference" in options) == (way == "channel")
    assert marks.waiting == []


async def test_who_cannot_be_told_now_is_told_later_and_who_never_can_is_left() -> None:
    marks = Marks(REPLY)
    await told(ended(), Discord(channel=[refusal(500, 0), refusal(500, 0)]), marks)
    assert marks.waiting == [REPLY]
    closed = {"channel": [refusal(403, 50013)], "direct": [refusal(403, 50007)]}
    assert (await told(ended(), Discord(**closed), marks)).sent == []
    assert marks.waiting == []


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (ended(JobState.CANCELLED, cancel_requested_by=BOB), []),
        (ended(JobState.CANCELLED, cancel_requested_by=ALICE), ["<@8> 🔔 #17 was cancelled."]),
        (
            ended(JobState.CANCELLED, cancel_requested_by=99),
            ["<@8> 🔔 #17 was cancelled by a moderator."],
        ),
        (ended(JobState.FAILED), ["<@8> 🔔 #17 has failed. The card says why."]),
        (ended(JobState.LOST), ["<@8> 🔔 #17 has failed. The card says why."]),
    ],
    ids=["who ended it knows", "cancelled", "by a moderator", "failed", "lost"],
)
async def test_every_ending_is_told_as_what_it_is(job: Job, expected: list[str]) -> None:
    bot = await told(job, Discord(), Marks(REPLY))
    assert [text for _, text, _ in bot.sent] == expected


async def test_nothing_of_a_private_job_is_said_in_the_channel() -> None:
    job = ended()
    private = replace(job, request=replace(job.request, private=True), message=replace(CARD, ephemeral=True))
    bot = await told(private, Discord(direct=[refusal(403, 50007)]), Marks(REPLY))
    assert bot.sent == []
    ((way, text, _),) = (await told(private, Discord(), Marks(REPLY))).sent
    assert (way, text) == ("direct", "🔔 #17 is done.")
