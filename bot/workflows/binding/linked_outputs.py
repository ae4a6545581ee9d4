"""Names for output files that nobody can guess, for operators who let people open files by their address."""

import re
import secrets
from typing import Any

from bot.workflows.convert.prefixes import PREFIX
from bot.workflows.graph.graph import AnyGraph
from bot.workflows.model.places import escapes

FOLDER = "discord"
"""The folder below ComfyUI's output folder in which files with an address lie."""

_OURS = re.compile(rf"{FOLDER}/[0-9a-f]{{32}}(?:/[\w\- ]+)*")


def hide_outputs(graph: AnyGraph) -> AnyGraph:
    """Return the graph with everything it saves in one folder whose name holds 128 random bits.

    A prefix that leads elsewhere, or comes from another node, stays as it is: its files get no address.
    """
    folder = f"{FOLDER}/{secrets.token_hex(16)}"
    return {node_id: _hidden(node, folder) for node_id, node in graph.items()}


def is_hidden(subfolder: str) -> bool:
    """Whether a file lies in a folder that `hide_outputs` named."""
    return _OURS.fullmatch(subfolder.replace("\\", "/")) is not None


def _hidden(node: Any, folder: str) -> Any:
    prefix = node["inputs"].get(PREFIX)
    if not isinstance(prefix, str) or "\\" in prefix or escapes(prefix):
        return node
    return {**node, "inputs": {**node["inputs"], PREFIX: f"{folder}/{prefix}"}}
