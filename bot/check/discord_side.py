"""Check the Discord side: the token, and how the application is set up."""

import asyncio
import base64
import binascii
import re

import aiohttp
import discord

from bot.check.findings import Finding, error, fine, warning
from bot.settings import DiscordSettings

PATIENCE = 15.0
TOPIC = "DISCORD_TOKEN"
RENEW = "Copy the token from the Bot page of your application in Discord's Developer Portal (Reset Token)."
SHAPE = re.compile(r"([A-Za-z0-9_-]{18,})\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}")


async def check_discord(settings: DiscordSettings) -> list[Finding]:
    """Say whether Discord takes the token; without one, which the bot cannot start without, Discord is not asked."""
    token = settings.token.get_secret_value()
    if not token:
        return [error(TOPIC, "is not set; the bot cannot start without it, and Discord was not asked", RENEW)]
    if not has_token_shape(token):
        return [error(TOPIC, "does not look like a bot token (three parts joined by dots)", RENEW)]
    return await _ask(token, settings)


def has_token_shape(token: str) -> bool:
    """Tell whether a text is built like a bot token: the first part is the bot's id, encoded."""
    found = SHAPE.fullmatch(token)
    if found is None:
        return False
    encoded = found[1]
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).isdigit()
    except (binascii.Error, ValueError):
        return False


async def _ask(token: str, settings: DiscordSettings) -> list[Finding]:
    client = discord.Client(intents=discord.Intents.none())
    try:
        async with asyncio.timeout(PATIENCE):
            await client.login(token)
        return [
            fine(TOPIC, f"Discord knows this bot as {client.user}"),
            *_application(client.application, settings),
        ]
    except discord.LoginFailure:
        return [error(TOPIC, "Discord does not take this token", RENEW)]
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError):
        return [
            error("Discord", "cannot be reached from here", "Check the network, the firewall and the proxy.")
        ]
    finally:
        await client.close()


def _application(application: discord.AppInfo | None, settings: DiscordSettings) -> list[Finding]:
    if application is None or not application.bot_public or settings.guilds:
        return []
    return [
        warning(
            "DISCORD_GUILDS",
            "is not set and the bot is public: anybody can add it to a server and use your ComfyUI",
            "Switch off Public Bot on the Bot page of the application, or name your servers in DISCORD_GUILDS.",
        )
    ]
