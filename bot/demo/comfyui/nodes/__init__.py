"""The node table: every class this server knows, by name."""

from itertools import chain

from bot.demo.comfyui.nodes import (
    audio,
    conditioning,
    latent,
    loaders,
    masks,
    pictures,
    primitives,
    sampling,
    saving,
    scaling,
    solids,
    video,
)
from bot.demo.comfyui.nodes.spec import Node

FAMILIES = (
    sampling,
    loaders,
    conditioning,
    latent,
    pictures,
    scaling,
    masks,
    saving,
    video,
    audio,
    solids,
    primitives,
)
NODES: dict[str, Node] = {
    node.name: node for node in chain.from_iterable(family.NODES for family in FAMILIES)
}
