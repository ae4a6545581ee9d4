"""The slash commands that workflows have of their own, kept in step with the workflow folder."""

import logging
from collections.abc import Mapping
from typing import Any

from discord.ext import commands
from pydantic import TypeAdapter, ValidationError

from bot.client import ComfyBot
from bot.ui.forms.suggestions import Suggestions
from bot.workflows.commands.own_commands import REPLACEABLE
from bot.workflows.model.options import OwnCommand
from cogs.own.slash_commands import slash_command

log = logging.getLogger(__name__)

MEMORY = "own-commands"
_KNOWN = TypeAdapter(dict[str, OwnCommand])


class Own(commands.Cog):
    """Adds, changes and removes the workflows' own commands whenever the workflows change."""

    def __init__(self, bot: ComfyBot) -> None:
        self.bot = bot
        self.suggestions = Suggestions(bot.services.fleet, bot.services.families)
        self._there: Mapping[str, OwnCommand] = {}
        self._replaced: dict[str, Any] = {}
        """Commands of the bot in whose place a workflow's command is, by name."""

    async def cog_load(self) -> None:
        """Take up what the last process knew, and follow the workflows from now on."""
        library = self.bot.services.library
        library.recall(await self._recalled())
        self._follow()
        library.on_change(self._changed)
        await self._remember()

    def _changed(self) -> None:
        if self._follow():
            self.bot.registration.change()
            self.bot.spawn(self._remember(), name="own commands")

    def _follow(self) -> bool:
        """Bring the tree to what the workflows ask for; tell whether anything was different."""
        wanted = {own.name: own for own in self.bot.services.library.own.commands.values()}
        if wanted == self._there:
            return False
        for name in self._there:
            if wanted.get(name) != self._there[name]:
                self._remove(name)
        for name, own in wanted.items():
            if self._there.get(name) != own:
                self._add(name, own)
        self._there = wanted
        self.bot.registration.optional = set(wanted)
        log.info("own commands of workflows: %s", ", ".join(f"/{name}" for name in wanted) or "none")
        return True

    def _add(self, name: str, own: OwnCommand) -> None:
        replaced = self.bot.tree.remove_command(name) if name in REPLACEABLE else None
        if replaced is not None:
            self._replaced[name] = replaced
        self.bot.tree.add_command(slash_command(own, self.suggestions))

    def _remove(self, name: str) -> None:
        self.bot.tree.remove_command(name)
        if name in self._replaced:
            self.bot.tree.add_command(self._replaced.pop(name))

    async def _recalled(self) -> dict[str, OwnCommand]:
        try:
            return _KNOWN.validate_json(await self.bot.memory.get(MEMORY) or "{}")
        except ValidationError:
            log.info("what was known of the workflows' own commands cannot be read any more")
            return {}

    async def _remember(self) -> None:
        known = dict(self.bot.services.library.own.commands)
        await self.bot.memory.set(MEMORY, _KNOWN.dump_json(known).decode())


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Own(bot))
