"""What people have filled into forms so far."""

import asyncio

import pytest

from bot.errors import UserError
from bot.jobs.model.request import InputRef, JobId, Origin, OriginKind, Requester
from bot.runtime import SystemClock
from bot.users.form_drafts import LIFE, Attached, Draft, Drafts, JobPicture, MessagePicture

REF = InputRef("0" * 64, "png", 7)


class Notes:
    """Keeps notes in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, float | None]] = {}

    async def get(self, key: str) -> str | None:
        found = self.kept.get(key)
        return found[0] if found else None

    async def set(self, key: str, value: str | None, *, until: float | None = None) -> None:
        if value is None:
            del self.kept[key]
        else:
            self.kept[key] = value, until


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def drafts(notes: Notes) -> Drafts:
    return Drafts(notes, SystemClock())


def draft() -> Draft:
    return Draft(
        id=Drafts.new_id(),
        user_id=1,
        guild_id=2,
        workflow="txt2img",
        texts={"prompt": "a fox", "seed": "18446744073709551615"},
        inputs={"image": REF},
        pictures={
            "image": JobPicture(job=JobId("0" * 32), ordinal=2),
            "second": MessagePicture(message=7, key="n1"),
            "third": Attached(address="https://cdn.discordapp.com/a.png", name="a.png", size=3),
        },
        origin=Origin(kind=OriginKind.USE, job=3),
        private=True,
    )


async def test_a_draft_is_found_again_by_its_owner_alone(drafts: Drafts, notes: Notes) -> None:
    mine = draft()
    await drafts.keep(mine)
    assert await Drafts(notes, SystemClock()).of(mine.id, 1) == mine
    ((_, until),) = notes.kept.values()
    assert until is not None
    assert abs(until - SystemClock().now() - LIFE) < 60
    with pytest.raises(UserError, match="Only the person"):
        await drafts.of(mine.id, 9)
    for text in (None, "{}", "no json"):
        await notes.set(f"form:{mine.id}", text)
        with pytest.raises(UserError, match="has expired"):
            await drafts.of(mine.id, 1)
        await notes.set(f"form:{mine.id}", "")
    request = mine.request(Requester(user_id=1, guild_id=2, channel_id=4))
    assert (request.inputs, request.private, request.origin) == (mine.inputs, True, mine.origin)


async def test_changes_are_put_on_top_of_what_came_meanwhile(drafts: Drafts) -> None:
    mine = draft()
    await drafts.keep(mine)
    await asyncio.gather(
        drafts.change(mine, texts={"steps": "9", "seed": None}),
        drafts.change(
            mine, inputs={"mask": REF}, pictures={"mask": MessagePicture(message=8, key="n2"), "third": None}
        ),
    )
    newest = await drafts.of(mine.id, 1)
    assert newest.texts == {"prompt": "a fox", "steps": "9"}
    assert newest.inputs.keys() == {"image", "mask"}
    assert newest.pictures.keys() == {"image", "second", "mask"}
