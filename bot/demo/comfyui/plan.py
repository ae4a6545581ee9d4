"""Reads a graph: what depends on what, in which order to run, and what a node's result is cached under."""

import hashlib
import json
import uuid
from typing import Any

from PIL import Image

from bot.demo.comfyui.folders import Folders, OutsideError
from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.nodes.spec import Node
from bot.demo.comfyui.validate import is_link
from bot.demo.comfyui.values import Latent, Outcome, Video


class Cache:
    """Results by content: what a node does, not what it is called.

    Beside those of the last run, the newest stay as long as their pictures have `keep` pixels at most.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.known: dict[str, Outcome] = {}

    def trim(self, used: set[str]) -> None:
        """Forget what the last run did not use, the oldest first."""
        left = self.keep
        for key in [key for key in reversed(self.known) if key not in used]:
            left -= weight(self.known[key])
            if left < 0:
                del self.known[key]


def weight(outcome: Outcome) -> int:
    """Return about how many pixels a result holds; one without pictures counts a little too."""
    total = 1000
    for value in outcome.values:
        pictures: Any = value.pictures if isinstance(value, Latent | Video) else value
        if isinstance(pictures, list | tuple):
            total += sum(found.width * found.height for found in pictures if isinstance(found, Image.Image))  # pyright: ignore[reportUnknownVariableType] - any list
    return total


class Plan:
    """One valid graph and the outputs to run it for."""

    def __init__(self, graph: dict[str, Any], outputs: list[str], folders: Folders) -> None:
        self.graph, self.outputs, self.folders = graph, outputs, folders
        self.order = self.sorted()
        self.keys: dict[str, str] = {}
        for node_id in self.order:
            self.keys[node_id] = self.key(node_id)

    def node(self, node_id: str) -> Node:
        """Return the class of a node."""
        return NODES[self.graph[node_id]["class_type"]]

    def inputs(self, node_id: str) -> dict[str, Any]:
        """Return the inputs that the class knows, links and values alike."""
        node = self.node(node_id)
        given: dict[str, Any] = self.graph[node_id]["inputs"]
        return {
            name: value for name, value in given.items() if name in node.required or name in node.optional
        }

    def sources(self, node_id: str) -> list[str]:
        """Return the nodes directly before one."""
        return [value[0] for value in self.inputs(node_id).values() if is_link(value)]

    def needed(self) -> list[str]:
        """Return the nodes that the outputs depend on, in the graph's order."""
        found, todo = set[str](), list(self.outputs)
        while todo:
            node_id = todo.pop()
            if node_id not in found:
                found.add(node_id)
                todo.extend(self.sources(node_id))
        return [node_id for node_id in self.graph if node_id in found]

    def sorted(self) -> list[str]:
        """Return the needed nodes, inputs first, outputs as soon as they can run."""
        waiting, order, done = self.needed(), list[str](), set[str]()
        while waiting:
            ready = [node_id for node_id in waiting if done.issuperset(self.sources(node_id))]
            outputs = [node_id for node_id in ready if self.node(node_id).output_node]
            chosen = (outputs or ready)[0]
            order.append(chosen)
            done.add(chosen)
            waiting.remove(chosen)
        return order

    def key(self, node_id: str) -> str:
        """Return the cache key: the class, its values, the content of its files, and the same of all before it."""
        node = self.node(node_id)
        parts: dict[str, Any] = {"fresh": uuid.uuid4().hex} if node.fresh else {}
        for name, value in self.inputs(node_id).items():
            parts[name] = [self.keys[value[0]], value[1]] if is_link(value) else value
            if name in node.files:
                parts[f"{name} content"] = self.fingerprint(str(value))
        return hashlib.sha256(json.dumps([node.name, parts], sort_keys=True).encode()).hexdigest()

    def fingerprint(self, name: str) -> str:
        """Return the digest of a picture's content, or nothing when it is gone."""
        try:
            return hashlib.sha256(self.folders.annotated(name).read_bytes()).hexdigest()
        except (OSError, OutsideError):
            return ""
