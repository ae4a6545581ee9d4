"""Pictures of graphs: legible, bounded, and nothing drawn over anything else."""

import io
import json
import random
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.i18n import language_for
from bot.workflows.library.library import build
from bot.workflows.library.sources import read_bytes
from bot.workflows.model.workflow import Workflow
from cogs.workflows.diagram.content import scene
from cogs.workflows.diagram.fonts import Lettering, families
from cogs.workflows.diagram.layout import GAP, Edge, arrange
from cogs.workflows.diagram.picture import MOST_BYTES, encoded, graph_picture

ROOT = Path(__file__).parents[4]
ENGLISH, CHINESE = language_for("en-US"), language_for("zh-CN")


def workflow(name: str) -> Workflow:
    return build(read_bytes(f"{name}.json", (ROOT / "workflows" / f"{name}.json").read_bytes()), None)


def made_of(graph: dict[str, Any], name: str = "made") -> Workflow:
    return build(read_bytes(f"{name}.json", json.dumps(graph).encode()), None)


@pytest.mark.parametrize("name", ["txt2img", "inpaint", "wan-video"])
def test_a_shipped_graph_is_drawn_small_and_told_in_words(name: str) -> None:
    drawn = graph_picture(workflow(name), None, ENGLISH, everything=True)
    assert drawn is not None
    assert len(drawn.data) <= MOST_BYTES
    picture = Image.open(io.BytesIO(drawn.data))
    assert 300 < picture.width <= 6000
    assert drawn.suffix == "png"
    assert "Sampler (" in drawn.description
    assert len(drawn.description) <= 1024
    assert drawn.left_out == 0
    assert not drawn.wanting


def test_boxes_never_overlap_and_links_lead_down_between_them() -> None:
    draw = random.Random(4)
    for count in (1, 2, 7, 40):
        heights = [draw.randint(60, 300) for _ in range(count)]
        edges = [
            Edge(draw.randrange(target), draw.randrange(2), target, port)
            for target in range(1, count)
            for port in range(draw.randrange(4))
        ]
        for columns in (2, 4):
            layout = arrange(300, heights, edges, columns=columns)
            for (one, (x, y)), (two, (left, top)) in combinations(enumerate(layout.corners), 2):
                apart = abs(x - left) >= 300 + GAP - 1 or y + heights[one] < top or top + heights[two] < y
                assert apart, (one, two)
            assert all(x >= 0 and x + 300 <= layout.width for x, _ in layout.corners)
            assert all(upper[1] <= lower[1] for way in layout.ways for upper, lower in pairwise(way))
            rows = {y for _, y in layout.corners}
            assert all(sum(corner[1] == row for corner in layout.corners) <= columns for row in rows)


def test_huge_circular_and_empty_graphs_come_to_an_end() -> None:
    many: dict[str, Any] = {
        str(at): {
            "class_type": "Mix",
            "inputs": {"a": [str(at - 1), 0], "b": [str(max(0, at - 9)), 1], "text": "x" * 900},
        }
        for at in range(1, 2000)
    } | {"0": {"class_type": "Mix", "inputs": {}}}
    drawn = graph_picture(Workflow(name="many", graph=many), None, CHINESE, everything=True)
    assert drawn is not None
    assert len(drawn.data) <= MOST_BYTES
    assert drawn.left_out > 1900
    circle: dict[str, Any] = {
        "1": {"class_type": "A", "inputs": {"x": ["2", 0], "y": ["1", 0]}},
        "2": {"class_type": "B", "inputs": {"x": ["1", 0]}},
    }
    assert graph_picture(made_of(circle), None, ENGLISH, everything=True) is not None
    assert graph_picture(Workflow(name="empty"), None, ENGLISH, everything=True) is None


def test_noise_is_made_smaller_until_it_fits() -> None:
    data, suffix = encoded(Image.effect_noise((900, 900), 90).convert("RGB"))
    assert suffix == "webp"
    assert len(data) <= MOST_BYTES


def test_names_no_font_can_write_give_way_to_the_class_and_are_never_boxes() -> None:
    graph: dict[str, Any] = {
        "1": {"class_type": "SaveImage", "inputs": {"text": "猫 cat 猫猫"}, "_meta": {"title": "正面提示词"}},
    }
    plain = Lettering((None,))
    (box,) = scene(made_of(graph), None, plain, everything=True).boxes
    assert box.title == "SaveImage"
    assert [line.value for line in box.lines] == ["?"]
    assert plain.wanting
    assert Lettering((None,)).legible("émigré ✨ naïve") == "emigre naive"
    if len(families()) > 2:
        every = Lettering()
        (box,) = scene(made_of(graph), None, every, everything=True).boxes
        assert box.title == "正面提示词"
        assert not every.wanting


def test_members_see_only_the_values_they_can_set() -> None:
    shown = scene(workflow("txt2img"), None, Lettering(), everything=False)
    assert {line.parameter for box in shown.boxes for line in box.lines} >= {"prompt", "steps"}
    assert all(line.parameter for box in shown.boxes for line in box.lines)
    whole = scene(workflow("txt2img"), None, Lettering(), everything=True)
    assert "filename_prefix" in {line.name for box in whole.boxes for line in box.lines}
