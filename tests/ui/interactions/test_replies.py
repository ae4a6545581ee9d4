"""What people are told when something goes wrong."""

import logging
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.comfy import ProtocolError, Rejected, TooLarge, Unreachable
from bot.errors import UserError
from bot.i18n import LANGUAGES
from bot.ui.interactions.replies import explain, report, reporting, shorten

EN, ZH = LANGUAGES["en"], LANGUAGES["zh-CN"]
COMMAND = cast("Any", SimpleNamespace(name="x", qualified_name="x"))


def refusal(code: int, status: int = 404) -> discord.HTTPException:
    return discord.NotFound(
        cast("Any", SimpleNamespace(status=status, reason="x")), {"code": code, "message": "x"}
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("{n} is too much.", n=5), "5 is too much."),
        (app_commands.CommandInvokeError(COMMAND, UserError("No.")), "No."),
        (app_commands.CommandOnCooldown(app_commands.Cooldown(1, 60), 90.0), "1 min 30 s"),
        (app_commands.NoPrivateMessage(), "in a server only"),
        (app_commands.MissingPermissions(["manage_messages"]), "Only moderators"),
        (app_commands.CommandNotFound("x", []), "has just changed"),
        (app_commands.CheckFailure(), "may not do that"),
        (Unreachable("127.0.0.1:8188 refused"), "not answering"),
        (Rejected(404, text="no such thing"), "does not know that"),
        (TooLarge(5), "too large"),
        (refusal(200000, 400), "AutoMod"),
        (ProtocolError("half a body at /home/comfy"), "do not understand"),
        (LookupError("/home/secret"), "Something went wrong on our side"),
        (commands.CommandInvokeError(LookupError("/home/secret")), "Something went wrong on our side"),
    ],
    ids=str,
)
def test_every_error_is_a_sentence(error: Exception, said: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    notice = explain(error, EN)
    assert said in notice.text
    assert "/home" not in notice.text
    if notice.reference is not None:
        assert notice.reference in notice.text
        assert notice.reference in caplog.text
    assert explain(error, ZH).text


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        discord.RateLimited(3.0),
        refusal(0, 503),
        app_commands.CommandInvokeError(COMMAND, refusal(0, 429)),
    ],
    ids=repr,
)
async def test_a_bad_moment_of_discords_is_one_plain_line(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    interaction = Answering(done=False)
    await report(cast("Any", interaction), error)
    assert "Discord did not take my answer" in interaction.said[0][1]["content"]
    (record,) = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


class Answering:
    """An interaction that has been answered already, or cannot be."""

    def __init__(self, *, done: bool, failing: Exception | None = None, kind: Any = None) -> None:
        self.id = 1
        self.type = kind or discord.InteractionType.application_command
        self.locale = discord.Locale.american_english
        self.guild_locale = None
        self.client = SimpleNamespace(
            services=SimpleNamespace(profiles=SimpleNamespace(language=lambda _: None))
        )
        self.user = SimpleNamespace(id=7)
        self.extras: dict[str, Any] = {}
        self.said: list[tuple[str, Any]] = []
        self.failing = failing
        self.response = SimpleNamespace(is_done=lambda: done, send_message=self._send("first"))
        self.followup = SimpleNamespace(send=self._send("further"))

    def _send(self, how: str) -> Any:
        async def send(**arguments: Any) -> None:
            if self.failing is not None:
                raise self.failing
            self.said.append((how, arguments))

        return send


@pytest.mark.parametrize(("done", "how"), [(False, "first"), (True, "further")])
async def test_only_the_person_reads_it_whatever_was_said_before(done: bool, how: str) -> None:
    interaction = Answering(done=done)
    async with reporting(cast("Any", interaction)):
        raise UserError("No.")
    assert interaction.said == [(how, {"ephemeral": True, "content": "No."})]


async def test_what_can_no_longer_be_answered_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    interaction = Answering(done=False)
    await report(cast("Any", interaction), refusal(10062))
    assert interaction.said == []
    assert "could no longer be answered" in caplog.text
    await report(cast("Any", Answering(done=False, failing=refusal(10062))), UserError("No."))
    assert "could not tell 7" in caplog.text


async def test_suggestions_fail_silently() -> None:
    interaction = Answering(done=False, kind=discord.InteractionType.autocomplete)
    await report(cast("Any", interaction), UserError("No."))
    assert interaction.said == []


def test_texts_are_cut_with_an_ellipsis() -> None:
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 4) == "abc"
    assert len(shorten("猫" * 100, 100, encoded=50).encode()) <= 50
