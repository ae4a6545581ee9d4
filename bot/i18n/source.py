"""Find sentences for people in Python source: calls of t, n, N_, messages, refusals, and slash command declarations."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SPOKEN = frozenset({"t", "N_", "Message", "UserError", "locale_str", "fault", "lack", "caution", "remark"})
COMMANDS = frozenset({"command", "context_menu"})
GROUPS = frozenset({"Group", "GroupCog"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Sentence:
    """One message id and where it is first said."""

    message: str
    context: str | None
    plural: str | None
    path: Path
    line: int


def sentences_in(paths: Sequence[Path]) -> Iterator[Sentence]:
    """Yield every sentence of the modules; classes derived from UserError anywhere count as refusals."""
    modules = [(path, ast.parse(path.read_text(encoding="utf-8"), str(path))) for path in paths]
    refusals = _refusals([module for _, module in modules])
    for path, module in modules:
        for node in ast.walk(module):
            for message, context, plural in _said(node, SPOKEN | refusals, refusals):
                if message:
                    yield Sentence(message, context, plural, path, getattr(node, "lineno", 0))


Found = tuple[str, str | None, str | None]


def _said(node: ast.AST, spoken: frozenset[str], refusals: frozenset[str]) -> Iterator[Found]:
    match node:
        case ast.Call(func=function, args=[first, *rest]):
            name = _last(function)
            if name in spoken:
                yield from ((text, None, None) for text in _texts(first))
            elif name == "n" and rest:
                yield from ((text, None, plural) for text in _texts(first) for plural in _texts(rest[0]))
        case ast.ClassDef() if node.name in refusals:
            yield from _own_sentences(node)
        case _:
            pass
    match node:
        case ast.Call(func=function) if _last(function) in GROUPS:
            yield from _declared(node.keywords, "group name", "name", "description")
        case ast.Call(func=function) if _last(function) == "Choice":
            yield from _declared(node.keywords, "choice", "name", None)
        case ast.ClassDef() if any(_last(base) in GROUPS for base in node.bases):
            yield from _declared(node.keywords, "group name", "name", "description")
            yield from _declared(node.keywords, "group name", "group_name", "group_description")
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _command(node)
        case _:
            pass


def _command(function: Function) -> Iterator[Found]:
    """Yield the name and description of a slash command, and those of its options."""
    calls = {_last(call.func): call for call in function.decorator_list if isinstance(call, ast.Call)}
    declaration = next((calls[name] for name in COMMANDS if name in calls), None)
    if declaration is None:
        return
    yield from _declared(declaration.keywords, "command name", "name", "description")
    if not any(keyword.arg == "name" for keyword in declaration.keywords):
        yield function.name, "command name", None
    if "context_menu" in calls:
        return
    describe = calls["describe"].keywords if "describe" in calls else []
    yield from ((text, None, None) for keyword in describe for text in _texts(keyword.value))
    rename = calls["rename"].keywords if "rename" in calls else []
    names = {keyword.arg: text for keyword in rename for text in _texts(keyword.value)}
    arguments = [argument.arg for argument in function.args.args if argument.arg != "self"][1:]
    yield from ((names.get(argument, argument), "option name", None) for argument in arguments)


def _declared(
    keywords: Iterable[ast.keyword], context: str, name: str, description: str | None
) -> Iterator[Found]:
    for keyword in keywords:
        for text in _texts(keyword.value):
            # A choice such as "1:1" reads the same in every language.
            if keyword.arg == name and (context != "choice" or any(letter.isalpha() for letter in text)):
                yield text, context, None
            elif keyword.arg == description:
                yield text, None, None


def _own_sentences(refusal: ast.ClassDef) -> Iterator[Found]:
    """Yield the sentences a kind of refusal hands to its parent."""
    for call in ast.walk(refusal):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__"), args=[first, *_]
            ):
                yield from ((text, None, None) for text in _texts(first))
            case _:
                pass


def _refusals(modules: Iterable[ast.Module]) -> frozenset[str]:
    bases = {
        node.name: {_last(base) for base in node.bases}
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    }
    known = {"UserError"}
    while grown := {name for name, above in bases.items() if name not in known and above & known}:
        known |= grown
    return frozenset(known)


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the literal texts an expression can be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case ast.Call(func=function, args=[first, *_]) if _last(function) == "locale_str":
            yield from _texts(first)
        case _:
            pass


def _last(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last(value)
        case _:
            return ""
