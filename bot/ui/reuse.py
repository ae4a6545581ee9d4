"""A picture goes on: made larger, or the input of something new; whether ours or from anybody's message."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.request import InputRef, Origin, OriginKind, Request, Value
from bot.ui.forms import Form
from bot.ui.looking import usable
from bot.ui.people import requester_of
from bot.ui.replies import language, shorten
from bot.ui.submission import Wish, carry_out
from bot.ui.variation import picture_parameter, suits_a_picture
from bot.workflows.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]
MOST_WORKFLOWS = 25
"""As many as a menu takes."""
AMOUNTS = (0.35, 0.6, 0.85)
USUAL = "-"
NO_INPUTS: Mapping[str, InputRef] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to go on from; `bring` keeps it as an input, and raises `UserError` where it is gone."""

    bring: Callable[[Interaction], Awaitable[InputRef]]
    prompt: str = ""
    """The words it was made from, if they are known."""
    private: bool = False
    spoiler: bool = False
    job: int | None = None
    ordinal: int | None = None
    address: str | None = None

    def origin(self, kind: OriginKind) -> Origin:
        """Return what the new job's card says of where it comes from."""
        return Origin(kind=kind, job=self.job, ordinal=self.ordinal, address=self.address, words=self.prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be made of a picture; `parameter` is where it goes, None where the picture itself is not needed."""

    kind: OriginKind
    workflow: Workflow
    parameter: str | None
    values: dict[str, Value]
    ignored: tuple[str, ...] = ()


async def go_on(
    interaction: Interaction, picture: Picture, plan: Plan, *, inputs: Mapping[str, InputRef] = NO_INPUTS
) -> None:
    """Make a job of it, as one of whoever asks; `inputs` are kept already. Raises `UserError` before anything shows."""
    request = Request(
        requester=await requester_of(interaction),
        workflow=plan.workflow.name,
        values=plan.values,
        inputs=inputs,
        private=picture.private,
        spoiler=picture.spoiler,
        origin=picture.origin(plan.kind),
    )
    bring = {} if plan.parameter is None else {plan.parameter: partial(picture.bring, interaction)}
    await carry_out(interaction, Wish(request=request, pictures=bring, ignored=plan.ignored))


async def make_larger(interaction: Interaction, picture: Picture) -> None:
    """Run the server's upscale workflow on a picture."""
    services = interaction.client.services
    rules = await services.policy.rules(interaction.guild_id)
    workflow = services.library.find(rules.upscale)
    parameter = picture_parameter(workflow) if workflow is not None and workflow.enabled else None
    if workflow is None or parameter is None:
        raise UserError(
            "Nothing can be made larger here: there is no workflow “{name}” that can be used and takes a picture. "
            "Please tell whoever runs the bot.",
            name=rules.upscale,
        )
    values: dict[str, Value] = (
        {"prompt": picture.prompt} if picture.prompt and workflow.takes("prompt") else {}
    )
    plan = Plan(kind=OriginKind.UPSCALE, workflow=workflow, parameter=parameter, values=values)
    await go_on(interaction, picture, plan)


async def ask_what_to_make(interaction: Interaction, picture: Picture) -> None:
    """Open the form for what a picture is to become."""
    able = await able_workflows(interaction)
    await interaction.response.send_modal(
        UseForm(picture, able, language(interaction), f"job:use-form:{interaction.id}")
    )


async def able_workflows(interaction: Interaction) -> tuple[Workflow, ...]:
    """Return what this person can make of a picture here, the usual first; raises `UserError` where that is nothing."""
    able = [each for each in await usable(interaction) if suits_a_picture(each)]
    if not able:
        raise UserError("No workflow that can be used at present takes a picture.")
    usual = interaction.client.services.library.find("img2img")
    # What takes words comes first: an upscaler does nothing with them.
    able.sort(key=lambda each: (each is not usual, not each.takes("prompt")))
    return tuple(able[:MOST_WORKFLOWS])


class UseForm(Form):
    """Asks for words, for the workflow where there are several, and for how much may change."""

    def __init__(self, picture: Picture, able: tuple[Workflow, ...], lang: Language, custom_id: str) -> None:
        super().__init__(lang.t("What should it become?"), custom_id)
        self.picture = picture
        self.able = able
        self.prompt = self.add_text(
            lang.t("Prompt"),
            default=picture.prompt,
            paragraph=True,
            description=lang.t("Describe the picture in your own words."),
        )
        self.amount = self._menu(
            lang.t("How much may change"),
            [
                discord.SelectOption(label=label, value=value, default=value == USUAL)
                for label, value in (
                    (lang.t("As usual"), USUAL),
                    (lang.t("A little"), str(AMOUNTS[0])),
                    (lang.t("About half"), str(AMOUNTS[1])),
                    (lang.t("Almost everything"), str(AMOUNTS[2])),
                )
            ],
        )
        self.workflow = self._menu(
            lang.t("Workflow"),
            [
                discord.SelectOption(
                    label=shorten(each.title.in_(lang.code) or each.name, 100),
                    description=shorten(each.description.in_(lang.code), 100) or None,
                    value=each.name[:100],
                    default=number == 0,
                )
                for number, each in enumerate(able)
            ],
        )

    def _menu(
        self, label: str, options: list[discord.SelectOption]
    ) -> discord.ui.Select[discord.ui.LayoutView]:
        menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(options=options, required=False)
        self.add_item(discord.ui.Label(text=shorten(label, 45), component=menu))
        return menu

    async def submitted(self, interaction: Interaction) -> None:
        """Make a job of the picture and what was written."""
        name = self.workflow.values[0] if self.workflow.values else self.able[0].name
        workflow = interaction.client.services.library.get(name)
        amount = self.amount.values[0] if self.amount.values else USUAL
        wanted: dict[str, Value] = {"prompt": self.prompt.value.strip()}
        if amount != USUAL:
            wanted["denoise"] = float(amount)
        # Words that were there already are no loss where a workflow does nothing with them.
        ignored = [
            each
            for each in wanted
            if not workflow.takes(each) and wanted[each] not in {self.picture.prompt, ""}
        ]
        plan = Plan(
            kind=OriginKind.USE,
            workflow=workflow,
            parameter=picture_parameter(workflow),
            values={each: value for each, value in wanted.items() if workflow.takes(each)},
            ignored=tuple(ignored),
        )
        if plan.parameter is None:
            raise UserError("“{workflow}” takes no picture any more.", workflow=workflow.name)
        if not wanted["prompt"] and workflow.takes("prompt"):
            raise UserError("Please say in words what it should become.")
        await go_on(interaction, self.picture, plan)
