"""Workflow files people attach: downloaded, looked at against the server, and kept until the person has decided."""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any, cast

import discord

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.files.content import ContentStore
from bot.jobs.model.request import InputRef
from bot.ui.interactions.components import fetched
from bot.ui.interactions.replies import log
from bot.workflows.binding.models import resolve_model
from bot.workflows.graph.files import match_file, offered_files
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import build
from bot.workflows.library.manifest import MAXIMUM_MANIFEST_BYTES, read_manifest
from bot.workflows.library.sources import ENDINGS, read_bytes
from bot.workflows.library.workflow_files import Filing, WorkflowFiles, clean_name, with_automatic
from bot.workflows.model.approvals import Trust
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.problem import WorkflowProblem
from bot.workflows.model.workflow import Workflow

MOST_BYTES = 25 * 1024 * 1024
DOWNLOAD, READING = 30.0, 30.0
"""Seconds."""
DRAFT = "draft"
_SHA = re.compile(r"[0-9a-f]{64}")


class Verdict(StrEnum):
    """What may be done with an attached workflow."""

    GOOD = "good"
    LACKING = "lacking"
    """Nothing is wrong with it, but the server lacks something it needs."""
    ASKING = "asking"
    """An operator has to approve something in it first."""
    UNCHECKED = "unchecked"
    """No server has told what it has."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Examined:
    """An attached workflow as read: what became of it, and whether its name is taken."""

    filing: Filing
    workflow: Workflow
    verdict: Verdict
    taken: bool
    free_name: str
    instead: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files the server has that could serve for those it lacks, by the lacking ones; only where all of them could."""


def shelf_of(bot: ComfyBot) -> WorkflowFiles:
    """Return the folder of the workflows as something to write into."""
    return WorkflowFiles(bot.services.library.directory, ENDINGS)


async def received(
    attachment: discord.Attachment, name: str | None, manifest: discord.Attachment | None
) -> Filing:
    """Download what is attached; raises `UserError` for what is too large, of no use, or cannot be downloaded."""
    ending = PurePath(attachment.filename).suffix.lower()
    if ending not in ENDINGS:
        raise UserError(
            "“{name}” is no file that ComfyUI writes a workflow into. These work: {endings}.",
            name=attachment.filename[:60],
            endings=", ".join(sorted(ENDINGS)),
        )
    if manifest is not None and not manifest.filename.lower().endswith(".toml"):
        raise UserError("The manifest has to be a .toml file.")
    called = PurePath(name if name is not None else attachment.filename)
    own = clean_name(called.stem if called.suffix.lower() in ENDINGS else str(called))
    data = await _download(attachment, MOST_BYTES)
    beside = await _download(manifest, MAXIMUM_MANIFEST_BYTES) if manifest is not None else None
    return Filing(own, ending, data, beside)


async def _download(attachment: discord.Attachment, most: int) -> bytes:
    if attachment.size > most:
        raise UserError(
            "“{name}” is too large: up to {limit} KB are possible.",
            name=attachment.filename[:60],
            limit=most // 1024,
        )
    try:
        async with asyncio.timeout(DOWNLOAD):
            data = await attachment.read()
    except DISCORD_ERRORS as error:
        raise UserError(
            "I could not download “{name}” from Discord. Please attach it again.",
            name=attachment.filename[:60],
        ) from error
    return data[: most + 1]


async def server_nodes(bot: ComfyBot) -> ObjectInfo | None:
    """Return what the server says of its nodes, asked anew where it answers, else as last heard of."""
    server = bot.services.fleet.pick()
    client = server.client
    try:
        raw = await fetched(bot, client.object_info(max_age=5.0))
    except (ComfyError, UserError) as error:
        log.info("the server does not tell its node classes now: %s", error)
        raw = client.cached_object_info
    return ObjectInfo(raw, server.label) if raw is not None else None


async def examined(bot: ComfyBot, filing: Filing) -> Examined:
    """Read a workflow as the library would, against what the server has now; raises `UserError` when it takes too long."""
    info, shelf = await server_nodes(bot), shelf_of(bot)
    try:
        async with asyncio.timeout(READING):
            return await asyncio.to_thread(_examined, filing, info, shelf, bot.services.library.trust)
    except TimeoutError as error:
        raise UserError("This workflow takes too long to read. It may be too large.") from error


def _examined(filing: Filing, info: ObjectInfo | None, shelf: WorkflowFiles, trust: Trust) -> Examined:
    taken = shelf.taken(filing.name)
    beside = filing.manifest if filing.manifest is not None else shelf.manifest(filing.name)
    manifest = read_manifest(beside, f"{filing.name}.toml") if beside is not None else None
    source = read_bytes(f"{filing.name}{filing.ending}", filing.data, manifest)
    workflow = build(source, info, trust)
    if any(not each.lacking and not _can_be_approved(each) for each in workflow.faults):
        verdict = Verdict.BAD
    elif workflow.questions:
        verdict = Verdict.ASKING
    elif info is None:
        verdict = Verdict.UNCHECKED
    else:
        verdict = Verdict.LACKING if workflow.faults else Verdict.GOOD
    free = shelf.free_name(filing.name) if taken else filing.name
    instead: dict[str, str] = {}
    if (
        verdict is Verdict.LACKING
        and info is not None
        and (changed := automatic(filing, workflow, info, shelf))
    ):
        read = read_manifest(changed.manifest or b"", f"{filing.name}.toml")
        other = build(replace(source, manifest=read), info, trust)
        instead = _instead(workflow, other, info) if other.enabled else {}
    return Examined(filing, workflow, verdict, taken, free, instead)


def _can_be_approved(problem: WorkflowProblem) -> bool:
    return problem.question is not None and problem.question.known


def automatic(filing: Filing, workflow: Workflow, info: ObjectInfo, shelf: WorkflowFiles) -> Filing | None:
    """Return the filing with a manifest that takes any suitable file for those the server lacks; None where none can."""
    lacking = [each.name for each, _ in _lacking(workflow, info)]
    beside = filing.manifest if filing.manifest is not None else shelf.manifest(filing.name)
    text = with_automatic((beside or b"").decode("utf-8-sig", "replace"), lacking) if lacking else None
    return replace(filing, manifest=text.encode()) if text is not None else None


def _lacking(workflow: Workflow, info: ObjectInfo) -> Iterator[tuple[Parameter, str]]:
    """Yield the model parameters whose own file the server lacks although it has others, and that file."""
    for each in workflow.of_type(ParameterType.MODEL):
        offered = offered_files(each, workflow, info)
        wanted = str(each.default or "")
        if each.targets and each.name != "lora" and offered and match_file(wanted, offered) is None:
            yield each, wanted


def _instead(workflow: Workflow, other: Workflow, info: ObjectInfo) -> dict[str, str]:
    found: dict[str, str] = {}
    for each, wanted in _lacking(workflow, info):
        picked = resolve_model(other, other.parameters[each.name], info, auto=True)
        found[wanted] = str(picked)
    return found


async def automatically(bot: ComfyBot, found: Examined) -> Filing:
    """Return what was examined with a manifest that takes what the server has for what it lacks."""
    info, shelf = await server_nodes(bot), shelf_of(bot)
    changed = await asyncio.to_thread(automatic, found.filing, found.workflow, info or ObjectInfo({}), shelf)
    return changed or found.filing


async def keep(content: ContentStore, filing: Filing) -> str:
    """Keep what was attached until the person has decided; return what to find it by."""

    def packed() -> bytes:
        beside = base64.b64encode(filing.manifest).decode() if filing.manifest is not None else None
        told = {
            "name": filing.name,
            "ending": filing.ending,
            "data": base64.b64encode(filing.data).decode(),
            "manifest": beside,
        }
        return json.dumps(told).encode()

    return (await content.put(await asyncio.to_thread(packed), DRAFT)).sha256


async def kept(content: ContentStore, key: str) -> Filing:
    """Return what was kept under this key; raises `UserError` when it is gone."""
    gone = UserError("This file is no longer kept here. Please attach it again.")
    if not is_key(key):
        raise gone
    try:
        data = await content.get(InputRef(key, DRAFT, 0))
        return await asyncio.to_thread(_unpacked, data)
    except (OSError, ValueError, KeyError, binascii.Error) as error:
        raise gone from error


def is_key(text: str) -> bool:
    """Tell whether a text is what something kept is found by, and no workflow's name."""
    return _SHA.fullmatch(text) is not None


def _unpacked(data: bytes) -> Filing:
    told = cast("dict[str, Any]", json.loads(data))
    beside = told["manifest"]
    return Filing(
        clean_name(str(told["name"])),
        str(told["ending"]),
        base64.b64decode(told["data"]),
        base64.b64decode(beside) if beside is not None else None,
    )
