"""People with different rights, and what each is told when they use something that the bot has registered."""

import shutil
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import actors
from simcord.backend.errors import SetupError
from simcord.builders import UserHandle
from simcord.enums import InteractionType
from simcord.results import to_discord_message

from bot.jobs.model.job import Job
from bot.policy import Actor
from bot.settings import LimitSettings
from bot.store import SqlJobStore
from bot.users.form_drafts import Draft
from bot.workflows.graph.schema import ObjectInfo
from tests.cogs.asking import picture
from tests.cogs.forging import forge
from tests.world import ROOT, World, custom_ids

OWNER = "owner of the job"
MEMBER = "member"
ROLE = "member with the workflow's role"
MODERATOR = "moderator of the guild"
IN_ROOM = "moderator of one other channel"
ADMIN = "admin"
BANNED = "banned"
ABROAD = "another guild's admin, in that guild"
DIRECT = "owner of the job, in direct messages"
OPERATOR = "operator"
PEOPLE = (OWNER, MEMBER, ROLE, MODERATOR, IN_ROOM, ADMIN, BANNED, ABROAD, DIRECT, OPERATOR)

COMPONENTS_V2 = 1 << 15
REFUSALS = (
    "This works only in a server, not in direct messages.",
    "This bot is not available in this server.",
    "has banned you from using this bot",
    "Only moderators can do this.",
    "Only moderators can cancel everything.",
    "Only moderators can use `priority`",
    "Only the people who run the bot can do this.",
    "Only the person who asked for this, or a moderator, can do that.",
    "Only the person who opened this form can use it.",
    "This job belongs to another server.",
    "This job is private.",
    "This job was made in a channel that you cannot see.",
    "is for certain roles only.",
    "I cannot find that job.",
)
"""Sentences that say that somebody may not; whatever else is said, they may."""
BROKEN = ("Something went wrong", "does not respond", "interaction failed")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and where they act."""

    name: str
    who: Any
    channel: Any


Outcome = bool
"""Whether something was allowed."""
Use = Callable[["Matrix", Person], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something registered (`thing`), used in one way, and who is let do so."""

    thing: str
    use: Use
    allowed: frozenset[str]
    way: str = ""

    @property
    def name(self) -> str:
        return f"{self.thing} ({self.way})" if self.way else self.thing


class Matrix:
    """One world with all people in it. Nothing runs on its server, so that every job made stays where it is."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = World(folder, monkeypatch)
        self.world.workflows = folder / "workflows"
        self.world.limits = LimitSettings(jobs_per_user=1)
        shutil.copytree(ROOT / "workflows", self.world.workflows)
        self.people: dict[str, Person]
        self.victim: Any
        self._finished: Job
        self.active: Job
        self._drafts: list[Draft] = []

    async def prepare(self) -> None:
        """Let everybody in, and the owner make what the others are after."""
        world = self.world
        await self._let_in()
        await self._lay_bound_workflow()
        card = await world.done(await world.generate(prompt="the owner's"))
        found = await world.app.jobs.find(next(custom_ids(world.stored(card).components)).split(":")[2])
        assert found is not None
        self._finished = found
        world.comfyui.hold()
        await world.generate(prompt="the owner's at work")
        await world.until(lambda: world.comfyui.running)
        (self.active,) = world.app.jobs.active()

    async def _let_in(self) -> None:
        world, env, guild = self.world, self.world.env, self.world.guild

        def join(name: str, *roles: Any) -> Any:
            return guild.add_member(env.create_user(name), roles=roles)

        rosa, mallory, olga = join("rosa"), join("mallory"), join("olga")
        everything = discord.Permissions(administrator=True)
        room = guild.create_text_channel(
            "room",
            overwrites={
                rosa: discord.PermissionOverwrite(
                    manage_messages=True, view_channel=True, read_message_history=True
                )
            },
        )
        foreign = env.create_guild("elsewhere")
        abroad = foreign.create_text_channel("abroad")
        stranger = foreign.add_member(
            env.create_user("stranger"), roles=[foreign.create_role("admins", permissions=everything)]
        )
        self.victim = join("victim")
        self.people = {
            each.name: each
            for each in (
                Person(OWNER, world.alice, world.channel),
                Person(MEMBER, world.bob, world.channel),
                Person(ROLE, join("vera", guild.create_role("VIP")), world.channel),
                Person(MODERATOR, world.mod, world.channel),
                Person(IN_ROOM, rosa, room),
                Person(
                    ADMIN, join("ada", guild.create_role("admins", permissions=everything)), world.channel
                ),
                Person(BANNED, mallory, world.channel),
                Person(ABROAD, stranger, abroad),
                Person(DIRECT, UserHandle(env, env.backend.get_user(world.alice.id)), None),
                Person(OPERATOR, olga, world.channel),
            )
        }
        await world.until(lambda: world.app.bot.get_channel(room.id) and world.app.bot.get_channel(abroad.id))
        world.app.bot.owner_id = olga.id
        operator = Actor(user_id=olga.id, guild_id=guild.id, operator=True)
        await world.app.policy.ban(operator, mallory.id)
        for name in ("moderation", "settings", "nodes", "upload"):
            command = env.backend.find_command(name, guild.id)
            assert command is not None
            shown = {each.who: True for each in self.people.values() if each.name not in {ABROAD, DIRECT}}
            guild.set_command_permissions(int(command["id"]), shown)

    async def _lay_bound_workflow(self) -> None:
        world = self.world
        shutil.copy(ROOT / "workflows" / "txt2img.json", world.workflows / "bound.json")
        manifest = (ROOT / "workflows" / "txt2img.toml").read_text("utf-8")
        bound = f'command = "bound"\nroles = ["{world.guild.id}:VIP"]\n{manifest}'
        (world.workflows / "bound.toml").write_text(bound, "utf-8")
        raw = world.app.fleet.pick().client.cached_object_info
        await world.app.library.load(ObjectInfo(raw or {}))
        await world.until(lambda: "bound" in world.commands())

    async def finished(self) -> Job:
        """Return a job of the owner's that has ended, of which nobody has done anything yet."""
        fresh = replace(
            self._finished,
            id=type(self._finished.id)(uuid.uuid4().hex),
            number=0,
            runs=tuple(replace(run, prompt_id=str(uuid.uuid4())) for run in self._finished.runs),
            message=None,
            parts={},
        )
        store = SqlJobStore(self.world.app.database)
        accepted = await store.accept(fresh, lambda _: None)
        await store.save(accepted)
        return accepted

    async def draft(self, *, picture: bool = False) -> str:
        """Return the id of a form that the owner has begun."""
        drafts = self.world.app.bot.services.drafts
        draft = Draft(
            id=drafts.new_id(),
            user_id=self.world.alice.id,
            guild_id=self.world.guild.id,
            workflow="img2img" if picture else "txt2img",
            texts={},
        )
        await drafts.keep(draft)
        return draft.id

    async def message(self, person: Person) -> Any:
        """Return a message of the bot's where somebody acts."""
        channel_id = person.channel.id if person.channel is not None else person.who.dm_channel.id
        backend, ours = self.world.env.backend, self.world.app.bot.user
        assert ours is not None
        text = {"type": 10, "id": 1, "content": "look"}
        stored = backend.create_message(channel_id, ours.id, "", components=[text], flags=COMPONENTS_V2)
        return to_discord_message(self.world.env, stored)

    def judged(self, result: Any) -> Outcome:
        """Tell whether what came of something was no refusal; fail where it was an error."""
        assert result.acknowledged, "The application did not respond"
        messages = [each for each in (result.response, *result.followups) if each is not None]
        said = "\n".join(map(self.world.text, messages))
        assert not any(each in said for each in BROKEN), said
        return not any(each in said for each in REFUSALS)


def _is_not_there(error: SetupError) -> bool:
    """Whether Discord would not even show the command there."""
    return any(words in str(error) for words in ("not visible", "not available"))


def command(
    name: str,
    allowed: Collection[str],
    /,
    *,
    way: str = "",
    given: Callable[[Matrix, Person], Any] | None = None,
    **options: Any,
) -> Row:
    """Return a row for a slash command."""

    async def use(matrix: Matrix, person: Person) -> Outcome:
        filled = {**options, **(given(matrix, person) if given is not None else {})}
        try:
            if person.name == DIRECT:
                return matrix.judged(await person.who.slash(name, **filled))
            return matrix.judged(await person.who.slash(person.channel, name, **filled))
        except SetupError as error:
            if not _is_not_there(error):
                raise
            return False

    return Row(thing=f"command {name}", use=use, allowed=frozenset(allowed), way=way)


def typing(
    name: str,
    option: str,
    allowed: Collection[str],
    *,
    text: str = "",
    wanted: Callable[[Matrix], str] | None = None,
    given: Callable[[Matrix, Person], Any] | None = None,
) -> Row:
    """Return a row for what is offered while an option is typed: allowed is who is offered something, or what is wanted."""

    async def use(matrix: Matrix, person: Person) -> Outcome:
        filled = given(matrix, person) if given is not None else {}
        try:
            if person.name == DIRECT:
                offered = await person.who.autocomplete(name, option, text, **filled)
            else:
                offered = await person.who.autocomplete(person.channel, name, option, text, **filled)
        except SetupError as error:
            if not _is_not_there(error):
                raise
            return False
        values = [str(each["value"]) for each in offered]
        return bool(values) if wanted is None else wanted(matrix) in values

    return Row(thing=f"autocomplete {name}.{option}", use=use, allowed=frozenset(allowed))


def menu(name: str, allowed: Collection[str]) -> Row:
    """Return a row for the menu of a member's message with a picture."""

    async def use(matrix: Matrix, person: Person) -> Outcome:
        if person.name == DIRECT:
            return False  # such menus are for servers alone
        message = await person.who.send(person.channel, "look", attachments=[("a.png", picture())])
        return matrix.judged(await person.who.context_menu(person.channel, name, message))

    return Row(thing=f"menu {name}", use=use, allowed=frozenset(allowed))


def control(
    family: str,
    action: str,
    allowed: Collection[str],
    argument: str | Callable[[Matrix], Awaitable[str]] = "",
    values: Sequence[str] | None = None,
    *,
    way: str = "",
) -> Row:
    """Return a row for a button or (with `values`) a menu, pressed in a message that never had it."""

    async def use(matrix: Matrix, person: Person) -> Outcome:
        told = argument if isinstance(argument, str) else await argument(matrix)
        custom_id = f"{family}:{action}" + (f":{told}" if told else "")
        message = await matrix.message(person)
        return matrix.judged(await forge(person.who, message, custom_id, values))

    return Row(thing=f"control {family}:{action}", use=use, allowed=frozenset(allowed), way=way)


def form(thing: str, allowed: Collection[str], custom_id: Callable[[Matrix], Awaitable[str]]) -> Row:
    """Return a row for a form that is sent without ever having been opened."""

    async def use(matrix: Matrix, person: Person) -> Outcome:
        channel = person.channel if person.channel is not None else person.who.dm_channel
        data = {"custom_id": await custom_id(matrix), "components": []}
        result = await actors._dispatch_actor_interaction(
            person.who, InteractionType.MODAL_SUBMIT, channel, data
        )
        return matrix.judged(result)

    return Row(thing=f"form {thing}", use=use, allowed=frozenset(allowed))
