"""What servers have, as drawn: models, node classes, and how they are."""

from dataclasses import replace
from typing import Any

import pytest

from bot.comfy import Device, SystemStats
from bot.comfy.listener import LinkState
from bot.i18n import LANGUAGES
from bot.workflows.graph.schema import InputSchema, NodeSchema
from cogs.models.view import Found, files_view, folders_view, matching
from cogs.nodes.view import classes_view, node_view
from cogs.status.view import ServerStatus, Status, status_view
from tests.cogs.drawn import ENGLISH, LONG, fits, ids, text


def test_models_are_searched_word_by_word_and_always_fit() -> None:
    found = [Found("loras", f"style/{number} {LONG}") for number in range(60)]
    assert len(matching(found, "STYLE 49")) == 1
    for page in range(3):
        view = files_view(found, "", "style", page, ENGLISH)
        assert fits(view)
        assert len([line for line in text(view).splitlines() if line.startswith("- ")]) >= 18
    assert "The image server has no model folders." in text(folders_view((), 0, ENGLISH))
    many = folders_view([f"folder {number}" for number in range(60)] + [LONG], 2, ENGLISH)
    assert fits(many)
    assert "models:page:1" in ids(many)


def test_a_node_shows_bounds_choices_and_what_it_costs() -> None:
    inputs = [
        InputSchema(name="low", type="INT", required=True, minimum=1),
        InputSchema(name="high", type="FLOAT", maximum=0.5, step=0.01),
        InputSchema(name="none", type="COMBO", choices=()),
        InputSchema(name="few", type="COMBO", choices=("a", "b"), default="a"),
        InputSchema(name="many", type="COMBO", choices=tuple("abcdefgh")),
    ]
    node = NodeSchema("Paid", "Paid *node*", {each.name: each for each in inputs}, (), True, "api", True)
    view = node_view(node, 0, ENGLISH)
    said = text(view)
    assert r"Paid \*node\*" in said
    assert "- **low** · INT · at least 1" in said
    assert "- **high** · FLOAT · optional · at most 0.5 · in steps of 0.01" in said
    assert "the server has nothing to choose from" in said
    assert "default a · one of: a, b" in said
    assert "one of 8: a, b, c, d, e, f …" in said
    assert "costs money" in said
    assert "No outputs." in said
    assert "No inputs." in text(node_view(replace(node, inputs={}), 0, ENGLISH))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_largest_node_fits(code: str) -> None:
    wide = InputSchema(name=LONG, type=LONG, choices=(LONG,) * 50, default=LONG, minimum=-1, maximum=2)
    node = NodeSchema("C" * 90, LONG, {str(number): wide for number in range(70)}, ((LONG, LONG),) * 40)
    assert fits(node_view(node, 3, LANGUAGES[code]))
    assert fits(classes_view([f"{number}{LONG}" for number in range(90)], 4, LANGUAGES[code]))


def server(**changes: Any) -> ServerStatus:
    return replace(ServerStatus(label=None, link=LinkState.UP, since=3.0), **changes)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (LinkState.UP, "🟢 Live connection for 3 s"),
        (LinkState.DOWN, "🟠 Live connection lost 3 s ago"),
        (LinkState.REFUSED, "🔴 Live connection refused"),
        (LinkState.STARTING, "🟠 Connecting …"),
    ],
)
def test_the_link_of_each_server_is_told(link: LinkState, sentence: str) -> None:
    said = text(status_view(Status(servers=(server(link=link),), active=2, paused=True), ENGLISH))
    assert sentence in said
    assert "It is not answering." in said
    assert "2 jobs are waiting or running." in said
    assert "paused" in said


def test_many_servers_with_many_devices_fit() -> None:
    device = Device("cuda:0 NVIDIA RTX 4090 : cudaMallocAsync", "cuda", 24 * 1024**3, 6 * 1024**3)
    stats = SystemStats("0.38.0", "3.12.1 (main)", "2.6.0", "posix", 0, 0, (device,) * 12)
    servers = (server(stats=stats, label=LONG),) * 12
    view = status_view(Status(servers=servers, active=0), ENGLISH)
    assert fits(view)
    assert "cuda:0 NVIDIA RTX 4090: 6 GB of 24 GB free" in text(view).replace("\\", "")
    assert "cudaMallocAsync" not in text(view)
