"""What a call to Discord raises when Discord, the network or our patience fails it."""

import aiohttp
import discord

DISCORD_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""For `except`: all of it. discord.py lets the errors of aiohttp through, and a connection that breaks off while an
answer is awaited (`ServerDisconnectedError`) is no `OSError`."""
