"""Logs say what happened and never give a secret away."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from bot.observe import redact, set_up

BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GhIjKl.abcdefghijklmnopqrstuvwxyz0123456789AB"
INTERACTION_TOKEN = "aW50ZXJhY3Rpb246MTIzOmFiYw" * 4


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    names = [
        name
        for name in logging.root.manager.loggerDict
        if isinstance(logging.getLogger(name), logging.Logger)
    ]
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


def lines_of(format: Literal["text", "json"]) -> io.StringIO:
    stream = io.StringIO()
    set_up("DEBUG", format, secrets=(BOT_TOKEN, "short", "hunter2-hunter2"), stream=stream)
    return stream


SECRET_TEXTS = [
    (f"token {BOT_TOKEN}!", BOT_TOKEN),
    (
        "a token of somebody else MTIzNDU2Nzg5MDEyMzQ1Njc4OTE.GhIjKm.ZZcdefghijklmnopqrstuvwxyz0123456789AB",
        "ZZcdef",
    ),
    (
        f"PATCH https://discord.com/api/v10/webhooks/1234/{INTERACTION_TOKEN}/messages/@original",
        INTERACTION_TOKEN,
    ),
    (f"POST /interactions/1234/{INTERACTION_TOKEN}/callback", INTERACTION_TOKEN),
    ("connecting to https://me:pass@word@gpu.example/comfy", "pass"),
    ("no way to http://key@gpu:8188", "key@"),
    ("postgresql+asyncpg://bot:s3cr3t@db/bot", "s3cr3t"),
    ("{'Authorization': 'Bot abcdef'}", "abcdef"),
    ("Authorization: Basic bWU6cGFzcw==", "bWU6"),
    ("the password is hunter2-hunter2", "hunter2"),
]


@pytest.mark.parametrize(("text", "secret"), SECRET_TEXTS)
@pytest.mark.parametrize("format", ["text", "json"])
def test_secrets_are_hidden_in_messages_arguments_extras_and_tracebacks(
    text: str, secret: str, format: Literal["text", "json"]
) -> None:
    stream = lines_of(format)
    log = logging.getLogger("bot.somewhere")
    log.warning("said %s", text)
    log.warning("carried", extra={"address": text})
    try:
        raise RuntimeError(text)
    except RuntimeError:
        log.exception("failed")
    told = stream.getvalue()
    assert secret not in told
    assert told.count("[hidden]") >= 3


@pytest.mark.parametrize(
    "text",
    [
        "GET http://127.0.0.1:8188/view?filename=a@b.png",
        "job 0123456789abcdef0123456789abcdef finished in 3.5 s",
        "mail me@example.org about discord.app_commands.tree",
        "webhooks/1234 and webhooks are fine",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_text_lines_carry_level_logger_job_and_traceback() -> None:
    stream = lines_of("text")
    try:
        raise ValueError("wrong")
    except ValueError:
        logging.getLogger("bot.jobs").exception("job failed", extra={"job": "ab12"})
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("ERROR    bot.jobs: job failed job=ab12")
    assert rest[-1] == "  ValueError: wrong"


FORGED = "2026-01-01 00:00:00,000 WARNING  bot.audit: ban of 17 by 18"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("format", ["text", "json"])
def test_no_name_or_error_forges_a_line(end: str, format: Literal["text", "json"]) -> None:
    stream = lines_of(format)
    log = logging.getLogger("bot.somewhere")
    log.info("workflow %s added", f"portrait{end}{FORGED}", extra={"file": f"a{end}{FORGED}"})
    try:
        raise ValueError(f"wrong{end}{FORGED}")
    except ValueError:
        log.exception("failed for %s", f"a{end}{FORGED}")
    begun = [line for line in stream.getvalue().splitlines() if not line.startswith("  ")]
    assert len(begun) == 2
    assert not [line for line in stream.getvalue().splitlines() if line.startswith(FORGED)]


NAME_FOR_TERMINALS = "\x1b]0;title\x07\x1b[2J\u202egnp.exe\x9b1m\x7f"


def test_no_name_drives_the_terminal() -> None:
    stream = lines_of("text")
    logging.getLogger("bot.somewhere").info("%s", NAME_FOR_TERMINALS)
    assert stream.getvalue().rstrip().endswith(r"\x1b]0;title\x07\x1b[2J\u202egnp.exe\x9b1m\x7f")


def test_nor_does_it_as_json_where_it_stays_whole() -> None:
    stream = lines_of("json")
    logging.getLogger("bot.somewhere").info("%s", NAME_FOR_TERMINALS, extra={"file": NAME_FOR_TERMINALS})
    line = stream.getvalue().rstrip("\n")
    assert not [each for each in line if not each.isprintable()]
    fields = json.loads(line)
    assert (fields["message"], fields["file"]) == (NAME_FOR_TERMINALS, NAME_FOR_TERMINALS)


def test_json_lines_are_one_object_each() -> None:
    stream = lines_of("json")
    logging.getLogger("bot.jobs").info("job %s\nis done", "ab12", extra={"job": "ab12"}, stack_info=True)
    try:
        raise ValueError("wrong")
    except ValueError:
        logging.getLogger("bot.jobs").exception("图片")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("INFO", "bot.jobs", "job ab12\nis done")
    assert first["job"] == "ab12"
    assert first["time"].endswith("+00:00")
    assert "stack" in first
    assert second["exception"].endswith("ValueError: wrong")
    assert second["message"] == "图片"


def test_libraries_with_tokens_in_their_debug_lines_never_reach_debug() -> None:
    stream = lines_of("text")
    for name in (
        "discord.http",
        "discord.webhook.async_",
        "discord.gateway",
        "aiohttp.client",
        "sqlalchemy.engine",
    ):
        logging.getLogger(name).debug("secret payload")
    logging.getLogger("discord.client").info("logging in")
    logging.getLogger("bot.jobs").debug("ours")
    assert "secret payload" not in stream.getvalue()
    assert "logging in" in stream.getvalue()
    assert "ours" in stream.getvalue()


def test_missing_voice_libraries_are_no_news() -> None:
    stream = lines_of("text")
    logging.getLogger("discord.client").warning("PyNaCl is not installed, voice will NOT be supported")
    assert stream.getvalue() == ""


def test_a_quieter_level_quietens_libraries_too_and_a_second_set_up_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    set_up("INFO", "text", stream=first)
    set_up("ERROR", "text", stream=second)
    logging.getLogger("discord.client").warning("noise")
    logging.getLogger("bot").error("trouble")
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1
