"""All ComfyUI servers there are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import aiohttp

from bot.comfy.address import ServerAddress
from bot.comfy.client import ComfyClient
from bot.comfy.listener import Listener


@dataclass(frozen=True, slots=True)
class Server:
    """One server: what it is asked, and what it says by itself."""

    client: ComfyClient
    listener: Listener

    @property
    def label(self) -> str:
        """Return what logs, people and stored jobs call it."""
        return self.client.label


class Fleet:
    """The servers, in the order in which the operator named them."""

    def __init__(self, *servers: Server) -> None:
        if not servers:
            raise ValueError("a fleet needs at least one server")
        self.servers = servers

    @classmethod
    def at(
        cls,
        *addresses: ServerAddress,
        session: aiohttp.ClientSession,
        cache_dir: Path,
        monotonic: Callable[[], float],
    ) -> Self:
        """Make a fleet of the servers at these addresses; what each last said of itself is kept in the folder."""
        clients = [
            ComfyClient(address, session, cache_dir=cache_dir, monotonic=monotonic) for address in addresses
        ]
        return cls(*(Server(client, Listener(client)) for client in clients))

    def pick(self) -> Server:
        """Return the server to send the next job to: one whose link is up, if any is."""
        return next((server for server in self.servers if server.listener.connected), self.servers[0])

    def find(self, label: str) -> Server | None:
        """Return the server of that label; None when it is not (any more) one of ours."""
        return next((server for server in self.servers if server.label == label), None)
