"""What a workflow file from a stranger may not do: run code, leave ComfyUI's folders, call services that cost money."""

import re
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.workflows.graph import class_of, is_link
from bot.workflows.literals import literal
from bot.workflows.parameter import ParameterType
from bot.workflows.places import escapes, leaves_folder
from bot.workflows.problem import WorkflowProblem, fault
from bot.workflows.schema import InputSchema, NodeSchema
from bot.workflows.standard import split_name
from bot.workflows.trace import Place, Tracer
from bot.workflows.workflow import Workflow

SETTING = "WORKFLOWS_ALLOW_NODES"
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CODE = frozenset({"code", "script", "python", "shell", "bash", "command", "cmd", "javascript", "js", "eval", "exec",
                   "lambda", "pycode"})  # fmt: skip
_NO_CODE = frozenset(
    {"language", "lang", "country", "qr", "bar", "postal", "color", "colour", "time", "zip", "hex"}
)
_CODE_CLASS = frozenset({"python", "exec", "eval", "shell", "bash", "terminal", "subprocess", "javascript"})
_PATH = frozenset({"path", "paths", "dir", "dirs", "directory", "directories", "folder", "folders", "filepath",
                   "folderpath", "dirpath"})  # fmt: skip
_PATH_CLASS = frozenset({"path", "paths", "directory", "folder", "dir", "url", "filepath"})
_ADDRESS = frozenset({"url", "urls", "uri", "webhook", "endpoint", "hostname", "href"})
_KEYS = ({"api", "key"}, {"apikey"}, {"access", "token"}, {"auth", "token"}, {"api", "token"}, {"secret"})
_FILE_NAMES = frozenset({"filename_prefix", "filename", "file_name", "prefix", "save_prefix", "subfolder",
                         "sub_directory", "output_name", "output_filename"})  # fmt: skip
_SERVERS_OWN = ("nodes", "comfy_extras.", "comfy_api_nodes.")
_PROSE = frozenset({"prompt", "negative_prompt", "lyrics", "tags"})
_SHOWN = 80


class Use(StrEnum):
    """What a text input is for that no stranger and no member may choose."""

    CODE = "code"
    PATH = "path"
    ADDRESS = "address"
    KEY = "key"


def dangers(tracer: Tracer, allowed: Collection[str], words: Collection[Place]) -> Iterator[WorkflowProblem]:
    """Yield why nodes that will run are refused. `words` are places that hold prose, whatever it looks like."""
    for node in tracer.live:
        if is_allowed(class_of(tracer.graph, node), allowed):
            continue
        if (problem := next(_of_node(tracer, node, words), None)) is not None:
            yield problem


def prose(workflow: Workflow) -> frozenset[Place]:
    """Return the places whose text is no name: words for a model, and addresses of pictures always attached anew."""
    found: set[Place] = set()
    for each in workflow.parameters.values():
        words = each.type is ParameterType.TEXT and (each.multiline or split_name(each.name)[0] in _PROSE)
        attached = each.type.is_file and each.required and each.fixed is None
        for node, name in each.targets:
            address = str(workflow.graph[node]["inputs"].get(name)).startswith(("https://", "http://"))
            if words or (attached and address):
                found.add((node, name))
    return frozenset(found)


def is_allowed(class_type: str, allowed: Collection[str]) -> bool:
    """Tell whether the operator allows a class by name; `*` stands for any letters."""
    return any(fnmatchcase(class_type, pattern) for pattern in allowed)


def use_of(tracer: Tracer, node: str, name: str) -> Use | None:
    """Return what an input is for if it is nothing that members may fill."""
    known = tracer.input(node, name)
    if not _takes_text(tracer, node, name, known):
        return None
    words = _words(name)
    if any(key <= words for key in _KEYS):
        return Use.KEY
    if words & _ADDRESS:
        return Use.ADDRESS
    if (words & _CODE and not words & _NO_CODE) or _evaluates(tracer, node, words):
        return Use.CODE
    by_class = _words(class_of(tracer.graph, node)) & _PATH_CLASS and not (
        known is not None and known.multiline
    )
    if words & _PATH or (known is not None and known.path) or (by_class and name not in _FILE_NAMES):
        return Use.PATH
    return None


def is_file_name(tracer: Tracer, node: str, name: str) -> bool:
    """Tell whether an input names a file or folder below one that ComfyUI chooses."""
    return name.rsplit(".", 1)[-1] in _FILE_NAMES and _takes_text(
        tracer, node, name, tracer.input(node, name)
    )


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _takes_text(tracer: Tracer, node: str, name: str, known: InputSchema | None) -> bool:
    if known is not None:
        return known.choices is None and known.upload is None and known.type in {"STRING", "*"}
    return isinstance(tracer.inputs(node).get(name), str)


def _evaluates(tracer: Tracer, node: str, words: set[str]) -> bool:
    """Tell whether a class of a pack is made to run what its texts say, by what it and its inputs are called."""
    schema = tracer.schema(node)
    if schema is not None and schema.module.startswith(_SERVERS_OWN):
        return False
    known = "expression" in words or bool(words & {"text", "input", "value", "source"})
    return known and bool(_words(class_of(tracer.graph, node)) & _CODE_CLASS)


def _of_node(tracer: Tracer, node: str, words: Collection[Place]) -> Iterator[WorkflowProblem]:
    schema = tracer.schema(node)
    at = {"node": tracer.title(node), "name": class_of(tracer.graph, node), "setting": SETTING}
    if schema is not None and schema.paid:
        yield fault(
            "{node} calls a service that costs money. If that is meant, add {name} to {setting}.",
            at=node,
            **at,
        )
    for name in _texts(tracer, node, schema):
        value = _value(tracer, node, name)
        shown = f"{str(value)[:_SHOWN]}" if value is not None else name
        match use_of(tracer, node, name):
            case Use.KEY:
                yield fault(
                    "{node} takes a key for a service outside ComfyUI. If that is meant, add {name} to {setting}.",
                    at=node, **at,
                )  # fmt: skip
            case Use.CODE if value is None or value.strip():
                yield fault(
                    "{node} runs code that stands in the workflow. If you trust it, add {name} to {setting}.",
                    at=node, **at,
                )  # fmt: skip
            case Use.ADDRESS if value is None or value.strip():
                yield fault(
                    "{node} calls an address on the network, {value}. If you trust it, add {name} to {setting}.",
                    at=node, value=shown, **at,
                )  # fmt: skip
            case Use.PATH if value is None or leaves_folder(value):
                yield fault(
                    "{node} reads or writes {value}, which may be outside ComfyUI's input and output folders. If you"
                    " trust it, add {name} to {setting}.",
                    at=node, value=shown, **at,
                )  # fmt: skip
            case None if value is not None and is_file_name(tracer, node, name) and escapes(value):
                yield fault(
                    "{node}: the file name prefix leads out of ComfyUI's output folder: choose a plain name.",
                    at=node, node=at["node"],
                )  # fmt: skip
            case None if value is not None and _escapes(tracer, (node, name), value, words):
                yield fault(
                    "{node} names {value}, which leads out of ComfyUI's folders: choose a plain name.",
                    at=node, node=at["node"], value=shown,
                )  # fmt: skip
            case _:
                pass


def _texts(tracer: Tracer, node: str, schema: NodeSchema | None) -> Iterable[str]:
    """Return the inputs of a node that hold or are given a text, and those that ask for a key even when left out."""
    present = list(tracer.inputs(node))
    keys = [name for name in schema.inputs if any(key <= _words(name) for key in _KEYS)] if schema else []
    return [name for name in dict.fromkeys([*present, *keys]) if not _is_structure(tracer, node, name)]


def _is_structure(tracer: Tracer, node: str, name: str) -> bool:
    value = tracer.inputs(node).get(name)
    return value is not None and not isinstance(value, str) and not is_link(value)


def _value(tracer: Tracer, node: str, name: str) -> str | None:
    """Return the text an input has in the end, empty for none, `None` where it is only made while the graph runs."""
    value = tracer.inputs(node).get(name)
    if value is None or isinstance(value, str):
        return value or ""
    place = literal(tracer, node, name)
    found = tracer.value(place) if place is not None else None
    return found if isinstance(found, str) else None


def _escapes(tracer: Tracer, place: Place, value: str, words: Collection[Place]) -> bool:
    node, name = place
    if place in words or literal(tracer, node, name) in words or "\n" in value:
        return False
    known = tracer.input(node, name)
    if known is not None and known.upload is not None:
        return escapes(value)
    if known is not None and (known.type != "STRING" or known.multiline or known.dynamic_prompts):
        return False
    return _is_file_loader(tracer, node) and escapes(value)


def _is_file_loader(tracer: Tracer, node: str) -> bool:
    return bool(_words(class_of(tracer.graph, node)) & {"load", "save", "file", "read", "write"})
