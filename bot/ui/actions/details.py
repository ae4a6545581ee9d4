"""Everything about a job, for whoever wants to know or to do it again."""

import asyncio
import io
import json
import re
from collections.abc import Mapping
from typing import Any

import discord

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.jobs.model.request import JobId, Value
from bot.ui.actions.command import NO_DEFAULTS, command_of
from bot.ui.actions.deleting import delete_row
from bot.ui.cards.sheet import Sheet, more
from bot.ui.cards.titles import titled
from bot.ui.cards.words import escape, escape_cut, moment, quoted
from bot.ui.interactions.components import Answer, beside, fetched
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language, log, shorten
from bot.users.marks import Favour
from bot.users.profile import Defaults
from bot.workflows.model.standard import standard_title
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]
# Together under what one message takes, in any script.
WORDS = {"prompt": (800, 2000), "negative_prompt": (400, 1000)}
SETTINGS, SETTINGS_BYTES = 800, 1900
COMMAND, COMMAND_BYTES = 900, 2200
"""What still stands in the message; a longer command becomes a file."""
COMMAND_FILE = "command.txt"
_ENDING = re.compile("`(?=``)")
"""In each row of backticks that would end a block, those before the last two."""
GRAPH_WITHIN = 8.0


async def details(interaction: Interaction, job_id: JobId) -> None:
    """Answer with everything about the job; operators also get the graph as a file."""
    await beside(interaction, details_answer(interaction, job_id))


async def details_answer(interaction: Interaction, job_id: JobId) -> Answer:
    """Return everything about the job, as this person may see it."""
    services, lang = interaction.client.services, language(interaction)
    job = titled(await services.jobs.get(job_id), services.library, lang)
    operator = (await actor_of(interaction)).operator
    favour = await services.marks.favoured(job_id, interaction.user.id)
    workflow = services.library.find(job.request.workflow)
    files: list[discord.File] = []
    if operator and (graph := await _graph(interaction.client, job)) is not None:
        files.append(await asyncio.to_thread(_graph_file, graph, f"graph-{job.number}.json"))
    defaults = (await services.profiles.of(interaction.user.id)).defaults.get(
        job.request.workflow, NO_DEFAULTS
    )
    command = command_of(job, workflow, defaults)
    files += command_files(command)
    servers = {server.label: index for index, server in enumerate(services.fleet.servers, start=1)}
    view = details_view(
        job,
        lang,
        workflow=workflow,
        favour=favour,
        servers=servers,
        operator=operator,
        defaults=defaults,
        files=files,
    )
    if (row := await delete_row(interaction, job, lang)) is not None:
        view.add_item(row)
    return Answer(view, tuple(files))


def _graph_file(graph: object, name: str) -> discord.File:
    return discord.File(io.BytesIO(json.dumps(graph, indent=2, ensure_ascii=False).encode()), name)


def details_view(
    job: Job,
    lang: Language,
    *,
    workflow: Workflow | None,
    favour: Favour,
    servers: Mapping[str, int],
    operator: bool,
    defaults: Defaults = NO_DEFAULTS,
    files: list[discord.File] | None = None,
) -> discord.ui.LayoutView:
    """Draw everything about a job, for a person with these defaults.

    `servers` gives the number of each by its label, which only operators see.
    """
    sheet = Sheet(f"{escape(shorten(job.workflow_title, 80))} · #{job.number}")
    add_words(sheet, {**job.request.values, **job.values}, workflow, lang)
    add_settings(sheet, _settings(job, workflow, lang), lang)
    sheet.lines([*_times(job, lang), *_where(job, lang, servers, operator=operator)])
    if favour.count:
        sheet.text(
            lang.n("⭐ Among one person's favourites", "⭐ Among {n} people's favourites", favour.count)
        )
    command = command_of(job, workflow, defaults)
    sheet.text(command_block(command, lang.t("The command that makes it again:"), lang))
    sheet.lines(_further_words(job, workflow, lang))
    if job.request.inputs:
        sheet.note(lang.t("It was made with attached files; attach them again as well."))
    view = sheet.view()
    for file in files or ():
        view.add_item(discord.ui.File(file))
    return view


def add_words(sheet: Sheet, values: Mapping[str, Value], workflow: Workflow | None, lang: Language) -> None:
    """Add the prompts among the values."""
    for name, (limit, encoded) in WORDS.items():
        if words := str(values.get(name, "")):
            said = quoted(words, limit=limit, encoded=encoded)
            sheet.text(f"**{escape(title_of(name, workflow, lang))}**\n> {said}")


def add_settings(sheet: Sheet, lines: list[str], lang: Language) -> None:
    """Add as many of the lines as leave room for what comes after them, and say how many are missing."""
    told: list[str] = []
    for line in lines:
        text = "\n".join([*told, line])
        if len(text) > SETTINGS or len(text.encode()) > SETTINGS_BYTES:
            break
        told.append(line)
    if len(told) < len(lines):
        told.append(more(lang, len(lines) - len(told)))
    sheet.lines(told)


def _further_words(job: Job, workflow: Workflow | None, lang: Language) -> list[str]:
    """Return what the prompts of further pictures came to, where choices and wildcards made each its own."""
    title = title_of("prompt", workflow, lang)
    return [
        lang.t(
            "{name}: {value}",
            name=escape(f"{title} {number}"),
            value=escape_cut(written(texts["prompt"], lang), limit=200, encoded=500),
        )
        for number, texts in enumerate(job.request.spoken, start=1)
        if number > 1 and "prompt" in texts
    ]


def command_files(command: str) -> list[discord.File]:
    """Return the file that a command stands in which is too long for the message."""
    return [discord.File(io.BytesIO(command.encode()), COMMAND_FILE)] if is_long(command) else []


def command_block(command: str, title: str, lang: Language) -> str:
    """Return a command in a block to copy, under its title; one that is too long for that stands in a file."""
    if is_long(command):
        return lang.t("The command that makes it again is in the file {name}.", name=COMMAND_FILE)
    inside = _ENDING.sub("`\u200b", command)
    return f"{title}\n```\n{inside}\n```"


def title_of(name: str, workflow: Workflow | None, lang: Language) -> str:
    """Return what a parameter is called: by the workflow, else as everywhere, else by its name."""
    parameter = workflow.parameters.get(name) if workflow is not None else None
    own = parameter.title.in_(lang.code) if parameter is not None else ""
    return own or standard_title(name).in_(lang.code) or name


def _settings(job: Job, workflow: Workflow | None, lang: Language) -> list[str]:
    values: dict[str, Value] = {**job.request.values, **job.values}
    seeds = [str(run.seed) for run in sorted(job.runs, key=lambda run: run.index) if run.seed is not None]
    lines: list[str] = []
    for name, value in values.items():
        if name in {"prompt", "negative_prompt"} or value == "" or name in job.request.inputs:
            continue
        if name == "batch":
            continue  # how many, said below
        shown = ", ".join(dict.fromkeys(seeds)) if name == "seed" and seeds else written(value, lang)
        title = title_of(name, workflow, lang)
        lines.append(
            lang.t(
                "{name}: {value}",
                name=escape(title),
                value=escape_cut(shown, limit=200, encoded=500),
            )
        )
    batch = job.values.get("batch")
    many = max(job.request.count, batch * job.planned if isinstance(batch, int) else 1)
    if many > 1:
        lines.append(lang.t("{name}: {value}", name=lang.t("How many"), value=many))
    if job.cost != job.request.count:
        lines.append(lang.n("Counts as one picture", "Counts as {n} pictures", job.cost))
    return lines


def written(value: Value, lang: Language) -> str:
    """Return a value as people read it, on one line."""
    if isinstance(value, bool):
        return lang.t("yes") if value else lang.t("no")
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())


def _times(job: Job, lang: Language) -> list[str]:
    lines = [
        lang.t(
            "Requested by {person} {time}",
            person=f"<@{job.request.requester.user_id}>",
            time=moment(job.created_at),
        )
    ]
    started, finished = job.started_at, job.finished_at
    if started is not None:
        lines.append(lang.t("Waited {duration}", duration=lang.duration(max(0.0, started - job.created_at))))
    if started is not None and finished is not None:
        lines.append(lang.t("Took {duration}", duration=lang.duration(max(1.0, finished - started))))
    return lines


def _where(job: Job, lang: Language, servers: Mapping[str, int], *, operator: bool) -> list[str]:
    labels = list(dict.fromkeys(run.server for run in job.runs))
    if operator:
        prompts = ", ".join(f"`{run.prompt_id}`" for run in job.runs[-4:])
        names = ", ".join(f"`{label}`" for label in labels)
        told = [lang.t("Image server: {name}", name=names), lang.t("Prompt id: {ids}", ids=prompts)]
        return told if labels else []
    # Of a single server the number says nothing.
    numbers = [str(servers[label]) for label in labels if label in servers and len(servers) > 1]
    return [lang.t("Image server: {name}", name=", ".join(numbers))] if numbers else []


def is_long(command: str) -> bool:
    """Whether a command needs a file of its own."""
    return len(command) > COMMAND or len(command.encode()) > COMMAND_BYTES


async def _graph(bot: ComfyBot, job: Job) -> Mapping[str, Any] | None:
    try:
        return await fetched(bot, bot.services.jobs.graph(job), within=GRAPH_WITHIN)
    except (UserError, ComfyError) as error:
        log.info("no graph of job %s: %s", job.number, error)
        return None
