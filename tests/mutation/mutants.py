"""Mutants of a module's text: each is one small edit that keeps the formatting and that a test should notice."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

SWAPPED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "and": "or", "or": "and",
    "is": "is not", "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip
OPERATOR = re.compile(r"[<>=!]=|[<>]|\b(?:is\s+not|not\s+in|is|in|and|or)\b")
NOT = re.compile(r"not\b\s*")
LOGGERS = {"log", "audit_log"}
LEFT_OUT = {"annotation", "returns", "decorator_list"}
"""Fields of nodes without mutants: tests cannot notice a changed type, nor `slots=False` on a data class."""


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One edit: the characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str
    line: int
    change: str

    def apply(self, source: str) -> str:
        """Return the module's text with the edit made."""
        return source[: self.start] + self.text + source[self.end :]


def mutants_of(source: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its text."""
    return sorted(_Finder(source).find())


class _Finder:
    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0, *accumulate(map(len, self._lines))]

    def find(self) -> Iterator[Mutant]:
        for node in _walk(ast.parse(self._source)):
            match node:
                case ast.Compare(left=left, comparators=others):
                    yield from self._operators(left, *others)
                case ast.BoolOp(values=values):
                    yield from self._operators(*values)
                case ast.Constant(value=bool() as value):
                    yield self._replaced(node, repr(not value))
                case ast.Constant(value=int() | float() as value):
                    yield self._replaced(node, repr(value + 1))
                case ast.UnaryOp(op=ast.Not()):
                    start = self._span(node)[0]
                    if found := NOT.match(self._source, start):
                        yield self._edit(found.start(), found.end(), "")
                case ast.Expr(value=ast.Call() | ast.Await(value=ast.Call())) if _root(node) not in LOGGERS:
                    yield self._replaced(node, "pass")
                case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
                    yield self._replaced(value, "None")
                case _:
                    pass

    def _operators(self, *operands: ast.expr) -> Iterator[Mutant]:
        for before, after in pairwise(operands):
            end, start = self._span(before)[1], self._span(after)[0]
            found = OPERATOR.search(self._source, end, start)
            if found and "#" not in self._source[end:start]:
                yield self._edit(*found.span(), SWAPPED[" ".join(found[0].split())])

    def _replaced(self, node: ast.expr | ast.stmt, text: str) -> Mutant:
        return self._edit(*self._span(node), text)

    def _edit(self, start: int, end: int, text: str) -> Mutant:
        line = self._source.count("\n", 0, start) + 1
        old = " ".join(self._source[start:end].split())
        return Mutant(start, end, text, line, f"{old[:60]} -> {text or 'nothing'}")

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        last, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(last, end)

    def _offset(self, line: int, column: int) -> int:
        """Return the position in the text; a node's column counts bytes."""
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the node and those below; not what is within an f-string, where Python 3.11 gives wrong positions."""
    yield node
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        if name not in LEFT_OUT:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _walk(child)


def _root(node: ast.AST) -> str:
    """Return the first name of a call statement, such as `log` of `log.info("…")`."""
    return re.split(r"\W", ast.unparse(node).removeprefix("await "), maxsplit=1)[0]
