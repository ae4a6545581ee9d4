"""Where the boxes of a graph stand: in rows from top to bottom, with lanes for the links that pass between them."""

from collections.abc import Sequence
from dataclasses import dataclass

LANE = 26
GAP = 34
ROW_GAP = 60
MARGIN = 32
SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Edge:
    """A link: from which box and slot, to which box, and which of its ports it is."""

    source: int
    slot: int
    target: int
    port: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Corners of the boxes, ways of the edges in order, and the size of it all; in pixels."""

    corners: tuple[tuple[float, float], ...]
    ways: tuple[tuple[tuple[float, float], ...], ...]
    width: int
    height: int


@dataclass(slots=True)
class _Cell:
    """A box in a row, or the lane of a link through it."""

    width: float
    box: int | None
    centre: float = 0.0


def arrange(
    width: float, heights: Sequence[float], edges: Sequence[Edge], *, columns: int, extra: float = 0
) -> Layout:
    """Place boxes of one width; every edge must go from a lower number to a higher one. `extra` is kept below."""
    grid = _Grid(width, heights, edges, columns)
    grid.order()
    grid.settle()
    return grid.layout(extra)


class _Grid:
    def __init__(self, width: float, heights: Sequence[float], edges: Sequence[Edge], columns: int) -> None:
        self._width = width
        self._heights = heights
        self._edges = [edge for edge in edges if edge.source < edge.target]
        self._all = edges
        rows = _rows(_layers(len(heights), self._edges), columns)
        self._row = {box: index for index, row in enumerate(rows) for box in row}
        self._rows: list[list[_Cell]] = [[_Cell(width, box) for box in row] for row in rows]
        self._corners: tuple[tuple[float, float], ...] = ()
        self._tops: list[float] = []
        self._bottoms: list[float] = []
        self._cells = {cell.box: cell for row in self._rows for cell in row}
        self._lanes: dict[tuple[int, int, int], _Cell] = {}
        """Source, slot and row: links of one output share their lanes."""
        self._joined: list[list[tuple[_Cell, _Cell]]] = [[] for _ in rows]
        """Neighbours in the row of that number and the next."""
        for edge in self._edges:
            self._route(edge)

    def _route(self, edge: Edge) -> None:
        above = self._cells[edge.source]
        for row in range(self._row[edge.source] + 1, self._row[edge.target]):
            key = (edge.source, edge.slot, row)
            if key not in self._lanes:
                self._lanes[key] = _Cell(LANE, None)
                self._rows[row].append(self._lanes[key])
                self._joined[row - 1].append((above, self._lanes[key]))
            above = self._lanes[key]
        self._joined[self._row[edge.target] - 1].append((above, self._cells[edge.target]))

    def order(self) -> None:
        """Sort each row by where its neighbours are, to and fro, so that few links cross."""
        self._spread()
        for sweep in range(SWEEPS):
            downwards = sweep % 2 == 0
            for index in range(len(self._rows)) if downwards else reversed(range(len(self._rows))):
                wishes = self._wishes(index, above=downwards)
                self._rows[index].sort(key=lambda cell: wishes[id(cell)])
                self._spread()

    def settle(self) -> None:
        """Move the cells of each row towards their neighbours without changing their order."""
        for sweep in range(SWEEPS):
            for index in range(len(self._rows)) if sweep % 2 == 0 else reversed(range(len(self._rows))):
                self._pull(self._rows[index], self._wishes(index, above=sweep % 2 == 0))
        for _ in range(SWEEPS):
            for index, row in enumerate(self._rows):
                above, below = self._wishes(index, above=True), self._wishes(index, above=False)
                self._pull(row, {key: (above[key] + below[key]) / 2 for key in above})

    def _spread(self) -> None:
        for row in self._rows:
            total = sum(cell.width for cell in row) + GAP * (len(row) - 1)
            at = -total / 2
            for cell in row:
                cell.centre = at + cell.width / 2
                at += cell.width + GAP

    def _wishes(self, index: int, *, above: bool) -> dict[int, float]:
        found: dict[int, list[float]] = {id(cell): [] for cell in self._rows[index]}
        if above and index > 0:
            for first, second in self._joined[index - 1]:
                found[id(second)].append(first.centre)
        elif not above:
            for first, second in self._joined[index]:
                found[id(first)].append(second.centre)
        cells = {id(cell): cell for cell in self._rows[index]}
        return {
            key: sum(places) / len(places) if places else cells[key].centre for key, places in found.items()
        }

    def _pull(self, row: list[_Cell], wishes: dict[int, float]) -> None:
        placed: list[float] = []
        for cell in row:
            least = placed[-1] + self._apart(row[len(placed) - 1], cell) if placed else float("-inf")
            placed.append(max(wishes[id(cell)], least))
        shift = sum(wishes[id(cell)] - at for cell, at in zip(row, placed, strict=True)) / max(1, len(row))
        for cell, at in zip(row, placed, strict=True):
            cell.centre = at + shift

    @staticmethod
    def _apart(left: _Cell, right: _Cell) -> float:
        return (left.width + right.width) / 2 + GAP

    def layout(self, extra: float) -> Layout:
        """Turn rows into places on a canvas whose corner is 0, 0."""
        cells = [cell for row in self._rows for cell in row]
        left = min((cell.centre - cell.width / 2 for cell in cells), default=0.0) - MARGIN
        right = max((cell.centre + cell.width / 2 for cell in cells), default=0.0) + MARGIN
        tops: list[float] = []
        bottoms: list[float] = []
        at = float(MARGIN)
        for row in self._rows:
            tops.append(at)
            at += max((self._heights[cell.box] for cell in row if cell.box is not None), default=0.0)
            bottoms.append(at)
            at += ROW_GAP
        for cell in cells:
            cell.centre -= left
        corners = tuple(
            (self._cells[box].centre - self._width / 2, tops[self._row[box]])
            for box in range(len(self._heights))
        )
        self._corners, self._tops, self._bottoms = corners, tops, bottoms
        ways = tuple(self._way(edge) for edge in self._all)
        return Layout(corners, ways, round(right - left), round(at - ROW_GAP + MARGIN + extra))

    def _way(self, edge: Edge) -> tuple[tuple[float, float], ...]:
        """Return the corners of a link's way: out below its source, through its lanes, in above its target."""
        if edge.source >= edge.target:
            return ()
        leaving = {each.slot: self._below(each) for each in self._edges if each.source == edge.source}
        coming = {each.port: self._above(each) for each in self._edges if each.target == edge.target}
        row = self._row[edge.source]
        out = self._anchor(edge.source, leaving, edge.slot)
        way = [(out, self._corners[edge.source][1] + self._heights[edge.source]), (out, self._bottoms[row])]
        for between in range(row + 1, self._row[edge.target]):
            lane = self._lanes[edge.source, edge.slot, between].centre
            way += [(lane, self._tops[between]), (lane, self._bottoms[between])]
        return (*way, (self._anchor(edge.target, coming, edge.port), self._corners[edge.target][1]))

    def _below(self, edge: Edge) -> float:
        """Return where a link goes on below its source."""
        lane = self._lanes.get((edge.source, edge.slot, self._row[edge.source] + 1))
        return (lane or self._cells[edge.target]).centre

    def _above(self, edge: Edge) -> float:
        """Return where a link comes from above its target."""
        lane = self._lanes.get((edge.source, edge.slot, self._row[edge.target] - 1))
        return (lane or self._cells[edge.source]).centre

    def _anchor(self, box: int, places: dict[int, float], which: int) -> float:
        """Return where on a box's edge a link is fixed: in the order in which the others are, so none cross."""
        order = sorted(places, key=lambda each: (places[each], each))
        return self._corners[box][0] + self._width * (order.index(which) + 1) / (len(order) + 1)


def _layers(count: int, edges: Sequence[Edge]) -> list[int]:
    """Give every box a layer below all it reads from, and as near as possible to who reads from it."""
    layers = [0] * count
    for edge in sorted(edges, key=lambda each: each.target):
        layers[edge.target] = max(layers[edge.target], layers[edge.source] + 1)
    for box in reversed(range(count)):
        readers = [layers[edge.target] for edge in edges if edge.source == box]
        if readers:
            layers[box] = min(readers) - 1
    return layers


def _rows(layers: Sequence[int], columns: int) -> list[list[int]]:
    """Break each layer into rows of so many boxes."""
    rows: list[list[int]] = []
    for layer in sorted(set(layers)):
        members = [box for box, each in enumerate(layers) if each == layer]
        pieces = -(-len(members) // columns)
        size = -(-len(members) // pieces)
        rows += [members[at : at + size] for at in range(0, len(members), size)]
    return rows
