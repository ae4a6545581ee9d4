"""Workflows' own slash commands, made from what is planned of them: typed options, suggestions, translated names."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.forms.numbers import NUMBERED
from bot.ui.forms.suggestions import Suggestions, choices
from bot.ui.requests.command_input import Given
from bot.ui.requests.fixing import carry_out_command
from bot.ui.requests.typed import WORKFLOW, offer_numbers, typed_so_far
from bot.ui.requests.usable_workflows import usable
from bot.workflows.model.options import Option, OptionKind, OwnCommand
from bot.workflows.model.values import Value

Interaction = discord.Interaction[ComfyBot]
OwnSlashCommand = app_commands.Command[Any, ..., None]

TYPES: dict[OptionKind, discord.AppCommandOptionType] = {
    OptionKind.TEXT: discord.AppCommandOptionType.string,
    OptionKind.INTEGER: discord.AppCommandOptionType.integer,
    OptionKind.NUMBER: discord.AppCommandOptionType.number,
    OptionKind.BOOLEAN: discord.AppCommandOptionType.boolean,
    OptionKind.FILE: discord.AppCommandOptionType.attachment,
}
_PLAIN: dict[OptionKind, Any] = {
    OptionKind.TEXT: str,
    OptionKind.INTEGER: int,
    OptionKind.NUMBER: float,
    OptionKind.BOOLEAN: bool,
    OptionKind.FILE: discord.Attachment,
}


def slash_command(own: OwnCommand, suggestions: Suggestions) -> OwnSlashCommand:
    """Return the command, ready for the tree.

    Nothing but a prompt is required: what else is missing is asked for in a form, as with `/generate`.
    """
    options = {f"option_{number}": option for number, option in enumerate(own.options)}

    async def use(interaction: Interaction, **given: Any) -> None:
        await _use(
            interaction, own, [(options[key], each) for key, each in given.items() if each is not None]
        )

    signature = [inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    signature += [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if option.required else None,
            annotation=_annotation(option),
        )
        for key, option in options.items()
    ]
    cast("Any", use).__signature__ = inspect.Signature(signature)
    names = {key: _said(option.name, option.names) for key, option in options.items()}
    descriptions = {key: _said(option.description, option.descriptions) for key, option in options.items()}
    app_commands.rename(**names)(use)
    app_commands.describe(**descriptions)(use)
    app_commands.choices(**{key: _choices(option) for key, option in options.items() if option.choices})(use)
    command: OwnSlashCommand = app_commands.Command(
        name=_said(own.name, own.names),
        description=_said(own.description, own.descriptions),
        callback=cast("Any", use),
    )
    for key, option in options.items():
        if option.suggested or (option.parameter in NUMBERED and not option.choices):
            offer: Any = _offering(own, option.parameter, suggestions)
            command.autocomplete(key)(offer)
    app_commands.guild_only()(command)
    app_commands.allowed_installs(guilds=True, users=False)(command)
    return command


async def _use(interaction: Interaction, own: OwnCommand, given: Sequence[tuple[Option, Any]]) -> None:
    _refuse_outdated(interaction, own)
    files: dict[str, discord.Attachment] = {}
    values: dict[str, Value] = {}
    service: dict[str, Any] = {}
    for option, value in given:
        if option.service:
            service[option.parameter] = value
        elif isinstance(value, discord.Attachment):
            files[option.parameter] = value
        else:
            values[option.parameter] = value
    await carry_out_command(interaction, Given(workflow=own.workflow, values=values, files=files, **service))


def _refuse_outdated(interaction: Interaction, own: OwnCommand) -> None:
    """Refuse what a client sent that still shows the command as it was before its workflow changed."""
    known = {option.name: TYPES[option.kind].value for option in own.options}
    sent = cast("list[dict[str, Any]]", (interaction.data or {}).get("options") or [])
    if any(known.get(str(option["name"])) != option.get("type") for option in sent):
        raise UserError("This command has just changed. Please wait a minute and type it again.")


def _said(text: str, elsewhere: Mapping[str, str]) -> app_commands.locale_str:
    """Return a text with translations of its own; see `CommandTranslator`."""
    return app_commands.locale_str(text, own=elsewhere)


def _annotation(option: Option) -> Any:
    plain = _PLAIN[option.kind]
    bounded = option.minimum is not None or option.maximum is not None
    ranged: Any = app_commands.Range
    if bounded and not option.choices:
        plain = ranged[plain, option.minimum, option.maximum]
    return plain if option.required else plain | None


def _choices(option: Option) -> list[app_commands.Choice[Any]]:
    return [
        app_commands.Choice(name=_said(each.label, each.labels), value=each.value) for each in option.choices
    ]


def _offering(
    own: OwnCommand, parameter: str, suggestions: Suggestions
) -> Callable[[Interaction, str], Awaitable[list[app_commands.Choice[Any]]]]:
    parameters = {option.name: option.parameter for option in own.options}

    async def offer(interaction: Interaction, current: str) -> list[app_commands.Choice[Any]]:
        typed = {parameters.get(name, name): value for name, value in typed_so_far(interaction).items()}
        if parameter in NUMBERED:
            return await offer_numbers(interaction, parameter, current, {**typed, WORKFLOW: own.workflow})
        workflow = next((each for each in await usable(interaction) if each.name == own.workflow), None)
        if parameter == "lora":
            return choices(suggestions.loras(workflow, current, model=typed.get("model")))
        return choices(suggestions.values(parameter, workflow, current))

    return offer
