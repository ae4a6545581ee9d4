"""How the servers are: versions, devices, memory, queue and link; never addresses (but to operators), arguments or paths."""

from dataclasses import dataclass

import discord

from bot.comfy import QueueSnapshot, SystemStats
from bot.comfy.listener import LinkState
from bot.i18n import Language
from bot.ui.cards.sheet import NEUTRAL, TROUBLE, Sheet, button
from bot.ui.cards.words import escape_cut

DEVICES = 8
NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """What one server says of itself; None where it did not answer."""

    label: str | None
    """Its address without credentials, for operators only."""
    link: LinkState
    since: float
    """Seconds the link has been so."""
    stats: SystemStats | None = None
    queue: QueueSnapshot | None = None

    @property
    def answers(self) -> bool:
        """Whether it answered anything at all."""
        return self.stats is not None or self.queue is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole of it."""

    servers: tuple[ServerStatus, ...]
    active: int
    """Jobs of ours that have not ended."""
    paused: bool = False


def status_view(status: Status, lang: Language) -> discord.ui.LayoutView:
    """Draw the state of everything."""
    well = not status.paused and all(s.answers and s.link is LinkState.UP for s in status.servers)
    sheet = Sheet(lang.t("Status"), colour=NEUTRAL if well else TROUBLE)
    sheet.text(
        lang.n("One job is waiting or running.", "{n} jobs are waiting or running.", status.active)
        if status.active
        else lang.t("No jobs are running.")
    )
    if status.paused:
        sheet.text(lang.t("⏸️ New jobs are paused for the moment; those accepted go on."))
    for number, server in enumerate(status.servers, start=1):
        sheet.rule()
        sheet.text("\n".join(_server(server, number, lang)))
    sheet.row(button(lang.t("Refresh"), "status:refresh", emoji="🔄"))
    return sheet.view()


def _server(server: ServerStatus, number: int, lang: Language) -> list[str]:
    name = lang.t("**Image server {number}**", number=number)
    lines = [f"{name} · {_plain(server.label)}" if server.label else name]
    if not server.answers:
        lines.append(lang.t("🔴 It is not answering."))
    lines.append(_link(server, lang))
    if server.queue is not None:
        lines.append(
            lang.t(
                "Queue: {running} running, {waiting} waiting",
                running=len(server.queue.running),
                waiting=len(server.queue.pending),
            )
        )
    if server.stats is not None:
        lines += _stats(server.stats, lang)
    return lines


def _link(server: ServerStatus, lang: Language) -> str:
    duration = lang.duration(server.since)
    match server.link:
        case LinkState.UP:
            return lang.t("🟢 Live connection for {duration}", duration=duration)
        case LinkState.DOWN:
            return lang.t(
                "🟠 Live connection lost {duration} ago; jobs go on without live progress", duration=duration
            )
        case LinkState.REFUSED:
            return lang.t("🔴 Live connection refused: the server wants another login")
        case LinkState.STARTING:
            return lang.t("🟠 Connecting …")


def _stats(stats: SystemStats, lang: Language) -> list[str]:
    lines: list[str] = []
    versions = [
        ("ComfyUI", stats.version),
        ("PyTorch", stats.pytorch),
        ("Python", stats.python.split(" ")[0]),
    ]
    known = [f"{name} {_plain(version)}" for name, version in versions if version]
    if known:
        lines.append(" · ".join(known))
    lines += [
        lang.t(
            "{device}: {free} of {total} free",
            device=_plain(device.name.split(" : ")[0] or device.type),
            free=lang.size(device.vram_free),
            total=lang.size(device.vram_total),
        )
        for device in stats.devices[:DEVICES]
    ]
    if stats.ram_total:
        lines.append(
            lang.t(
                "Memory: {free} of {total} free",
                free=lang.size(stats.ram_free),
                total=lang.size(stats.ram_total),
            )
        )
    return lines


def _plain(text: str) -> str:
    return escape_cut(" ".join(text.split()), limit=NAME, encoded=3 * NAME)
