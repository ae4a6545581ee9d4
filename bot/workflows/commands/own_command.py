"""From a workflow to its own slash command: which options it has, what they take, and how they are called.

Discord's rules: names of 1 to 32 letters, digits, hyphens and underscores in lower case, different from each other in
every language; descriptions of 1 to 100 characters; at most 25 options and 25 choices; whole numbers within 2^53-1.
"""

import math

from bot.i18n import N_
from bot.workflows.binding.size import ASPECTS
from bot.workflows.commands.naming import Names, described, option_names, texts
from bot.workflows.model.options import Option, OptionChoice, OptionKind, OwnCommand
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.standard import importance, split_name
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM, Value
from bot.workflows.model.workflow import ASPECT, Workflow

MOST_OPTIONS = 25
MOST_CHOICES = 25
LONGEST_VALUE = 100
LONGEST_TEXT = 4000
"""What a form can hold; Discord would take 6000 in a command."""

COUNT, PRIVATE, PRIORITY, EXTRA = "count", "private", "priority", "extra"

SAID = {
    "prompt": N_("What it should be, in your own words"),
    "negative_prompt": N_("What it should not be"),
    "image": N_("A picture to start from"),
    "mask": N_("What to change in the picture: white is changed, black stays"),
    ASPECT: N_("Shape of the picture"),
    "model": N_("Which model makes it"),
    "lora": N_("Styles to add, such as name:0.8, other:0.5"),
    "seed": N_("The same number with the same settings gives the same picture"),
    COUNT: N_("How many"),
    "steps": N_("More steps take longer and often look better"),
    "cfg": N_("How closely to follow the prompt"),
    "sampler": N_("How noise becomes a picture"),
    "scheduler": N_("How the steps are spread"),
    "denoise": N_("How much of the picture may change: 0 nothing, 1 everything"),
    "width": N_("Width in pixels"),
    "height": N_("Height in pixels"),
    PRIORITY: N_("Go before others of this server; for moderators"),
    PRIVATE: N_("Show it to you only"),
    EXTRA: N_("Any other setting of the workflow, as name=value, …"),
}


def own_command(workflow: Workflow) -> OwnCommand | None:
    """Return the command a workflow's manifest asks for; `None` where it asks for none."""
    if workflow.command is None:
        return None
    parameters = sorted(
        (each for each in workflow.parameters.values() if each.fixed is None and not each.hidden),
        key=lambda each: (not _insisted(each), not each.required, importance(each.name)),
    )
    named = [each.name for each in parameters]
    if workflow.takes(ASPECT) and ASPECT not in named:
        before = [each for each in parameters if each.required or importance(each.name) < importance(ASPECT)]
        named.insert(len(before), ASPECT)
    service = [name for name in (COUNT, PRIVATE, PRIORITY) if name not in workflow.parameters]
    left: list[str] = []
    if len(named) + len(service) > MOST_OPTIONS:
        room = MOST_OPTIONS - len(service) - 1
        named, left = named[:room], named[room:]
        service.append(EXTRA)
    names = Names([*named, *service])
    options = [_option(workflow, name, names) for name in named]
    options += [_service(workflow, name, names) for name in service]
    title = texts(workflow.title)
    return OwnCommand(
        name=workflow.command,
        workflow=workflow.name,
        names={code: made for code, text in title.items() if code != "en" and (made := option_names(text))},
        description=described(workflow.description, fallback=workflow.title.in_("en") or workflow.name)[0],
        descriptions=described(workflow.description or workflow.title, fallback=workflow.name)[1],
        options=tuple(options),
        left=tuple(left),
    )


def _option(workflow: Workflow, name: str, names: Names) -> Option:
    if name == ASPECT and ASPECT not in workflow.parameters:
        return _service(workflow, name, names)
    parameter = workflow.parameters[name]
    base, _ = split_name(name)
    own, translated = names.of(name, parameter.title)
    written = parameter.description or (None if base in SAID else parameter.title)
    said, said_elsewhere = described(written, fallback=SAID.get(base, name))
    kind = _kind(parameter)
    choices = _choices(parameter, kind)
    minimum, maximum = _bounds(parameter, kind) if not choices else (None, None)
    return Option(
        name=own,
        parameter=name,
        kind=kind,
        names=translated,
        description=said,
        descriptions=said_elsewhere,
        minimum=minimum,
        maximum=maximum,
        choices=choices,
        suggested=not choices and parameter.type in {ParameterType.MODEL, ParameterType.CHOICE},
        required=_insisted(parameter),
    )


def _insisted(parameter: Parameter) -> bool:
    """Whether it is a prompt that the workflow cannot do without; everything else a form can ask for."""
    usual = "" if parameter.required else str(parameter.default or "")
    return parameter.name == "prompt" and not usual.strip()


def _service(workflow: Workflow, name: str, names: Names) -> Option:
    own, translated = names.of(name)
    said, said_elsewhere = described(None, fallback=SAID[name])
    kinds = {COUNT: OptionKind.INTEGER, PRIVATE: OptionKind.BOOLEAN, PRIORITY: OptionKind.BOOLEAN}
    kind = kinds.get(name, OptionKind.TEXT)
    most = workflow.limits.count or 100
    return Option(
        name=own,
        parameter=name,
        kind=kind,
        names=translated,
        description=said,
        descriptions=said_elsewhere,
        minimum=1 if kind is OptionKind.INTEGER or name == EXTRA else None,
        maximum={COUNT: min(most, 100), EXTRA: LONGEST_TEXT}.get(name),
        choices=tuple(OptionChoice(each, each) for each in ASPECTS) if name == ASPECT else (),
        service=name != ASPECT,
    )


def _kind(parameter: Parameter) -> OptionKind:
    if parameter.type.is_file:
        return OptionKind.FILE
    match parameter.type:
        case ParameterType.INTEGER:
            return OptionKind.INTEGER
        case ParameterType.NUMBER:
            return OptionKind.NUMBER
        case ParameterType.BOOLEAN:
            return OptionKind.BOOLEAN
        case _:
            return OptionKind.TEXT


def _bounds(parameter: Parameter, kind: OptionKind) -> tuple[int | float | None, int | float | None]:
    """Return the range within what Discord takes; lengths for texts."""
    low, high = parameter.minimum, parameter.maximum
    match kind:
        case OptionKind.TEXT:
            return (1, 300 if parameter.type is not ParameterType.TEXT else LONGEST_TEXT)
        case OptionKind.INTEGER:
            least = None if low is None else math.ceil(_within(low))
            most = None if high is None else math.floor(_within(high))
        case OptionKind.NUMBER:
            least = None if low is None else float(_within(low))
            most = None if high is None else float(_within(high))
        case _:
            return None, None
    return (None, None) if least is not None and most is not None and least > most else (least, most)


def _within(bound: int | float) -> int | float:
    return max(-DRAWN_SEED_MAXIMUM, min(bound, DRAWN_SEED_MAXIMUM))


def _choices(parameter: Parameter, kind: OptionKind) -> tuple[OptionChoice, ...]:
    """Return the choices where Discord can show all of them; a long value is sent by its label."""
    if parameter.type is ParameterType.MODEL or not 0 < len(parameter.choices) <= MOST_CHOICES:
        return ()
    if kind not in {OptionKind.TEXT, OptionKind.INTEGER, OptionKind.NUMBER}:
        return ()
    found: dict[str | int | float, OptionChoice] = {}
    taken: set[str] = set()
    for choice in parameter.choices:
        label = (choice.label.in_("en") or str(choice.value)).strip()
        value = _sent(choice.value, label, kind)
        if value is None or not label or label[:LONGEST_VALUE] in taken:
            return ()
        taken.add(label[:LONGEST_VALUE])
        labels = {
            code: text[:LONGEST_VALUE] for code, text in choice.label.texts.items() if code != "en" and text
        }
        found.setdefault(value, OptionChoice(label[:LONGEST_VALUE], value, labels))
    return tuple(found.values())


def _sent(value: Value, label: str, kind: OptionKind) -> str | int | float | None:
    if kind is OptionKind.TEXT:
        return next(
            (text for text in (str(value), label) if text.strip() and len(text) <= LONGEST_VALUE),
            None,
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > DRAWN_SEED_MAXIMUM:
        return None
    if kind is OptionKind.INTEGER:
        return int(value) if float(value).is_integer() else None
    return float(value)
