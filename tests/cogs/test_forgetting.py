"""Being forgotten: nothing of a person is left in the database, its log or any file of the bot."""

from pathlib import Path
from typing import Any

from bot.jobs.model.ports import HistoryQuery
from bot.users.form_drafts import Draft
from bot.users.profile import Notify
from tests.cogs.asking import picture
from tests.cogs.looking import press
from tests.cogs.pressing import press as press_action
from tests.world import World

WORDS = "a zyxomma above the quandary"
NEGATIVE = "no Borborygmus"
NAME = "Wilhelmina-Zed"


def traces(folder: Path, user_id: int, *texts: str) -> list[str]:
    """Return which files under a folder hold a person's id, as text or as SQLite writes numbers, or one of the texts."""
    needles = {str(user_id): str(user_id).encode(), "the id as a number": user_id.to_bytes(8, "big")}
    for text in texts:
        needles |= {text: text.encode(), text.casefold(): text.casefold().encode()}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        f"{path.relative_to(folder)}: {name}"
        for path in files
        for name, needle in needles.items()
        if needle in path.read_bytes()
    ]


async def everything_left_by(world: World, who: Any) -> None:
    """Leave every kind of trace the bot keeps."""
    services, inputs = world.app.bot.services, world.app.content
    for _ in range(3):
        await world.done(await world.generate(who, prompt=WORDS, negative_prompt=NEGATIVE, count=2))
    await world.done(
        await world.generate(who, prompt=WORDS, image=("mine.png", picture()), extra="steps=3", private=True)
    )
    await services.profiles.notify(who.id, Notify.DIRECT)
    await services.profiles.speak(who.id, "en")
    draft = Draft(id=services.drafts.new_id(), user_id=who.id, guild_id=1, workflow="img2img")
    attached = await inputs.put(WORDS.encode(), "png")
    await services.drafts.keep(draft)
    await services.drafts.change(draft, texts={"prompt": WORDS}, inputs={"image": attached})


async def test_nothing_of_a_person_is_left_in_the_bots_files(world: World) -> None:
    services, data = world.app.bot.services, world.folder / "data"
    who = world.guild.add_member(world.env.create_user(NAME))
    card = await world.done(await world.generate(who, prompt=WORDS))
    upscaled = (await press_action(world, world.bob, card, "upscale")).response
    await world.done(upscaled)
    await everything_left_by(world, who)
    query = HistoryQuery(viewer=world.bob.id, guild_id=world.guild.id, user_id=world.bob.id)
    (bobs,) = (await world.app.jobs.history(query)).jobs
    assert bobs.request.words == WORDS
    await services.marks.favour(bobs.id, who.id, at=1.0)
    await world.mod.slash(world.channel, "moderation ban", user=who, reason="too loud")
    await world.mod.slash(world.channel, "moderation unban", user=who)
    assert len(traces(data, who.id, WORDS, NEGATIVE)) > 3

    message = (await who.slash(world.channel, "profile")).response
    asked = await press(world, who, message, "Forget me …")
    assert "- A ban, as long as it holds" in asked
    said = await press(world, who, message, "Forget everything")
    assert "Everything is forgotten" in said
    assert "- Messages on Discord, without working buttons" in said
    assert traces(data, who.id, WORDS, NEGATIVE, NAME) == []

    (bobs,) = (await world.app.jobs.history(query)).jobs
    assert bobs.request.words == ""
    again = (await press_action(world, world.bob, upscaled, "again")).response
    assert again.ephemeral
    assert "The file you attached is no longer there. Please attach it again." in world.text(again)
    assert not world.app.jobs.active()
    (noted, *_) = await services.policy.audit(world.guild.id)
    assert (noted.action, noted.actor_id) == ("forget me", 0)
    assert {entry.subject for entry in await services.policy.audit(world.guild.id)} == {"", "0"}


async def test_an_active_ban_alone_stays(world: World) -> None:
    who = world.guild.add_member(world.env.create_user(NAME))
    await world.done(await world.generate(who, prompt=WORDS))
    await world.mod.slash(world.channel, "moderation ban", user=who, reason="too loud")
    message = (await who.slash(world.channel, "profile")).response
    await press(world, who, message, "Forget me …")
    await press(world, who, message, "Forget everything")
    await world.app.database.scrub()
    left = traces(world.folder / "data", who.id, WORDS, NAME)
    assert left == ["bot.db: the id as a number"]
    assert [ban.user_id for ban in await world.app.bot.services.policy.bans(world.guild.id)] == [who.id]
