"""What a ComfyUI server says about its node classes: its `/object_info`, read with distrust."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from bot.workflows.model.values import Value

Upload = Literal["image", "video", "audio"]

_WIDGET_TYPES = frozenset({"INT", "FLOAT", "BOOLEAN", "STRING", "COMBO", "COLOR", "COMFY_DYNAMICCOMBO_V3"})
_UPLOADS: Mapping[str, Upload] = {"image_upload": "image", "video_upload": "video", "audio_upload": "audio"}
_PAID_KEYS = ("AUTH_TOKEN_COMFY_ORG", "API_KEY_COMFY_ORG")
_MODEL_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".sft", ".gguf", ".onnx", ".pkl")


MOST_CHOICES = 50_000
"""Choices of one input that are read; no folder of models has more."""


def looks_like_model_file(value: object) -> bool:
    """Tell whether a text is the name of a file of weights, by its extension."""
    return isinstance(value, str) and value.lower().endswith(_MODEL_SUFFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSchema:
    """One input of a node class."""

    name: str
    type: str
    """The link type (`MODEL`, `INT` …); `COMBO` for both styles of combo."""
    required: bool = False
    default: Value | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    choices: tuple[str, ...] | None = None
    """What a combo offers; `None` where it is no combo, empty where the server has nothing to offer."""
    multiline: bool = False
    dynamic_prompts: bool = False
    seed: bool = False
    """Whether the class says the value changes after each run, or its name is one every frontend treats so."""
    upload: Upload | None = None
    widget: bool = False
    """Whether it can hold a literal; otherwise only a link."""
    path: bool = False
    """Whether the class says that the text is a path on the server's machine."""

    @property
    def offers_models(self) -> bool:
        return self.choices is not None and any(looks_like_model_file(choice) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class NodeSchema:
    """One node class."""

    class_type: str
    title: str
    inputs: Mapping[str, InputSchema] = field(default_factory=dict[str, InputSchema])
    outputs: tuple[tuple[str, str], ...] = ()
    """Name and type of each output slot."""
    is_output: bool = False
    category: str = ""
    paid: bool = False
    """Whether it calls a service that costs money: `api_node`, or it takes the key of ComfyUI's paid services."""
    module: str = ""
    """Python module it comes from: `nodes`, `comfy_extras.…` or `custom_nodes.…`."""

    def output_type(self, slot: int) -> str | None:
        return self.outputs[slot][1] if 0 <= slot < len(self.outputs) else None


class ObjectInfo:
    """Typed reading of a raw `/object_info`; whatever is malformed in it counts as not there."""

    def __init__(self, raw: Mapping[str, Any], server: str = "") -> None:
        self.raw = raw
        self.server = server
        """What the server that says so is called; empty where that does not matter."""
        self._nodes: dict[str, NodeSchema | None] = {}

    def __contains__(self, class_type: object) -> bool:
        return isinstance(class_type, str) and self.node(class_type) is not None

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.raw)

    def node(self, class_type: str) -> NodeSchema | None:
        """Return what is known of a class, `None` when the server has no such class."""
        if class_type not in self._nodes:
            self._nodes[class_type] = _node(class_type, self.raw.get(class_type))
        return self._nodes[class_type]

    def input(self, class_type: str, name: str) -> InputSchema | None:
        """Return what is known of an input; a dotted name of a dynamic combo is found by its full path."""
        node = self.node(class_type)
        return node.inputs.get(name) if node else None

    def choices(self, class_type: str, name: str) -> tuple[str, ...] | None:
        """Return what a combo of a class offers, `None` when there is no such combo."""
        found = self.input(class_type, name)
        return found.choices if found else None


def _mapping(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return cast(Sequence[Any], value) if isinstance(value, list | tuple) else ()


def _node(class_type: str, raw: object) -> NodeSchema | None:
    if not isinstance(raw, Mapping):
        return None
    data = _mapping(cast(object, raw))
    sections = _mapping(data.get("input"))
    inputs: dict[str, InputSchema] = {}
    for section in ("required", "optional"):
        for name, spec in _mapping(sections.get(section)).items():
            _add_input(inputs, name, spec, required=section == "required", depth=0)
    types = [str(each) if isinstance(each, str) else "COMBO" for each in _sequence(data.get("output"))]
    names = [str(each) for each in _sequence(data.get("output_name"))]
    outputs = tuple((names[i] if i < len(names) else kind, kind) for i, kind in enumerate(types))
    title = data.get("display_name")
    return NodeSchema(
        class_type,
        title if isinstance(title, str) and title else class_type,
        inputs,
        outputs,
        data.get("output_node") is True,
        str(data.get("category") or ""),
        _is_paid(data, sections),
        str(data.get("python_module") or ""),
    )


def _is_paid(data: Mapping[str, Any], sections: Mapping[str, Any]) -> bool:
    hidden = str(_mapping(sections.get("hidden")))
    if data.get("api_node") is True or any(key in hidden for key in _PAID_KEYS):
        return True
    # Older servers have no flag, only the folder of their menu.
    return "api_node" not in data and str(data.get("category") or "").lower().startswith("api node")


def _add_input(
    inputs: dict[str, InputSchema], name: str, spec: object, *, required: bool, depth: int
) -> None:
    parts = _sequence(spec)
    if not parts:
        return
    kind, options = parts[0], _mapping(parts[1] if len(parts) > 1 else None)
    if kind == "COMFY_DYNAMICCOMBO_V3" and depth < 4:
        _add_dynamic(inputs, name, options, depth=depth)
    inputs[name] = _input(name, kind, options, required=required)


def _add_dynamic(
    inputs: dict[str, InputSchema], name: str, options: Mapping[str, Any], *, depth: int
) -> None:
    """Add the inputs of every option of a dynamic combo under their dotted names."""
    for option in _sequence(options.get("options")):
        sections = _mapping(_mapping(option).get("inputs"))
        for section in ("required", "optional"):
            for inner, spec in _mapping(sections.get(section)).items():
                if f"{name}.{inner}" not in inputs:
                    _add_input(inputs, f"{name}.{inner}", spec, required=False, depth=depth + 1)


def _input(name: str, kind: object, options: Mapping[str, Any], *, required: bool) -> InputSchema:
    listed = isinstance(kind, list | tuple)
    type_ = "COMBO" if listed else str(kind)
    offered = cast(object, kind) if listed else options.get("options")
    choices = _choices(offered) if _is_combo(type_) else None
    flag = options.get("control_after_generate")
    seed = type_ == "INT" and (name in {"seed", "noise_seed"} if flag is None else flag is not False)
    upload: Upload | None = next((_UPLOADS[key] for key in _UPLOADS if options.get(key) is True), None)
    return InputSchema(
        name=name,
        type="COMBO" if choices is not None else type_,
        required=required,
        default=_default(options.get("default"), choices),
        minimum=_number(options.get("min")),
        maximum=_number(options.get("max")),
        step=_number(options.get("step")),
        choices=choices,
        multiline=options.get("multiline") is True,
        dynamic_prompts=options.get("dynamicPrompts") is True,
        seed=seed,
        upload=upload,
        widget=_is_widget(type_, options),
        path=any(str(key).endswith("path_extensions") for key in options),
    )


def _is_combo(type_: str) -> bool:
    return type_ in {"COMBO", "COMFY_DYNAMICCOMBO_V3"}


def _is_widget(type_: str, options: Mapping[str, Any]) -> bool:
    if options.get("forceInput") is True:
        return False
    return "widgetType" in options or any(part in _WIDGET_TYPES for part in type_.split(","))


def _choices(raw: object) -> tuple[str, ...]:
    found: list[str] = []
    for each in _sequence(raw)[:MOST_CHOICES]:
        key = _mapping(cast(object, each)).get("key") if isinstance(each, Mapping) else each
        if isinstance(key, str | int | float):
            found.append(str(key))
    return tuple(found)


def _default(raw: object, choices: tuple[str, ...] | None) -> Value | None:
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    if isinstance(raw, str | int | float):
        return raw
    return choices[0] if choices else None


def _number(raw: object) -> int | float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return raw if isinstance(raw, int) or math.isfinite(raw) else None
