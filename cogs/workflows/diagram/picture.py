"""Draws a graph: boxes, values and links, told apart by words as well as by colours, small enough to load on a phone."""

import hashlib
import io
import itertools
import math
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from bot.i18n import Language
from bot.ui.interactions.replies import shorten
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.workflow import Workflow
from cogs.workflows.diagram.content import Box, Scene, scene
from cogs.workflows.diagram.fonts import Lettering
from cogs.workflows.diagram.layout import MARGIN, Edge, Layout, arrange

MOST_BYTES = 256_000
MOST_SIDE = 6000
MOST_PIXELS = 6_000_000
ALT = 1024
WIDTH = 330
PAD = 14
TITLE, SMALL, TEXT = 22, 16, 18
TITLE_LINE, SMALL_LINE, LINE = 30, 22, 26
TALL = 1.9
"""How many times its width a picture may be high before it gets another column."""

GROUND, BOX, EDGE, FOUND = "#1b1d22", "#2a2d35", "#4a4f5c", "#3d5a40"
INK, FAINT, SET, BAD = "#f4f5f7", "#b4bac6", "#ffd479", "#ff9b8f"
COLOURS = {
    "MODEL": "#b39ddb",
    "CLIP": "#ffd500",
    "VAE": "#ff6e6e",
    "CONDITIONING": "#ffa931",
    "LATENT": "#ff9cf9",
    "IMAGE": "#64b5f6",
    "MASK": "#81c784",
    "CONTROL_NET": "#6ee7b7",
    "STRING": "#a7d8a0",
    "INT": "#8fb8c9",
    "FLOAT": "#c9d38f",
    "AUDIO": "#7fd6d6",
    "VIDEO": "#9fa8ff",
}
OTHERS = ("#d7a26b", "#8fd0c0", "#c99bd0", "#a9b665", "#e08e9e", "#7da7d9")


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """A picture as a file, and the same in words."""

    data: bytes
    suffix: str
    description: str
    left_out: int
    """Nodes that are not drawn."""
    wanting: bool
    """Whether words were left out because no font here has their letters."""


def graph_picture(
    workflow: Workflow, info: ObjectInfo | None, lang: Language, *, everything: bool
) -> GraphPicture | None:
    """Draw a workflow's graph; None where it has none. Blocks; bounded in nodes, pixels and bytes."""
    lettering = Lettering()
    shown = scene(workflow, info, lettering, everything=everything)
    if not shown.boxes:
        return None
    heights = [_height(box) for box in shown.boxes]
    edges = [
        Edge(port.source, port.slot, target, index)
        for target, box in enumerate(shown.boxes)
        for index, port in enumerate(box.ports)
    ]
    legend = _legend(shown, lang, lettering)
    for columns in (2, 3, 4, 5, 6):
        layout = arrange(WIDTH, heights, edges, columns=columns, extra=LINE * len(legend) + PAD)
        if layout.height <= TALL * layout.width:
            break
    canvas = _drawn(shown, layout, legend, lettering, lang)
    data, suffix = encoded(canvas)
    return GraphPicture(data, suffix, _described(workflow, shown, lang), shown.left_out, lettering.wanting)


def _height(box: Box) -> float:
    lines = len(box.ports) + len(box.lines) + (box.more > 0)
    small = bool(box.class_type) + box.unknown
    return 2 * PAD + TITLE_LINE + SMALL_LINE * small + LINE * lines + (PAD / 2 if lines else 0)


def _legend(shown: Scene, lang: Language, lettering: Lettering) -> list[tuple[str, str]]:
    lines = [(lang.t("Yellow and with *: what you can set."), SET)]
    if any(box.delivered for box in shown.boxes):
        lines.append((lang.t("Double frame: what you get."), INK))
    if shown.left_out:
        lines.append((lang.n("One node is not drawn.", "{n} nodes are not drawn.", shown.left_out), FAINT))
    return [(text, colour) for line, colour in lines if (text := lettering.legible(line))]


def _drawn(
    shown: Scene, layout: Layout, legend: list[tuple[str, str]], lettering: Lettering, lang: Language
) -> Image.Image:
    picture = Image.new("RGB", (layout.width, layout.height), GROUND)
    pen = _Pen(picture, lettering, unknown=lettering.legible(lang.t("not on the server")) or "?")
    ports = [port for box in shown.boxes for port in box.ports]
    for port, way in zip(ports, layout.ways, strict=True):
        pen.link(way, colour_of(port.type))
    for number, box in enumerate(shown.boxes):
        pen.box(number, box, layout.corners[number], _height(box))
    top = layout.height - LINE * len(legend) - PAD
    for index, (text, colour) in enumerate(legend):
        pen.write(MARGIN, top + LINE * index, text, TEXT, colour, layout.width - 2 * MARGIN)
    return picture


def colour_of(kind: str) -> str:
    """Return the colour of links of a type; the same for the same name, always."""
    if kind in COLOURS:
        return COLOURS[kind]
    return OTHERS[hashlib.sha256(kind.encode()).digest()[0] % len(OTHERS)] if kind else FAINT


class _Pen:
    def __init__(self, picture: Image.Image, lettering: Lettering, *, unknown: str) -> None:
        self._unknown = unknown
        self._draw: Any = ImageDraw.Draw(picture)
        self._lettering = lettering

    def write(self, x: float, y: float, text: str, size: int, colour: str, width: float) -> float:
        """Write on one line, shortened to a width; returns how wide it became."""
        text = self._lettering.cut(text, size, width)
        # Centred on the line, as fonts differ in how high they stand.
        self._draw.text(
            (x, y + size * 0.62), text, font=self._lettering.face(text, size), fill=colour, anchor="lm"
        )
        return self._lettering.width(text, size)

    def link(self, way: tuple[tuple[float, float], ...], colour: str) -> None:
        points: list[tuple[float, float]] = []
        for (x, y), (to_x, to_y) in itertools.pairwise(way):
            steps = 1 if x == to_x else 16
            for step in range(steps + 1):
                part = step / steps
                smooth = part * part * (3 - 2 * part)
                points.append((x + (to_x - x) * smooth, y + (to_y - y) * part))
        if points:
            self._draw.line(points, fill=GROUND, width=8, joint="curve")
            self._draw.line(points, fill=colour, width=3, joint="curve")
            x, y = points[-1]
            self._draw.polygon(((x - 7, y - 11), (x + 7, y - 11), (x, y)), fill=colour)

    def box(self, number: int, box: Box, corner: tuple[float, float], height: float) -> None:
        left, top = corner
        frame = BAD if box.unknown else EDGE
        self._draw.rounded_rectangle(
            (left, top, left + WIDTH, top + height), radius=10, fill=BOX, outline=frame, width=2
        )
        if box.delivered:
            self._draw.rounded_rectangle(
                (left + 5, top + 5, left + WIDTH - 5, top + height - 5), radius=7, outline=INK, width=2
            )
        inner, x, y = WIDTH - 2 * PAD, left + PAD, top + PAD
        wide = self.write(x, y, f"{number + 1}", TITLE, FAINT, inner) + 10
        self.write(x + wide, y, box.title, TITLE, INK, inner - wide)
        y += TITLE_LINE
        if box.class_type:
            self.write(x, y, box.class_type, SMALL, FAINT, inner)
            y += SMALL_LINE
        if box.unknown:
            self.write(x, y, self._unknown, SMALL, BAD, inner)
            y += SMALL_LINE
        y += PAD / 2
        for port in box.ports:
            self._port(x, y, port.name, port.type, port.source, inner)
            y += LINE
        for line in box.lines:
            self._line(x, y, line.name, line.value, line.parameter, inner)
            y += LINE
        if box.more:
            self.write(x, y, f"… +{box.more}", SMALL, FAINT, inner)

    def _port(self, x: float, y: float, name: str, kind: str, source: int, width: float) -> None:
        self._draw.ellipse((x, y + 5, x + 12, y + 17), fill=colour_of(kind))
        start = f"{source + 1} "
        at = x + 20 + self.write(x + 20, y, start, TEXT, FAINT, 60) + 4
        at += self.write(at, y, name, TEXT, INK, width * 0.5) + 10
        if kind and kind.casefold() != name.casefold():
            self.write(at, y, kind, SMALL, colour_of(kind), max(30.0, x + width - at))

    def _line(self, x: float, y: float, name: str, value: str, parameter: str, width: float) -> None:
        label = f"* {parameter}" if parameter else name
        at = x + self.write(x, y, label, TEXT, SET if parameter else FAINT, width * 0.55) + 10
        self.write(at, y, value, TEXT, INK if parameter else FAINT, x + width - at)


def encoded(picture: Any) -> tuple[bytes, str]:
    """Return a picture as a file of bounded size and its ending: PNG while it is small, else WebP, smaller and smaller."""
    scale = min(1.0, MOST_SIDE / max(picture.size), math.sqrt(MOST_PIXELS / (picture.width * picture.height)))
    if scale < 1:
        picture = _scaled(picture, scale)
    few = picture.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    data = _saved(few, "PNG")
    quality = 70
    while len(data) > MOST_BYTES and min(picture.size) > 64:
        data = _saved(picture, "WEBP", quality=quality, method=2)
        if quality > 40:
            quality -= 25
        else:
            picture = _scaled(picture, 0.75)
    return data, "png" if data.startswith(b"\x89PNG") else "webp"


def _scaled(picture: Any, scale: float) -> Any:
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _saved(picture: Any, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def _described(workflow: Workflow, shown: Scene, lang: Language) -> str:
    """Say in words what is drawn, for those who cannot see it."""
    title = workflow.title.in_(lang.code) or workflow.name
    parts = [
        lang.n("Graph of {title}, one node", "Graph of {title}, {n} nodes", len(shown.boxes), title=title)
    ]
    for number, box in enumerate(shown.boxes):
        sources = dict.fromkeys(str(port.source + 1) for port in box.ports)
        what = f"{number + 1} {box.title}"
        parts.append(f"{what} ({', '.join(sources)})" if sources else what)
    return shorten("; ".join(parts), ALT)
