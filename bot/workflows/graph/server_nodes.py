"""What the servers said last of their node classes, in the form in which workflows are read against it."""

from bot.comfy import Fleet, Server
from bot.workflows.graph.schema import ObjectInfo


def nodes_of(server: Server) -> ObjectInfo | None:
    """Return the node classes of a server; None before anything was heard of them."""
    raw = server.client.cached_object_info
    return ObjectInfo(raw, server.label) if raw is not None else None


def known_nodes(fleet: Fleet) -> ObjectInfo | None:
    """Return the node classes of the server that the next job goes to; None before anything was heard of them."""
    return nodes_of(fleet.pick())
