"""The form for what a picture is to become; kept as a draft, so that neither a restart nor a mistake loses a word."""

import re
from functools import partial

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.request import OriginKind, Request, Value
from bot.ui.actions.reuse import Picture
from bot.ui.actions.variation import picture_parameter, suits_a_picture
from bot.ui.cards.words import named
from bot.ui.forms.formcard import fix_card
from bot.ui.forms.forms import add_menu, add_text, form, texts_sent
from bot.ui.interactions.components import Control, ids, permit
from bot.ui.interactions.people import requester_of
from bot.ui.interactions.replies import explain, language, refuse, reply, shorten
from bot.ui.requests.command_input import JobInput
from bot.ui.requests.submission import submit_request
from bot.ui.requests.usable_workflows import usable
from bot.users.form_drafts import Draft
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]
SENT = re.compile(r"use:form:(?P<draft>[0-9a-f]{8,32})")
PROMPT, AMOUNT, WORKFLOW = "prompt", "amount", "workflow"
"""The fields, in a draft and (behind `use:`) in the form."""
PICTURE = "picture"
USUAL = "-"
AMOUNTS = (0.35, 0.6, 0.85)
MOST_WORKFLOWS = 25
"""As many as a menu takes."""


class UseControl(Control, template=ids("use", "again")):
    """The way back to the form as it was filled in."""

    async def used(self, interaction: Interaction) -> None:
        """Open it again."""
        await permit(interaction)
        draft = await interaction.client.services.drafts.of(self.argument, interaction.user.id)
        await _open(interaction, draft, await able_workflows(interaction))


async def ask_what_to_make(interaction: Interaction, picture: Picture) -> None:
    """Open the form; the picture is fetched when it is sent."""
    able = await able_workflows(interaction)
    drafts = interaction.client.services.drafts
    draft = Draft(
        id=drafts.new_id(),
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        workflow=able[0].name,
        texts={PROMPT: picture.prompt} if picture.prompt else {},
        pictures={PICTURE: picture.source},
        private=picture.private,
        spoiler=picture.spoiler,
        origin=picture.origin(OriginKind.USE),
    )
    await drafts.keep(draft)
    await _open(interaction, draft, able)


async def able_workflows(interaction: Interaction) -> tuple[Workflow, ...]:
    """Return what this person can make of a picture here, the usual first; raises `UserError` where that is nothing."""
    able = [each for each in await usable(interaction) if suits_a_picture(each)]
    if not able:
        raise UserError("No workflow that can be used at present takes a picture.")
    usual = interaction.client.services.library.find("img2img")
    # What takes words comes first: an upscaler does nothing with them.
    able.sort(key=lambda each: (each is not usual, not each.takes("prompt")))
    return tuple(able[:MOST_WORKFLOWS])


async def sent(interaction: Interaction, draft_id: str) -> None:
    """Take in a form that was sent: keep what it says, then make it, or say what is wrong and offer it again."""
    await permit(interaction)
    drafts = interaction.client.services.drafts
    draft = await drafts.of(draft_id, interaction.user.id)
    said = texts_sent(interaction)
    draft = await drafts.change(
        draft, texts={name: said.get(f"use:{name}") or None for name in (PROMPT, AMOUNT, WORKFLOW)}
    )
    try:
        await _make(interaction, draft)
    except UserError as error:
        await _offer_again(interaction, draft, error)


async def _make(interaction: Interaction, draft: Draft) -> None:
    services, texts = interaction.client.services, draft.texts
    workflow = services.library.get(texts.get(WORKFLOW, draft.workflow))
    parameter = picture_parameter(workflow)
    if parameter is None:
        raise UserError("“{workflow}” takes no picture any more.", workflow=workflow.name)
    if not texts.get(PROMPT) and workflow.takes("prompt"):
        raise UserError("Please describe what it should become.")
    source = draft.pictures.get(PICTURE)
    if source is None:
        raise UserError("I no longer have the picture for this form. Please choose it again.")
    wanted: dict[str, Value] = {"prompt": texts.get(PROMPT, "")}
    if texts.get(AMOUNT, USUAL) != USUAL:
        wanted["denoise"] = float(texts[AMOUNT])
    known = draft.origin.words if draft.origin is not None else ""
    request = draft.request(await requester_of(interaction))
    wish = JobInput(
        request=Request(
            requester=request.requester,
            workflow=workflow.name,
            values={name: value for name, value in wanted.items() if workflow.takes(name)},
            # Words that were there already are no loss where a workflow does nothing with them.
            left_out=tuple(
                name
                for name, value in wanted.items()
                if not workflow.takes(name) and value not in {known, ""}
            ),
            private=request.private,
            spoiler=request.spoiler,
            origin=request.origin,
        ),
        pictures={parameter: source},
        refused=partial(_offer_again, interaction, draft),
    )
    await submit_request(interaction, wish)


async def _offer_again(interaction: Interaction, draft: Draft, error: UserError) -> None:
    if not error.mendable:
        await refuse(interaction, error)
        return
    lang = language(interaction)
    await reply(interaction, view=fix_card(explain(error, lang).text, f"use:again:{draft.id}", lang))


async def _open(interaction: Interaction, draft: Draft, able: tuple[Workflow, ...]) -> None:
    lang, texts = language(interaction), draft.texts
    made = form(lang.t("What should it become?"), f"use:form:{draft.id}")
    add_text(
        made,
        f"use:{PROMPT}",
        lang.t("Prompt"),
        default=texts.get(PROMPT, ""),
        paragraph=True,
        description=lang.t("Describe the picture in your own words."),
    )
    amount = texts.get(AMOUNT, USUAL)
    amounts = {
        USUAL: lang.t("Default"),
        str(AMOUNTS[0]): lang.t("A little"),
        str(AMOUNTS[1]): lang.t("About half"),
        str(AMOUNTS[2]): lang.t("Almost everything"),
    }
    offered = [
        discord.SelectOption(label=label, value=value, default=value == amount)
        for value, label in amounts.items()
    ]
    add_menu(made, f"use:{AMOUNT}", lang.t("How much to change"), offered)
    workflows = _workflows(able, texts.get(WORKFLOW, draft.workflow), lang)
    add_menu(made, f"use:{WORKFLOW}", lang.t("Workflow"), workflows)
    await interaction.response.send_modal(made)


def _workflows(able: tuple[Workflow, ...], chosen: str, lang: Language) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=shorten(named(each.title.in_(lang.code), each.name), 100),
            description=shorten(each.description.in_(lang.code), 100) or None,
            value=each.name[:100],
            default=each.name == chosen,
        )
        for each in able
    ]
