"""Forms for what a workflow wants to know: opened page by page, filled with what a draft holds."""

from collections.abc import Collection, Mapping

import discord

from bot.client import ComfyBot
from bot.jobs.model.job import Job
from bot.jobs.model.request import Value
from bot.ui.cards.words import has_words
from bot.ui.forms.asked import draft_of
from bot.ui.forms.extras import text_of
from bot.ui.forms.fields import Fields
from bot.ui.forms.formpages import OTHER, ROOM, pages
from bot.ui.forms.forms import form
from bot.ui.forms.suggestions import Suggestions
from bot.ui.interactions.replies import language, shorten
from bot.ui.requests.attached import noted
from bot.ui.requests.command_input import JobInput
from bot.ui.requests.usable_workflows import caps_of, usable
from bot.users.form_drafts import Draft
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]
FRESH, CARD = "page", "card"
"""Where a form was opened: by a command or a job's button, or from the card that goes with the form."""


def lacking(workflow: Workflow, values: Mapping[str, Value], files: Collection[str]) -> list[str]:
    """Return what a workflow cannot do without and was not given, neither by a person nor by itself."""
    return [
        each.name
        for each in workflow.parameters.values()
        if each.fixed is None and each.name not in files and _lacks(each, values.get(each.name))
    ]


def _lacks(parameter: Parameter, given: Value | None) -> bool:
    if parameter.name == "prompt":
        wanted = given if given is not None else None if parameter.required else parameter.default
        return not has_words(str(wanted or ""))
    if not parameter.required or parameter.type is ParameterType.MODEL:
        return False
    if given is None:
        return True
    return parameter.type is ParameterType.TEXT and not has_words(str(given))


def can_ask(interaction: Interaction) -> bool:
    """Whether a form can be the answer: not to a form itself, nor where something was answered already."""
    return interaction.type is not discord.InteractionType.modal_submit and not interaction.response.is_done()


async def ask(interaction: Interaction, workflow: Workflow, wish: JobInput, *, quick: bool) -> None:
    """Open a form for what is missing; files are fetched when it is sent.

    With `quick` it asks for the prompt alone. The draft is kept before the form is shown.
    """
    drafts, request = interaction.client.services.drafts, wish.request
    draft = Draft(
        id=drafts.new_id(),
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        workflow=workflow.name,
        texts={name: text_of(value) for name, value in request.values.items()},
        inputs=request.inputs,
        attached={name: noted(each) for name, each in wish.attachments.items()},
        pictures=wish.pictures,
        count=request.count,
        left_out=request.left_out,
        private=request.private,
        spoiler=request.spoiler,
        priority=request.priority,
        origin=request.origin,
        quick=quick,
    )
    await drafts.keep(draft)
    await open_page(interaction, workflow, draft, 0)


async def ask_again(interaction: Interaction, job: Job, workflow: Workflow) -> None:
    """Open a form with everything a job was asked for, as it was typed, and the seed it used."""
    drafts = interaction.client.services.drafts
    draft = draft_of(
        job,
        workflow,
        draft_id=drafts.new_id(),
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
    )
    await drafts.keep(draft)
    await open_page(interaction, workflow, draft, 0)


async def fields_of(interaction: Interaction, workflow: Workflow, draft: Draft) -> Fields:
    """Return the fields of a draft's form, in the words of whoever looks at it."""
    services = interaction.client.services
    suggestions = Suggestions(services.fleet, services.families)
    among = await usable(interaction) if draft.choosing else ()
    return Fields(
        workflow, draft, language(interaction), suggestions, caps_of(interaction.client), workflows=among
    )


async def open_page(
    interaction: Interaction, workflow: Workflow, draft: Draft, page: int, *, origin: str = FRESH
) -> None:
    """Answer with one page of the form; a page there is not is the last one."""
    lang = language(interaction)
    layout = pages(workflow, draft)
    page = min(page, len(layout) - 1)
    title = lang.t("Edit and run again") if draft.again else workflow.title.in_(lang.code) or workflow.name
    if draft.quick:
        title = lang.t("What should it be?")
    elif len(layout) > 1:
        title = f"{shorten(title, 36)} ({page + 1}/{len(layout)})"
    made = form(title, f"form:{origin}:{draft.id}:{page}")
    fields = await fields_of(interaction, workflow, draft)
    for name in layout[page]:
        made.add_item(fields.label(name))
    if page == 0 and len(layout) > 1 and len(layout[0]) < ROOM:
        made.add_item(fields.more(sum(name != OTHER for later in layout[1:] for name in later)))
    await interaction.response.send_modal(made)
