"""The workflows of one folder: read, checked against a server and looked up by name."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from watchfiles import awatch  # pyright: ignore[reportUnknownVariableType]  (names a type of trio, which is not installed)

from bot.errors import UserError
from bot.workflows.commands.own_commands import OwnCommands, own_commands, with_problems
from bot.workflows.graph.files import near_misses
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.assemble import assemble
from bot.workflows.library.choosing import Pick, default_of, left_out, unnamed
from bot.workflows.library.lint import lint
from bot.workflows.library.sources import Source, graph_of, read_removed, read_sources
from bot.workflows.model.approvals import Approval, Trust
from bot.workflows.model.options import OwnCommand
from bot.workflows.model.values import english
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.approval_file import ApprovalFile

log = logging.getLogger(__name__)

_LOOK_AGAIN_AFTER = 5.0
"""Seconds between looks at a folder that is not there."""


class Library:
    """All workflows of a folder. Reading never fails: what is broken is there, disabled, and says why."""

    def __init__(
        self,
        directory: Path,
        default: str,
        allowed: Collection[str] = (),
        approvals: ApprovalFile | None = None,
    ) -> None:
        self.directory = directory
        self.trust = Trust(tuple(allowed))
        """What operators have let in by settings, and after the first reading by decisions."""
        self._approvals = approvals
        self._default = default
        self._sources: tuple[Source, ...] = ()
        self._workflows: Mapping[str, Workflow] = {}
        self._info: ObjectInfo | None = None
        self._former: dict[str, Workflow] | None = None
        """What could be used last under names that no longer can; None before the first reading."""
        self._busy = asyncio.Lock()
        self._watchers: list[Callable[[], None]] = []
        self.own = OwnCommands()
        """The commands that workflows have of their own."""

    # --- reading

    async def load(self, info: ObjectInfo | None = None) -> None:
        """Read the folder anew and check every workflow against the server's classes."""
        async with self._busy:
            if info is not None:
                self._info = info
            self._sources = await asyncio.to_thread(read_sources, self.directory)
            if self._approvals is not None:
                approved = await asyncio.to_thread(self._approvals.read, self.trust.approvals)
                self.trust = replace(self.trust, approvals=approved)
            await self._check()
        log.info("%d workflows, %d of them enabled", len(self._workflows), len(self.enabled()))

    async def refresh(self, info: ObjectInfo | None) -> None:
        """Check the workflows already read against what a server offers now."""
        async with self._busy:
            self._info = info if info is not None else self._info
            await self._check()

    async def _check(self) -> None:
        sources, info, trust = self._sources, self._info, self.trust
        checked, own = await asyncio.to_thread(_checked, sources, info, self.own.commands, trust)
        if self._former is None:
            self._former = await asyncio.to_thread(_removed, self.directory, info, trust)
        now = {each.name.casefold(): each for each in checked}
        former = self._former | {
            key: each for key, each in self._workflows.items() if each.enabled and not _works(now.get(key))
        }
        # What was withdrawn does not go on holding for jobs that wait.
        self._former = {key: replace(each, trust=trust) for key, each in former.items()}
        self._workflows = now
        self.own = own
        for tell in self._watchers:
            tell()

    async def approve(self, approvals: Collection[Approval]) -> None:
        """Keep decisions of an operator and check every workflow anew; raises `UserError` when they cannot be kept."""
        await self._decide(lambda kept: kept.add(approvals))

    async def withdraw(self, approvals: Collection[Approval]) -> None:
        """Take decisions back and check every workflow anew; raises `UserError` when that cannot be kept."""
        await self._decide(lambda kept: kept.remove(approvals))

    async def _decide(self, change: Callable[[ApprovalFile], frozenset[Approval]]) -> None:
        if self._approvals is None:
            raise UserError("This is not possible at the moment.")
        async with self._busy:
            try:
                approved = await asyncio.to_thread(change, self._approvals)
            except OSError as error:
                raise UserError(
                    "The approvals cannot be written ({reason}). Let the bot write into DATA_DIR.",
                    reason=error.strerror or type(error).__name__,
                ) from error
            self.trust = replace(self.trust, approvals=approved)
            await self._check()

    def recall(self, known: Mapping[str, OwnCommand]) -> None:
        """Take up the own commands an earlier process knew, for workflows that are disabled at present."""
        self.own = own_commands(self.all(), {**self.own.commands, **known})

    def on_change(self, tell: Callable[[], None]) -> None:
        """Call this each time the workflows were read or checked anew, changed or not."""
        self._watchers.append(tell)

    async def watch(self) -> AsyncIterator[tuple[str, ...]]:
        """Reload whenever the folder changes, and yield the names there are then; runs until it is closed."""
        while True:
            try:
                if await asyncio.to_thread(self.directory.is_dir):
                    async for _ in awatch(self.directory, recursive=False):
                        await self.load()
                        yield self.names()
            except OSError as error:
                log.warning(
                    "the workflow folder cannot be watched: %s", error.strerror or type(error).__name__
                )
            await asyncio.sleep(_LOOK_AGAIN_AFTER)

    # --- looking up

    def all(self) -> tuple[Workflow, ...]:
        """Return every workflow, broken ones included, by name."""
        return tuple(self._workflows.values())

    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._workflows.values())

    def enabled(self) -> tuple[Workflow, ...]:
        return tuple(each for each in self._workflows.values() if each.enabled)

    def find(self, name: str) -> Workflow | None:
        """Return the workflow of that name in any capitals, enabled or not."""
        return self._workflows.get(name.strip().casefold())

    def get(self, name: str) -> Workflow:
        """Return a workflow that can be run; raises `UserError` naming what there is or what it needs."""
        found = self.find(name)
        if found is None:
            raise self._unknown(name)
        if not found.enabled:
            raise self._unusable(found).about("workflow")
        return found

    def for_job(self, name: str) -> Workflow:
        """Return the workflow of a job that was accepted already: one that has been taken away since still serves.

        Raises `UserError` where none of that name can be remembered.
        """
        found = self.find(name)
        former = (self._former or {}).get(name.strip().casefold())
        if former is not None and not _works(found):
            return former
        return self.get(name)

    def _unknown(self, name: str) -> UserError:
        there = [each.name for each in self.enabled()]
        near = near_misses(name, there)
        if near:
            return UserError(
                "There is no workflow called {name}. Similar: {near}.", name=name, near=", ".join(near)
            ).about("workflow")
        return UserError(
            "There is no workflow called {name}. There are: {there}.",
            name=name,
            there=self._there(),
        ).about("workflow")

    def _unusable(self, broken: Workflow) -> UserError:
        """Tell members that a workflow is of no use now. What is wrong is for operators: `/workflows show` has it."""
        if all(each.lacking for each in broken.faults):
            return UserError(
                "“{workflow}” cannot be used at present: the image server lacks something it needs. "
                "Please tell whoever runs the bot. What can be used: {there}.",
                workflow=broken.name,
                there=self._there(),
            )
        return UserError(
            "“{workflow}” cannot be used at present. Please tell whoever runs the bot. What can be used: {there}.",
            workflow=broken.name,
            there=self._there(),
        )

    def _there(self) -> str:
        return ", ".join(each.name for each in self.enabled()[:20]) or "–"

    def default(self) -> Workflow:
        """Return the default workflow, or what serves in its place; raises `UserError`. See `default_of`."""
        return default_of(self.enabled(), self.find(self._default))

    # --- choosing

    def pick(
        self, workflow_name: str | None, given: Collection[str], usable: Collection[Workflow] | None = None
    ) -> Pick:
        """Choose the workflow for the options given; raises `UserError`.

        One that was named is taken as it is, and what it does not take left out as far as the meaning stays clear:
        `bind` refuses the rest. Otherwise see `unnamed`, with what this person may use, or everybody may where nothing
        is said.
        """
        if workflow_name is not None:
            named = self.get(workflow_name)
            return Pick(named, left_out(named, given))
        enabled = self.enabled()
        return unnamed(given, enabled, enabled if usable is None else usable, self.find(self._default))


def _works(workflow: Workflow | None) -> bool:
    return workflow is not None and workflow.enabled


def _removed(directory: Path, info: ObjectInfo | None, trust: Trust) -> dict[str, Workflow]:
    sources = read_removed(directory).items()
    return {key: build(source, info, trust) for key, source in sources}


def _checked(
    sources: Sequence[Source],
    info: ObjectInfo | None,
    known: Mapping[str, OwnCommand],
    trust: Trust,
) -> tuple[list[Workflow], OwnCommands]:
    workflows = [build(source, info, trust) for source in sources]
    own = own_commands(workflows, known)
    return [with_problems(each, own) for each in workflows], own


def build(source: Source, info: ObjectInfo | None, trust: Trust | None = None) -> Workflow:
    """Return the workflow of what was read, with everything found wrong with it but what operators let in."""
    graph, found = graph_of(source, info)
    if not graph:
        said = source.manifest.manifest
        return Workflow(
            name=source.name,
            title=said.title or english(source.name),
            description=said.description,
            nsfw=said.nsfw,
            problems=(*found, *source.manifest.problems),
        )
    workflow = assemble(source.name, graph, source.manifest, info, trust)
    return replace(workflow, problems=(*found, *workflow.problems, *lint(workflow, info)))
