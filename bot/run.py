"""`python -m bot run`: the bot from its settings until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Generator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import discord
from sqlalchemy import make_url

from bot.app import build
from bot.client import ComfyBot
from bot.comfy import ServerAddress
from bot.errors import ConfigError
from bot.observe.heap import give_back
from bot.observe.logs import set_up
from bot.settings import Settings
from bot.store import instance_lock

log = logging.getLogger(__name__)


async def run(settings: Settings, *, deadline: float | None = None) -> int:
    """Run the bot until it is told to stop; 0 after SIGTERM or SIGINT, 1 when something it cannot do without ended.

    With a deadline the whole process ends so many seconds after a signal, even if something does not let go.
    """
    give_back()
    token = settings.discord.token.get_secret_value()
    set_up(settings.log.level, settings.log.format, secrets=secrets_of(settings))
    for warning in settings.warnings:
        log.warning("%s", warning)
    if not token:
        raise ConfigError(
            "Please set DISCORD_TOKEN: the bot token, from the Bot page of the application "
            "in Discord's Developer Portal."
        )
    if not settings.discord.guilds:
        log.warning("DISCORD_GUILDS is not set: whoever can add the bot to a server can use your ComfyUI")
    stop = asyncio.Event()
    with stopping_on_signals(stop, deadline):
        async with instance_lock(settings.database_url, settings.discord.shard_ids), build(settings) as app:
            stopping = app.spawn(stop.wait(), name="stop")
            if not await _logged_in(app.bot, token, stopping):
                return 0
            essential = [*await app.start(), app.spawn(app.bot.connect(), name="gateway")]
            await asyncio.wait({*essential, stopping}, return_when=asyncio.FIRST_COMPLETED)
            ended = [task.get_name() for task in essential if task.done()]
            if not stop.is_set():
                log.error("the bot stops: %s ended", ", ".join(ended))
                return 1
            log.info("stopping; unfinished jobs are kept and go on at the next start")
    return 0


async def _logged_in(bot: ComfyBot, token: str, stopping: asyncio.Task[Any]) -> bool:
    """Log in, or give it up when told to stop meanwhile: Discord may take minutes to say nothing."""
    login = asyncio.ensure_future(_log_in(bot, token))
    await asyncio.wait({login, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if login.done():
        await login
        return True
    login.cancel()
    await asyncio.wait({login})
    return False


async def _log_in(bot: ComfyBot, token: str) -> None:
    try:
        await bot.login(token)
    except discord.LoginFailure as error:
        raise ConfigError(
            "Discord does not accept DISCORD_TOKEN. Reset the token on the Bot page of the application "
            "in Discord's Developer Portal and put the new one in .env."
        ) from error
    except discord.HTTPException as error:
        raise ConfigError(f"Discord did not let the bot in: {error.status} {error.text}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise ConfigError(
            "Discord cannot be reached. Check the network connection of this machine."
        ) from error


@contextlib.contextmanager
def stopping_on_signals(stop: asyncio.Event, deadline: float | None = None) -> Generator[None]:
    """Set the event on SIGTERM and SIGINT for the length of the block; end the process after the deadline, if any."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def told() -> None:
        if deadline is not None and not stop.is_set():
            # Outside the loop, for a thread that hangs in a file system, say, would hold up the loop's own end.
            at_last = threading.Timer(deadline, _end_process)
            at_last.daemon = True
            at_last.start()
        stop.set()

    heard: list[signal.Signals] = []
    for number in signals:
        # Windows has no signal handlers on its loop: Ctrl+C ends the program there without draining.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told)
            heard.append(number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


def _end_process() -> None:
    """End as a crash would, which no job minds: everything accepted is in the database."""
    log.warning("something does not come to rest in time; unfinished jobs go on at the next start")
    logging.shutdown()
    os._exit(0)


def secrets_of(settings: Settings) -> list[str]:
    """Return every text that must never stand in the log."""
    logins: list[str] = []
    for url in settings.comfyui.urls:
        auth = ServerAddress.parse(url, None).auth or ""
        logins += [unquote(urlsplit(url).password or ""), auth, auth.removeprefix("Basic ")]
    database = make_url(settings.database_url)
    given = [database.password, *database.normalized_query.get("password", ())]
    # Also as it is typed in an address, where percent signs stand for some of its characters.
    passwords = [form for each in given if each for form in (str(each), quote(str(each), safe=""))]
    return [
        settings.discord.token.get_secret_value(),
        *settings.comfyui.headers.values(),
        *filter(None, [*logins, *passwords]),
    ]
