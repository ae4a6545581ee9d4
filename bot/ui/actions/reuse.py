"""A picture goes on: made larger, or the input of something new; whether ours or from anybody's message."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.jobs.model.request import InputRef, Origin, OriginKind, Request, Value
from bot.ui.actions.variation import picture_parameter
from bot.ui.interactions.people import requester_of
from bot.ui.requests.command_input import JobInput
from bot.ui.requests.submission import submit_request
from bot.users.form_drafts import PictureSource
from bot.workflows.model.workflow import Workflow

Interaction = discord.Interaction[ComfyBot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to go on from, and what is known of it."""

    source: PictureSource
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
    inputs: Mapping[str, InputRef] = field(default_factory=dict[str, InputRef])
    """What is kept already."""
    count: int = 1


async def go_on(interaction: Interaction, picture: Picture, plan: Plan) -> None:
    """Make a job of it, as one of whoever asks; raises `UserError` before anything shows."""
    request = Request(
        requester=await requester_of(interaction),
        workflow=plan.workflow.name,
        values=plan.values,
        inputs=plan.inputs,
        count=plan.count,
        private=picture.private,
        spoiler=picture.spoiler,
        origin=picture.origin(plan.kind),
    )
    pictures = {} if plan.parameter is None else {plan.parameter: picture.source}
    await submit_request(interaction, JobInput(request=request, pictures=pictures))


async def make_larger(interaction: Interaction, picture: Picture) -> None:
    """Run the server's upscale workflow on a picture."""
    services = interaction.client.services
    rules = await services.policy.rules(interaction.guild_id)
    workflow = services.library.find(rules.upscale)
    parameter = picture_parameter(workflow) if workflow is not None and workflow.enabled else None
    if workflow is None or parameter is None:
        raise UserError(
            "Upscale is not available here: there is no workflow “{name}” that takes a picture and can be used. "
            "Please tell whoever runs the bot.",
            name=rules.upscale,
        )
    values: dict[str, Value] = (
        {"prompt": picture.prompt} if picture.prompt and workflow.takes("prompt") else {}
    )
    plan = Plan(kind=OriginKind.UPSCALE, workflow=workflow, parameter=parameter, values=values)
    await go_on(interaction, picture, plan)
