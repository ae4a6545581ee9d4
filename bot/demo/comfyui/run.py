"""What one start of the server holds: everything that a restart forgets."""

from dataclasses import dataclass

from bot.demo.comfyui.faults import Faults
from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.sockets import Hub
from bot.demo.comfyui.worker import Worker
from bot.runtime import Clock


@dataclass(frozen=True, slots=True)
class Run:
    """The parts that the routes work with."""

    folders: Folders
    hub: Hub
    worker: Worker
    faults: Faults
    clock: Clock
    newest: bool
    submitted: list[str]
