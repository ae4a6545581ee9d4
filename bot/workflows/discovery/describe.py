"""What a parameter is: its type, range and choices, by what the classes of its places say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.workflows.discovery.collect import Find
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import InputSchema, ObjectInfo, looks_like_model_file
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.standard import split_name, standard_title
from bot.workflows.model.values import SEED_MAXIMUM, LocalText, Value, english

_FILES = {
    "image": ParameterType.IMAGE,
    "control_image": ParameterType.IMAGE,
    "mask": ParameterType.MASK,
    "video": ParameterType.VIDEO,
    "audio": ParameterType.AUDIO,
}
_TEXTS = frozenset({"prompt", "negative_prompt", "lyrics", "tags"})
_WEIGHTS = frozenset({"model", "lora", "vae", "text_encoder", "control_model", "upscale_model"})
_FLOATS = frozenset(
    {"cfg", "guidance", "denoise", "lora_strength", "control_strength", "fps", "seconds", "megapixels"}
)
_CHOSEN = frozenset({"sampler", "scheduler", "aspect"})
_RANGES: Mapping[str, tuple[int | float | None, int | float | None]] = {
    "seed": (0, SEED_MAXIMUM),
    "steps": (1, 10_000),
    "cfg": (0.0, 100.0),
    "denoise": (0.0, 1.0),
    "megapixels": (0.01, 64.0),
    "width": (16, 16_384),
    "height": (16, 16_384),
    "batch": (1, 4096),
    "length": (1, 16_384),
}
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
STANDARD = {
    *_FILES,
    *_TEXTS,
    *_WEIGHTS,
    *_FLOATS,
    *_CHOSEN,
    "seed",
    "steps",
    "width",
    "height",
    "batch",
    "length",
}
_TYPE_OF_INPUT = {
    "INT": ParameterType.INTEGER,
    "FLOAT": ParameterType.NUMBER,
    "BOOLEAN": ParameterType.BOOLEAN,
    "COMBO": ParameterType.CHOICE,
    "COMFY_DYNAMICCOMBO_V3": ParameterType.CHOICE,
}


def parameter_at(tracer: Tracer, name: str, places: Sequence[Place]) -> Parameter:
    """Return the parameter that fills the given places, typed by what their classes and literals say."""
    base, number = split_name(name)
    finds = [Find(base, place, _asked(tracer, place)) for place in places]
    if base in STANDARD:
        return replace(describe(tracer, base, number, finds), name=name)
    found = describe(tracer, base, number, finds, type_=_plain_type(tracer, finds[0].asked))
    return replace(found, name=name, title=english(name))


def _asked(tracer: Tracer, place: Place) -> Place:
    """Return the input that takes a value: the place itself, or where nothing is known of it, the one it feeds."""
    known = tracer.input(*place)
    if known is not None and known.type != "*":
        return place
    feeds = ((reader, name) for reader, name, _ in tracer.readers(place[0]))
    return next((each for each in feeds if literal(tracer, *each) == place and tracer.input(*each)), place)


def _plain_type(tracer: Tracer, place: Place) -> ParameterType:
    """Return the type of an input that is none of the standard ones."""
    known = tracer.input(*place)
    if known is not None and known.upload is not None:
        return _FILES[known.upload]
    value = tracer.value(place)
    if looks_like_model_file(value) or (known is not None and known.offers_models):
        return ParameterType.MODEL
    return _TYPE_OF_INPUT.get(tracer.type_of(*place), ParameterType.TEXT)


def describe(
    tracer: Tracer, base: str, number: int, finds: Sequence[Find], *, type_: ParameterType | None = None
) -> Parameter:
    name = base if number == 1 else f"{base}{number}"
    schemas = [found for find in finds if (found := tracer.input(*find.asked)) is not None]
    type_ = type_ or _type(base, tracer.value(finds[0].place), schemas)
    values = {repr(tracer.value(find.place)): tracer.value(find.place) for find in finds}
    default = (
        default_value(next(iter(values.values())), type_) if len(values) == 1 or base == "seed" else None
    )
    minimum, maximum, step = _range(base, type_, schemas)
    numbers = _numbers_offered(type_, schemas)
    return Parameter(
        name=name,
        type=ParameterType.CHOICE if numbers else type_,
        closed=bool(numbers),
        targets=tuple(dict.fromkeys(find.place for find in finds)),
        default=default,
        minimum=minimum,
        maximum=maximum,
        step=step,
        choices=numbers or _choices(type_, schemas),
        required=_is_required(tracer, base, number, finds, default),
        title=standard_title(name) or english(name),
        multiline=base in _TEXTS,
        reason=_reason(tracer, finds),
    )


def _type(base: str, value: object, schemas: Sequence[InputSchema]) -> ParameterType:
    if base in _FILES:
        return _FILES[base]
    if base in _WEIGHTS:
        return ParameterType.MODEL
    if base in _TEXTS:
        return ParameterType.TEXT
    if base in _CHOSEN:
        return ParameterType.CHOICE
    if base in _FLOATS:
        whole = (
            all(schema.type == "INT" for schema in schemas)
            if schemas
            else base == "fps" and isinstance(value, int)
        )
        return ParameterType.INTEGER if whole else ParameterType.NUMBER
    return ParameterType.INTEGER


def default_value(value: object, type_: ParameterType) -> Value | None:
    match type_:
        case ParameterType.INTEGER:
            return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        case ParameterType.NUMBER:
            return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else None
        case ParameterType.BOOLEAN:
            return value if isinstance(value, bool) else None
        case _:
            return value if isinstance(value, str) else None


def _range(
    base: str, type_: ParameterType, schemas: Sequence[InputSchema]
) -> tuple[int | float | None, int | float | None, int | float | None]:
    """Return the range that fits all inputs; the well-known one where no class says anything."""
    if not type_.is_numeric:
        return None, None, None
    low, high = _RANGES.get(base, (None, None))
    lows = [schema.minimum for schema in schemas if schema.minimum is not None]
    highs = [schema.maximum for schema in schemas if schema.maximum is not None]
    steps = [schema.step for schema in schemas if schema.step]
    minimum, maximum = (max(lows) if lows else low), (min(highs) if highs else high)
    if minimum is not None and maximum is not None and minimum > maximum:
        minimum, maximum = low, high
    step = max(steps) if steps else (8 if base in {"width", "height"} else None)
    return minimum, maximum, step


def _choices(type_: ParameterType, schemas: Sequence[InputSchema]) -> tuple[Choice, ...]:
    if type_ not in {ParameterType.CHOICE, ParameterType.MODEL}:
        return ()
    offered = [schema.choices for schema in schemas if schema.choices is not None]
    if not offered:
        return ()
    common = [each for each in offered[0] if all(each in other for other in offered[1:])]
    return tuple(Choice(each, LocalText()) for each in common)


def _numbers_offered(type_: ParameterType, schemas: Sequence[InputSchema]) -> tuple[Choice, ...]:
    """Return the numbers of a combo that takes only some, such as the seconds a service can do."""
    offered = [schema.choices for schema in schemas if schema.choices]
    if not type_.is_numeric or len(offered) != len(schemas) or not offered:
        return ()
    common = [each for each in offered[0] if all(each in other for other in offered[1:])]
    if not all(_NUMBER.fullmatch(each) for each in common):
        return ()
    return tuple(Choice(float(each) if "." in each else int(each), LocalText()) for each in common)


def _is_required(
    tracer: Tracer, base: str, number: int, finds: Sequence[Find], default: Value | None
) -> bool:
    if base == "prompt":
        return number == 1
    if base not in _FILES:
        return False
    if any(find.optional for find in finds):
        return False
    if number == 1:
        return True
    schema = tracer.input(*finds[0].asked)
    return schema is None or schema.choices is None or default not in schema.choices


def _reason(tracer: Tracer, finds: Sequence[Find]) -> str:
    """Return where it stands and, where it stands in a node of its own, what it is used for there."""
    told: list[str] = []
    for find in finds:
        place = f"{tracer.title(find.place[0])}.{find.place[1]}"
        used = f"{tracer.title(find.asked[0])}.{find.asked[1]}"
        told.append(place if find.asked == find.place else f"{place} → {used}")
    return ", ".join(" ".join(each.split()) for each in dict.fromkeys(told))


def inserted_lora(info: ObjectInfo | None) -> Parameter:
    """Return the parameter of a graph without LoRA loaders: `bind` puts them in."""
    offered = info.choices("LoraLoaderModelOnly", "lora_name") if info else None
    if info is not None and offered is None:
        offered = info.choices("LoraLoader", "lora_name")
    return Parameter(
        name="lora",
        type=ParameterType.MODEL,
        choices=tuple(Choice(each, LocalText()) for each in offered or ()),
        title=standard_title("lora"),
    )
