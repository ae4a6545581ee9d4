"""How a node class is described: its inputs as the server tells them, its outputs, and the function it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings

Run = Callable[[Surroundings, Inputs], Outcome]


@dataclass(frozen=True, slots=True)
class Input:
    """One input: a type, or a list of choices, or the files of a folder; `modern` writes choices the newer way."""

    type: str = "COMBO"
    choices: tuple[str, ...] | None = None
    folder: str | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    bare: bool = False
    modern: bool = False

    @property
    def is_choice(self) -> bool:
        """Tell whether the value must be one of a list."""
        return self.choices is not None or self.folder is not None

    def allowed(self, folders: Folders) -> list[str]:
        """Return the choices as of now."""
        return folders.options(self.folder) if self.folder is not None else list(self.choices or ())

    def info(self, folders: Folders) -> list[Any]:
        """Return the input as `/object_info` shows it."""
        if self.is_choice and self.modern:
            return ["COMBO", {"multiselect": False, "options": self.allowed(folders), **self.options}]
        kind: Any = self.allowed(folders) if self.is_choice else self.type
        return [kind] if self.bare and not self.options else [kind, dict(self.options)]


@dataclass(frozen=True, slots=True)
class Node:
    """One class of the node table; `files` names inputs whose content counts for the cache, `fresh` never is cached."""

    name: str
    run: Run
    required: dict[str, Input]
    outputs: tuple[str, ...] = ()
    category: str = ""
    display: str | None = None
    optional: dict[str, Input] = field(default_factory=dict[str, Input])
    output_names: tuple[str, ...] = ()
    output_node: bool = False
    metadata: bool = False
    module: str = "nodes"
    files: tuple[str, ...] = ()
    fresh: bool = False


def whole(default: int | None, low: int, high: int, step: int | None = 1, **options: Any) -> Input:
    """Return a whole number."""
    shown: dict[str, Any] = {} if default is None else {"default": default}
    shown |= {"min": low, "max": high}
    if step is not None:
        shown["step"] = step
    return Input("INT", options=shown | options)


def real(default: float | None, low: float, high: float, step: float | None = 0.01, **options: Any) -> Input:
    """Return a number with a fraction."""
    shown: dict[str, Any] = {} if default is None else {"default": default}
    shown |= {"min": low, "max": high}
    if step is not None:
        shown["step"] = step
    return Input("FLOAT", options=shown | options)


def seed() -> Input:
    """Return a seed, 0 to 2^64-1; a seed of -1 is refused."""
    return whole(0, 0, 2**64 - 1, None, control_after_generate=True)


def text(default: str | None = None, **options: Any) -> Input:
    """Return a text."""
    shown: dict[str, Any] = {} if default is None else {"default": default}
    return Input("STRING", options=shown | options)


def prompt_text() -> Input:
    """Return a text in many lines, for a prompt."""
    return Input("STRING", options={"multiline": True, "dynamicPrompts": True})


def switch(default: bool | None) -> Input:
    """Return a yes or no."""
    return Input("BOOLEAN", options={} if default is None else {"default": default})


def choice(*values: str, modern: bool = False, **options: Any) -> Input:
    """Return one of these values."""
    return Input(choices=values, options=options, bare=True, modern=modern)


def files(folder: str, *, modern: bool = False, **options: Any) -> Input:
    """Return one of the files in a model folder, or of the pictures in "input"."""
    return Input(folder=folder, options=options, bare=True, modern=modern)


def link(kind: str) -> Input:
    """Return an input that only another node can give."""
    return Input(kind, bare=True)
