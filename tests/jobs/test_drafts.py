"""What people have filled into forms so far."""

import asyncio

import pytest

from bot.errors import UserError
from bot.jobs.drafts import LIFE, Draft, Drafts
from bot.jobs.request import InputRef, Origin, OriginKind, Requester
from bot.runtime import SystemClock

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
        files={"image": "a.png"},
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
        drafts.change(mine, inputs={"mask": REF}, files={"mask": "b.png"}),
    )
    newest = await drafts.of(mine.id, 1)
    assert newest.texts == {"prompt": "a fox", "steps": "9"}
    assert newest.inputs.keys() == newest.files.keys() == {"image", "mask"}


async def test_files_under_way(drafts: Drafts, notes: Notes) -> None:
    mine = draft()
    await drafts.keep(mine)
    mine = await drafts.change(mine, files={"late": "l.png", "odd": "o.png", "died": "d.png"})
    gate = asyncio.Event()

    async def late() -> InputRef | UserError:
        await gate.wait()
        return REF

    async def odd() -> InputRef | UserError:
        return UserError("That is no picture.")

    async def died() -> InputRef | UserError:
        raise OSError("disk")

    async with asyncio.TaskGroup() as group:
        tasks = {"late": group.create_task(late()), "odd": group.create_task(odd())}
        lost = asyncio.ensure_future(died())
        await asyncio.wait({tasks["odd"], lost})
        drafts.expect(mine, {**tasks, "died": lost})  # pyright: ignore[reportArgumentType]
        assert await drafts.settled(mine) == mine
        failures = drafts.failures(mine)
        assert {name: str(each) for name, each in failures.items()} == {
            "odd": "That is no picture.",
            "died": "The attached file could not be kept. Please attach it again.",
        }
        assert drafts.failures(mine) == {}
        assert list(drafts.arriving(mine)) == ["late"]
        gate.set()
        await tasks["late"]
        await asyncio.sleep(0)
    assert drafts.arriving(mine) == {}

    # After a restart nobody fetches them any more.
    assert (await Drafts(notes, SystemClock()).settled(mine)).files == {"image": "a.png"}
