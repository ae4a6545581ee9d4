"""Check the ComfyUI servers: reachable, the right version, live connection, node classes."""

import asyncio
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.check.findings import Finding, error, fine, note, warning
from bot.comfy import ComfyClient, ComfyError, Features, Rejected, ServerAddress, SystemStats, Unreachable
from bot.settings import ComfyUISettings
from bot.workflows import ObjectInfo

PATIENCE = 10.0
OLDEST = (0, 3, 45)
"""The first version that takes our own prompt ids."""
ASKED = "COMFYUI_URLS"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the servers said: findings, and the node classes of each that gave them."""

    findings: tuple[Finding, ...]
    infos: tuple[ObjectInfo, ...]


async def check_servers(settings: ComfyUISettings, cache_dir: Path | None = None) -> Answers:
    """Ask every server, all at the same time, each for a few seconds at the most."""
    async with aiohttp.ClientSession() as session:
        clients = [
            ComfyClient(
                ServerAddress.parse(url, settings.headers), session, cache_dir=cache_dir, timeout=PATIENCE
            )
            for url in settings.urls
        ]
        answers = await asyncio.gather(*(_server(client, settings) for client in clients))
    return Answers(
        tuple(finding for answer in answers for finding in answer.findings),
        tuple(info for answer in answers for info in answer.infos),
    )


async def kept_infos(settings: ComfyUISettings, cache_dir: Path) -> tuple[ObjectInfo, ...]:
    """Return the node classes that each server told last, as far as they are kept on disk; asks nobody."""
    async with aiohttp.ClientSession() as session:
        found: list[ObjectInfo] = []
        for url in settings.urls:
            client = ComfyClient(ServerAddress.parse(url, settings.headers), session, cache_dir=cache_dir)
            await client.load_cache()
            if client.cached_object_info is not None:
                found.append(ObjectInfo(client.cached_object_info, client.label))
    return tuple(found)


async def _server(client: ComfyClient, settings: ComfyUISettings) -> Answers:
    label = client.label
    try:
        stats = await client.system_stats()
        features = await client.features()
    except ComfyError as problem:
        return Answers((_no_answer(label, problem, settings),), ())
    findings = [_version(label, stats), *_previews(label, features, settings)]
    if (dead := await _live(client, api=features.api_prefix)) is not None:
        findings.append(dead)
    try:
        info = await client.object_info(max_age=0)
    except ComfyError as problem:
        findings.append(
            error(ASKED, f"{label} does not list its node classes ({problem})", "Look at ComfyUI's own log.")
        )
        return Answers(tuple(findings), ())
    return Answers(tuple(findings), (ObjectInfo(info, label),))


def _no_answer(label: str, problem: ComfyError, settings: ComfyUISettings) -> Finding:
    match problem:
        case Unreachable():
            remedy = "Start ComfyUI there, or correct COMFYUI_URLS. On another machine it needs --listen."
            return error(ASKED, f"{label} does not answer", remedy)
        case Rejected(status=401 | 403 as status):
            remedy = "Put user:password into the address in COMFYUI_URLS, or the key into COMFYUI_HEADERS."
            return error(ASKED, f"{label} does not let us in (HTTP {status})", remedy)
        case _:
            remedy = "Check host, port and base path in COMFYUI_URLS."
            return error(ASKED, f"{label} answers, but not as a ComfyUI does ({problem})", remedy)


def _version(label: str, stats: SystemStats) -> Finding:
    device = stats.devices[0].name if stats.devices else "no device"
    number = numbers(stats.version)
    if number is None:
        return note(ASKED, f"{label} answers, but does not tell its version ({device})")
    if number < OLDEST:
        return warning(ASKED, f"{label} runs ComfyUI {stats.version}", "Update ComfyUI to 0.3.45 or newer.")
    return fine(ASKED, f"{label} runs ComfyUI {stats.version} on {device}")


def _previews(label: str, features: Features, settings: ComfyUISettings) -> list[Finding]:
    # Servers that have the jobs API can be asked for previews job by job.
    if not settings.previews or features.jobs_api:
        return []
    return [
        note(
            "COMFYUI_PREVIEWS",
            f"{label} shows live previews only when it was started so",
            "Start ComfyUI with --preview-method auto.",
        )
    ]


async def _live(client: ComfyClient, *, api: bool) -> Finding | None:
    """Open the live connection once; a proxy often forgets to pass it on."""
    try:
        async with asyncio.timeout(PATIENCE), client.connect(uuid.uuid4().hex, api=api, heartbeat=PATIENCE):
            return None
    except (ComfyError, TimeoutError):
        return warning(
            ASKED,
            f"{client.label} answers, but its live connection (WebSocket) cannot be opened: no progress, no previews",
            "Let the proxy before it pass on WebSocket connections for /ws.",
        )


def numbers(version: str | None) -> tuple[int, ...] | None:
    """Return a version's numbers for comparing, or nothing where there are none."""
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version or "")
    return tuple(int(part or 0) for part in found.groups()) if found else None
