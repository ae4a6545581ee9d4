"""Who is let do what: every command, suggestion, button, menu and form that the bot registers, for every kind of person.

When something new is registered, `test_everything_registered_stands_in_the_matrix` names it: add a row for it, with
everybody who is let use it.
"""

import ast
import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from bot.policy import Actor, Who
from bot.ui.requests.form_open import CARD
from tests.cogs.matrix import (
    ABROAD,
    ADMIN,
    DIRECT,
    IN_ROOM,
    MEMBER,
    MODERATOR,
    OPERATOR,
    OWNER,
    PEOPLE,
    REFUSALS,
    ROLE,
    Matrix,
    Person,
    Row,
    command,
    control,
    form,
    menu,
    typing,
)
from tests.world import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = frozenset({OWNER, MEMBER, ROLE, MODERATOR, IN_ROOM, ADMIN, OPERATOR})
PRESENT = HERE | {ABROAD}
"""Whoever may use the bot where they are."""
MODERATORS = frozenset({MODERATOR, ADMIN, ABROAD, OPERATOR})
"""Who may act on the whole guild they are in."""
OPERATORS = frozenset({OPERATOR})
OVER_OTHERS = frozenset({MODERATOR, ADMIN, OPERATOR})
"""Who may act on a job of somebody else in its channel."""
OF_THE_ROLE = frozenset({ROLE, OPERATOR})
WITHOUT_PERMISSION = frozenset(PEOPLE) - {DIRECT}
"""What concerns nobody but oneself is for the banned as well."""


def _owner(matrix: Matrix, person: Person) -> dict[str, Any]:
    return {} if person.name == ABROAD else {"user": matrix.world.alice}


def _victim(matrix: Matrix, person: Person) -> dict[str, Any]:
    return {"user": person.who if person.name == ABROAD else matrix.victim}


def _active(matrix: Matrix, _: Person) -> dict[str, Any]:
    return {"job": matrix.active.id}


async def _job(matrix: Matrix) -> str:
    return (await matrix.finished()).id


async def _running(matrix: Matrix) -> str:
    return matrix.active.id


async def _job_with_number(matrix: Matrix) -> str:
    return f"{(await matrix.finished()).id}:upscale.1"


def _draft(action: str = "") -> Any:
    async def named(matrix: Matrix) -> str:
        return await matrix.draft(picture=action == "use")

    return named


async def _page(matrix: Matrix) -> str:
    return f"{await matrix.draft()}:0"


COMMANDS = (
    command("generate", PRESENT, prompt="a fox"),
    command("generate", MODERATORS, way="priority", prompt="a fox", priority=True),
    command("generate", OF_THE_ROLE, way="a role's workflow", prompt="a fox", workflow="bound"),
    command("bound", OF_THE_ROLE, prompt="a fox"),
    command("imagine", PRESENT, prompt="a fox"),
    command("queue", PRESENT),
    command("status", PRESENT),
    command("help", PRESENT),
    command("models", PRESENT),
    command("history", PRESENT),
    command("history", HERE, way="the owner's job", given=_active),
    command("workflows list", PRESENT),
    command("workflows show", PRESENT, name="txt2img"),
    command("workflows show", OVER_OTHERS | {ROLE}, way="a role's workflow", name="bound"),
    command("workflows add", OPERATORS, file=("x.json", b"{}")),
    command("workflows remove", OPERATORS, name="img2img"),
    command("workflows reload", OPERATORS),
    command("profile", WITHOUT_PERMISSION),
    command("nodes", MODERATORS),
    command("upload", MODERATORS),
    command("settings", MODERATORS),
    command("moderation ban", MODERATORS, given=_victim),
    command("moderation unban", MODERATORS, given=_victim),
    command("moderation pause", OPERATORS),
    command("moderation resume", OPERATORS),
)
SUGGESTIONS = (
    *(
        typing("generate", option, PRESENT)
        for option in (
            "workflow",
            "model",
            "lora",
            "sampler",
            "scheduler",
            "count",
            "steps",
            "width",
            "height",
        )
    ),
    *(
        typing("bound", option, OF_THE_ROLE)
        for option in ("model", "lora", "sampler", "count", "steps", "width", "height")
    ),
    typing("history", "job", HERE, wanted=lambda matrix: matrix.active.id, given=_owner),
    typing("history", "workflow", PRESENT),
    typing("history", "since", PRESENT),
    typing("cancel", "job", OVER_OTHERS | {OWNER}, wanted=lambda matrix: matrix.active.id),
    typing("models", "folder", PRESENT),
    typing("nodes", "name", MODERATORS),
    typing("workflows show", "name", PRESENT),
    typing("workflows remove", "name", OPERATORS),
)
MENUS = tuple(menu(name, PRESENT) for name in ("Use as input", "Upscale", "Show parameters"))
ON_JOBS = (
    *(control("job", action, HERE, _job) for action in ("again", "vary", "upscale", "edit", "use")),
    *(control("job", action, HERE | {DIRECT}, _job) for action in ("details", "favourite")),
    control("job", "notify", HERE, _running),
    control("job", "pick", HERE, _job_with_number),
    control("job", "spoiler", OVER_OTHERS | {OWNER}, _job),
    control("job", "delete", OVER_OTHERS | {OWNER, DIRECT}, _job),
    control("job", "cancel", OVER_OTHERS | {OWNER, DIRECT}, _job),
)
CONTROLS = (
    *(control("history", action, PRESENT, "0:0") for action in ("page", "refresh", "back", "look", "whose")),
    control("history", "filter", PRESENT, "0", ["favourites"]),
    control("history", "show", HERE, "0:0", ["1"]),
    control("queue", "page", PRESENT, "0"),
    control("queue", "refresh", PRESENT, "0"),
    control("status", "refresh", PRESENT),
    control("models", "page", PRESENT, "0:loras|"),
    control("models", "folders", PRESENT),
    control("models", "open", PRESENT, "", ["loras"]),
    control("nodes", "page", MODERATORS, "0"),
    control("nodes", "all", MODERATORS),
    control("settings", "others", MODERATORS, "", ["anyone"]),
    control("settings", "upscale", MODERATORS, "", ["upscale"]),
    control("settings", "metadata", MODERATORS, "", ["all"]),
    *(control("workflows", action, PRESENT, "0") for action in ("page", "list")),
    control("workflows", "open", PRESENT, "txt2img"),
    control("workflows", "show", PRESENT, "", ["txt2img"]),
    *(
        control("workflows", action, OPERATORS, "nothing")
        for action in (
            "save", "automatic", "replace", "both", "cancel", "remove", "removing", "restore", "reload",
            "command", "graph", "allow", "typing", "withdraw",
        )
    ),
    *(control("form", action, {OWNER}, _page) for action in ("next", "back", "again", "make")),
    control("use", "again", {OWNER}, _draft("use")),
    *(control("pic", action, PRESENT, "1:1") for action in ("use", "upscale")),
    control("profile", "language", frozenset(PEOPLE), "", ["en-US"]),
    control("profile", "notify", frozenset(PEOPLE), "", ["never"]),
    control("profile", "defaults", PRESENT, "", ["txt2img"]),
    control("profile", "back", frozenset(PEOPLE)),
    control("profile", "data", frozenset(PEOPLE)),
    control("profile", "forget", frozenset(PEOPLE)),
)  # fmt: skip


async def _form_page(matrix: Matrix) -> str:
    return f"form:{CARD}:{await matrix.draft()}:0"


async def _use_form(matrix: Matrix) -> str:
    return f"use:form:{await matrix.draft(picture=True)}"


async def _defaults_form(_: Matrix) -> str:
    return "profile:form:1:txt2img"


async def _command_form(_: Matrix) -> str:
    return "workflows:form:1:txt2img"


FORMS = (
    form("form", {OWNER}, _form_page),
    form("use:form", {OWNER}, _use_form),
    form("profile:form", PRESENT, _defaults_form),
    form("workflows:form", OPERATORS, _command_form),
)
LAST = (
    command("cancel", OVER_OTHERS | {OWNER}, way="the owner's job", given=_active),
    command("cancel", MODERATORS, way="everything", job="everything"),
    command("cancel", WITHOUT_PERMISSION, way="one's own", job="all"),
    control("profile", "really", frozenset(PEOPLE)),
)
"""What ends and removes jobs that the others need."""
MATRIX: tuple[Row, ...] = (
    *COMMANDS, *SUGGESTIONS, *MENUS, *CONTROLS, *ON_JOBS, *FORMS, *LAST
)  # fmt: skip
"""What is done on jobs comes after the lists: each time leaves one more finished job, whose picture they would show."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def matrix(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Matrix]:
    with pytest.MonkeyPatch.context() as patch:
        matrix = Matrix(tmp_path_factory.mktemp("matrix"), patch)
        async with matrix.world as world:
            await matrix.prepare()
            yield matrix
            world.comfyui.release()
            await world.until(lambda: not world.app.jobs.active())
        assert world.outside.failures == []


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
async def test_who_is_let_do_it(matrix: Matrix, row: Row) -> None:
    let = {name: await row.use(matrix, person) for name, person in matrix.people.items()}
    assert let == {name: name in row.allowed for name in PEOPLE}


@pytest.mark.parametrize("action", ["again", "vary", "upscale", "edit", "use"])
async def test_who_goes_on_where_only_moderators_may(matrix: Matrix, action: str) -> None:
    mod = Actor(user_id=matrix.world.mod.id, guild_id=matrix.world.guild.id, moderator=True)
    row = control("job", action, OVER_OTHERS, _job)
    await matrix.world.app.policy.decide(mod, lambda rules: rules.with_going_on(Who.MODERATORS))
    try:
        let = {name: await row.use(matrix, person) for name, person in matrix.people.items()}
    finally:
        await matrix.world.app.policy.decide(mod, lambda rules: rules.with_going_on(Who.ANYONE))
    assert let == {name: name in row.allowed for name in PEOPLE}


async def test_every_refusal_is_still_said_in_these_words() -> None:
    sources = "".join(
        file.read_text("utf-8") for room in ("bot", "cogs") for file in ROOT.glob(f"{room}/**/*.py")
    )
    assert [each for each in REFUSALS if each not in sources] == [], "what is reworded has to be here too"


async def test_everything_registered_stands_in_the_matrix(matrix: Matrix) -> None:
    rows = {row.thing for row in MATRIX}
    there = set(_registered(matrix.world.app.bot))
    assert there - rows == set(), "add a row for each of these to MATRIX"
    assert rows - there == set(), "these are registered no more: take their rows out of MATRIX"


def _registered(bot: Any) -> Iterator[str]:
    for each in bot.tree.walk_commands():
        if isinstance(each, app_commands.Command):
            yield f"command {each.qualified_name}"
            for parameter in each.parameters:
                if parameter.autocomplete:
                    yield f"autocomplete {each.qualified_name}.{parameter.display_name}"
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        for each in bot.tree.get_commands(type=kind):
            yield f"menu {each.name}"
    for pattern in bot._connection._view_store._dynamic_items:
        found = re.match(r"(\w+):\(\?P<action>([^)]*)\)", pattern.pattern)
        assert found, f"what controls are these? {pattern.pattern}"
        for action in found[2].split("|"):
            yield f"control {found[1]}:{action}"
    for pattern in _forms():
        beginning = re.match(r"[a-z:]*[a-z]", pattern)
        assert beginning, f"what forms are these? {pattern}"
        yield f"form {beginning[0]}"


def _forms() -> Iterator[str]:
    """Yield the patterns of the ids of all forms that are taken in: each is called `SENT` and handed to `returned`."""
    for file in sorted([*ROOT.glob("cogs/**/*.py"), *ROOT.glob("bot/ui/**/*.py")]):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "returned":
                name = node.args[1]
                assert isinstance(name, ast.Name), f"{module} hands something else than a name to returned()"
                yield getattr(sys.modules[module], name.id).pattern
