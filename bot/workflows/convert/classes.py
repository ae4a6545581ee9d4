"""What the converter has to know of a node class: its inputs in order, and which of them are widgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bot.workflows.convert.document import mapping, sequence

COMBO = "COMBO"
DYNAMIC = "COMFY_DYNAMICCOMBO_V3"
AUTOGROW = "COMFY_AUTOGROW_V3"
_WIDGETS = frozenset({
    "INT", "FLOAT", "BOOLEAN", "STRING", COMBO, DYNAMIC, "COLOR", "COLORS", "MARKDOWN", "TEXTAREA", "CURVE", "RANGE",
    "CHART", "GALLERIA", "PAINTER", "COMPOSITOR", "BOUNDING_BOX", "BOUNDING_BOXES", "VIDEO_EDIT", "IMAGECOMPARE",
    "RESOLUTION_PREVIEW", "IMAGEUPLOAD", "AUDIO_RECORD", "WEBCAM", "LOAD_3D", "LOAD_3D_ANIMATION", "PREVIEW_3D",
    "PREVIEW_3D_ANIMATION",
})  # fmt: skip
"""Types for which the frontend draws a widget, which then takes a place among the saved values."""
_SHOWN_ONLY = frozenset({"IMAGECOMPARE", "RESOLUTION_PREVIEW"})
"""Those that only show something; what they keep is no value for the server."""
_SEEDS = frozenset({"seed", "noise_seed"})
_NOTHING: Mapping[str, Any] = {}


class Missing:
    """The absence of a value, where `None` is one."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a class."""

    name: str
    type: str
    options: Mapping[str, Any]
    listed: Sequence[Any] | None = None
    """What an old-style combo offers."""
    required: bool = False
    plain: bool = False
    """Whether it is the option of a dynamic combo, where the name `seed` means nothing by itself."""

    @property
    def forced(self) -> bool:
        return bool(self.options.get("forceInput"))

    @property
    def widget(self) -> bool:
        kind = self.options.get("widgetType") or self.type
        return not self.forced and isinstance(kind, str) and kind in _WIDGETS

    @property
    def shown_only(self) -> bool:
        return self.type in _SHOWN_ONLY

    @property
    def offered(self) -> Sequence[Any] | None:
        """What a combo offers; `None` where it is none or its choices come from elsewhere."""
        if self.type != COMBO:
            return None
        if self.listed is not None:
            return self.listed
        options = self.options.get("options")
        return cast("list[Any]", options) if isinstance(options, list) else None

    @property
    def controls(self) -> int:
        """How many further values the frontend saves behind this one: how it changes after a run, and a filter."""
        flag = self.options.get("control_after_generate")
        if self.type == "INT":
            by_name = self.name in _SEEDS and not self.plain
            return int(by_name if flag is None else bool(flag))
        return 2 if self.type == COMBO and flag else 0

    @property
    def default(self) -> object:
        """Return the value of a widget nobody has touched, `MISSING` where there is none."""
        if (own := self.options.get("default")) is not None:
            return own
        match self.type:
            case "INT" | "FLOAT":
                least = self.options.get("min")
                return least if isinstance(least, int | float) and least > 0 else 0
            case "BOOLEAN":
                return False
            case "COMBO":
                return next(iter(self.offered or ()), MISSING)
            case "COMFY_DYNAMICCOMBO_V3":
                return next((each.get("key") for each in self._branches()), MISSING)
            case _:
                return ""

    def _branches(self) -> Iterator[Mapping[str, Any]]:
        return (mapping(each) for each in sequence(self.options.get("options")))

    def inner(self, key: object) -> tuple["Field", ...]:
        """Return the inputs that a dynamic combo has under this key, by their dotted names."""
        if self.type != DYNAMIC:
            return ()
        branch = next((each for each in self._branches() if each.get("key") == key), _NOTHING)
        found = _fields(mapping(branch.get("inputs")), _NOTHING)
        return tuple(
            Field(f"{self.name}.{each.name}", each.type, each.options, each.listed, plain=True)
            for each in found
        )


@dataclass(frozen=True, slots=True)
class NodeClass:
    """One node class of the server."""

    name: str
    title: str
    fields: tuple[Field, ...]
    outputs: tuple[str, ...]
    """Types of its outputs."""
    is_output: bool
    core: bool
    """Whether it is ComfyUI's own, so that nothing but its own frontend has written its values."""
    broadcasts: bool
    """Whether it neither gives nor keeps anything: it is there for what a pack does in the browser."""

    @property
    def widgets(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.widget)


class Classes:
    """The classes of a server, each read once when it is needed."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._read: dict[str, NodeClass | None] = {}

    def get(self, name: str) -> NodeClass | None:
        if name not in self._read:
            raw = self._raw.get(name)
            self._read[name] = _class(name, mapping(cast(object, raw))) if isinstance(raw, Mapping) else None
        return self._read[name]


def _class(name: str, data: Mapping[str, Any]) -> NodeClass:
    title, module = data.get("display_name"), str(data.get("python_module") or "")
    outputs = tuple(each if isinstance(each, str) else COMBO for each in sequence(data.get("output")))
    fields = tuple(_fields(mapping(data.get("input")), mapping(data.get("input_order"))))
    is_output = data.get("output_node") is True
    return NodeClass(
        name,
        title if isinstance(title, str) and title else name,
        fields,
        outputs,
        is_output,
        core=module == "nodes" or module.startswith(("comfy_extras.", "comfy_api_nodes.")),
        broadcasts=not outputs and not is_output,
    )


def _fields(sections: Mapping[str, Any], orders: Mapping[str, Any]) -> Iterator[Field]:
    for section in ("required", "optional"):
        inputs = mapping(sections.get(section))
        first = [each for each in sequence(orders.get(section)) if isinstance(each, str) and each in inputs]
        for name in dict.fromkeys([*first, *inputs]):
            if (field := _field(name, inputs[name], required=section == "required")) is not None:
                yield field


def _field(name: str, raw: object, *, required: bool) -> Field | None:
    parts = sequence(raw)
    if not parts:
        return None
    kind, options = parts[0], mapping(parts[1] if len(parts) > 1 else None)
    if isinstance(kind, list):
        return Field(name, COMBO, options, cast(list[Any], kind), required)
    return Field(name, kind, options, None, required) if isinstance(kind, str) else None
