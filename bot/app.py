"""The composition root: builds every long-lived object once, in order, and closes them in reverse."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bot.client import ComfyBot, Services
from bot.comfy import Fleet, ServerAddress
from bot.errors import ConfigError
from bot.i18n.translator import CommandTranslator
from bot.jobs.departures import Departures
from bot.jobs.execution.recovery import guilds_of, of_shards
from bot.jobs.execution.run_monitor import Pace as JobPace
from bot.jobs.expiry import Expiry
from bot.jobs.families import Families
from bot.jobs.files.content import ContentStore
from bot.jobs.files.publisher import Publisher
from bot.jobs.files.retention import Retention, bounded, needed_names
from bot.jobs.files.share import Share
from bot.jobs.files.space import Space
from bot.jobs.model.job import Job
from bot.jobs.queue.rates import Rate
from bot.jobs.recognition import Recognition
from bot.jobs.service import JobService
from bot.observe import Counters
from bot.policy.metadata import MetadataRules
from bot.policy.policy import Policy
from bot.refresh import follow_folder, keep_fresh
from bot.runtime import Clock, Spawn, SystemClock, Tasks
from bot.settings import Settings
from bot.store import (
    Database,
    SqlGuildStore,
    SqlJobStore,
    SqlKeyValues,
    SqlLeftoverStore,
    SqlMarkStore,
    SqlNotedStore,
    SqlPolicyStore,
    SqlProfileStore,
    SqlResultStore,
)
from bot.store.connection.permissions import make_private_folder
from bot.ui.delivery.delivery import Delivery
from bot.ui.delivery.reminders import Reminders
from bot.ui.files.decoder import Decoder
from bot.ui.files.media_converter import Workshop
from bot.ui.files.receiving import Receiver
from bot.ui.interactions.replies import ReportingTree
from bot.ui.messages.pacing import Pace
from bot.users.export import Exports
from bot.users.form_drafts import Drafts
from bot.users.profile import Profiles
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.library.library import Library
from bot.workflows.safety.approval_file import ApprovalFile, approvals_in

log = logging.getLogger(__name__)

PICTURES_AT_ONCE, SECONDS_FOR_A_PICTURE = 40, 2.0
"""One person's pictures that are taken in or looked at: so many at once, then one in so many seconds."""
DRAIN_SECONDS = 5.0
CLOSE_SECONDS = 3.0
"""Together less than the ten seconds a service manager may be promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything that lives as long as the bot, wired up. `start` it once the bot is logged in."""

    settings: Settings
    session: aiohttp.ClientSession
    database: Database
    fleet: Fleet
    library: Library
    content: ContentStore
    policy: Policy
    jobs: JobService
    delivery: Delivery
    reminders: Reminders
    bot: ComfyBot
    counters: Counters
    retention: Retention
    expiry: Expiry
    spawn: Spawn
    watch: bool = True

    async def start(self) -> tuple[asyncio.Task[Any], ...]:
        """Listen to the servers, take up what an earlier process left, and go on; returns what must never end."""
        essential = [
            self.spawn(server.listener.run(), name=f"listener {server.label}")
            for server in self.fleet.servers
        ]
        self.spawn(keep_fresh(self.fleet, self.library), name="node classes")
        self.spawn(self.retention.run(), name="old files")
        self.spawn(self.expiry.run(), name="old rows")
        if self.watch:
            self.spawn(follow_folder(self.library), name="workflow folder")
        await self.jobs.recover()
        await self.delivery.recover()
        await self.reminders.recover()
        essential.append(self.spawn(self.jobs.run(), name="jobs"))
        return tuple(essential)


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    spawn: Spawn | None = None,
    clock: Clock | None = None,
    pace: Pace | None = None,
    job_pace: JobPace | None = None,
    watch: bool = True,
) -> AsyncGenerator[App]:
    """Wire everything; nothing runs until `App.start`. Raises `ConfigError` for what the operator has to mend.

    At the end the jobs are drained, every task of ours is cancelled, and what was opened is closed. Who brings a
    `spawn` of their own drains the jobs and cancels its tasks themselves, before this ends.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_make_folder, settings)
        database = Database(settings.database_url)
        await database.open()
        stack.push_async_callback(database.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        fleet = Fleet.at(
            *(ServerAddress.parse(url, settings.comfyui.headers) for url in settings.comfyui.urls),
            session=session,
            cache_dir=settings.data_dir / "cache",
            monotonic=clock.monotonic,
        )
        tasks = Tasks()
        spawn = spawn or tasks.spawn
        library = Library(
            settings.workflows.directory,
            settings.workflows.default,
            settings.workflows.allow_nodes,
            ApprovalFile(approvals_in(settings.data_dir)),
        )
        for server in fleet.servers:
            await server.client.load_cache()
        await library.load(known_nodes(fleet))
        policy = Policy(
            SqlPolicyStore(database),
            clock=clock,
            guilds=settings.discord.guilds,
            blocked_words=settings.moderation.blocked_words,
        )
        await policy.open()
        store = SqlJobStore(database)
        space = Space(settings.data_dir, settings.data_max_bytes, partial(needed_names, store))
        content = ContentStore(settings.data_dir / "inputs", space=space)
        metadata = MetadataRules(SqlPolicyStore(database), clock)
        publisher = Publisher(settings.data_dir / "published", space)
        workshop = Workshop(settings.data_dir / "smaller", space=space)
        kept = ContentStore(
            settings.data_dir / "outputs", derived=(publisher.folder, workshop.folder), space=space
        )
        decoder = Decoder(settings.data_dir / "work", spawn=spawn, space=space)
        receiver = Receiver(
            content,
            decoder,
            Share(store, content, settings.data_max_bytes),
            Rate(clock, burst=PICTURES_AT_ONCE, seconds=SECONDS_FOR_A_PICTURE),
        )

        recognition = Recognition(SqlResultStore(database))
        smaller = recognition.noting(workshop.smaller)

        async def publish(job: Job, path: Path) -> Path:
            given = await publisher.published(path, await metadata.kept(job.request.requester.guild_id))
            await recognition.note(job.id, given)
            return given

        jobs = JobService(
            store=store,
            fleet=fleet,
            library=library,
            limits=settings.limits,
            content=content,
            clock=clock,
            spawn=spawn,
            depth=settings.comfyui.depth,
            previews=settings.comfyui.previews,
            kept=kept,
            pace=job_pace,
            mine=of_shards(settings.discord.shard_count, settings.discord.shard_ids),
            may_say=policy.may_say,
            publish=publish,
            linked=settings.comfyui.public_url is not None,
        )
        notes = SqlKeyValues(database, clock)
        bot = ComfyBot(
            settings.discord,
            spawn=spawn,
            memory=notes,
            clock=clock,
            tree_cls=ReportingTree,
            translator=CommandTranslator,
        )
        counters = Counters()
        retention = Retention(
            store, bounded(settings.data_dir, settings.data_max_bytes), clock, contents=(content, kept)
        )
        await retention.tidy()
        delivery = Delivery(
            bot,
            jobs=jobs,
            fleet=fleet,
            spawn=spawn,
            clock=clock,
            public_url=settings.comfyui.public_url,
            pace=pace,
            leftovers=SqlLeftoverStore(database),
            smaller=smaller,
            counters=counters,
            previews=settings.comfyui.previews,
        )
        marks = SqlMarkStore(database)
        profiles = Profiles(SqlProfileStore(database))
        await profiles.open()
        departures = Departures(
            SqlGuildStore(database),
            clock,
            guilds_of(settings.discord.shard_count, settings.discord.shard_ids),
        )
        expiry = Expiry(
            store,
            jobs,
            departures,
            clock,
            scrub=profiles.scrub,
            cooldown=settings.limits.cooldown,
            days=settings.retention_days,
        )
        reminders = Reminders(bot, jobs=jobs, marks=marks, spawn=spawn)
        bot.services = Services(
            jobs=jobs,
            library=library,
            fleet=fleet,
            families=Families(fleet, spawn),
            departures=departures,
            exports=Exports(store, SqlProfileStore(database), SqlNotedStore(database), clock),
            policy=policy,
            metadata=metadata,
            content=content,
            recognition=recognition,
            receiver=receiver,
            decoder=decoder,
            drafts=Drafts(notes, clock),
            cards=delivery,
            marks=marks,
            profiles=profiles,
            smaller=smaller,
            discord=settings.discord,
            comfyui=settings.comfyui,
            limits=settings.limits,
            clock=clock,
        )
        stack.push_async_callback(_close_bot, bot)
        if spawn == tasks.spawn:
            stack.push_async_callback(tasks.close)
            stack.push_async_callback(drain, bot, jobs, delivery)
        yield App(
            settings=settings,
            session=session,
            database=database,
            fleet=fleet,
            library=library,
            content=content,
            policy=policy,
            jobs=jobs,
            delivery=delivery,
            reminders=reminders,
            bot=bot,
            counters=counters,
            retention=retention,
            expiry=expiry,
            spawn=spawn,
            watch=watch,
        )


def _make_folder(settings: Settings) -> None:
    try:
        make_private_folder(settings.data_dir)
    except OSError as error:
        raise ConfigError(f"DATA_DIR cannot be made or written: {error.strerror}.") from error


async def drain(bot: ComfyBot, jobs: JobService, delivery: Delivery) -> None:
    """Begin nothing new, tell who waits, and let what is under way with servers and Discord end, but not for long."""
    bot.stopping = True
    try:
        async with asyncio.timeout(DRAIN_SECONDS), asyncio.TaskGroup() as group:
            group.create_task(jobs.drain())
            group.create_task(delivery.drain())
    except TimeoutError:
        log.warning("not everything came to rest in time; the next start goes on with it")


async def _close_bot(bot: ComfyBot) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await bot.close()
    except TimeoutError:
        log.warning("Discord did not let go of the connection in time")
