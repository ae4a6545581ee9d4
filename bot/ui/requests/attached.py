"""Files that lie on Discord alone: noted in a draft, and made into attachments again when its form is sent."""

from collections.abc import Generator
from contextlib import contextmanager

import discord

from bot.client import ComfyBot
from bot.errors import LaterError, UserError
from bot.ui.files.pictures import is_discords
from bot.users.form_drafts import Attached
from bot.workflows.model.parameter import ParameterType
from bot.workflows.model.workflow import Workflow


class UnusableFileError(UserError):
    """What is wrong with the file that was given for an option, so that another one is needed."""

    def __init__(self, error: UserError, option: str) -> None:
        super().__init__(error.message, **error.arguments)
        self.about(option)
        self.option = option


@contextmanager
def given_for(option: str) -> Generator[None]:
    """Let a refusal in the block say which option the file was given for."""
    try:
        yield
    except LaterError:
        raise  # the file is all right
    except UserError as error:
        raise UnusableFileError(error, option) from error


def kind_of(workflow: Workflow, option: str) -> ParameterType:
    """Return what kind of file an option of a workflow takes; a picture where it has none of that name."""
    parameter = workflow.parameters.get(option)
    return parameter.type if parameter is not None else ParameterType.IMAGE


def noted(attachment: discord.Attachment) -> Attached:
    """Return what a draft keeps of a file."""
    return Attached(
        address=attachment.url,
        name=attachment.filename,
        size=attachment.size,
        content_type=attachment.content_type,
    )


def attachment_of(interaction: discord.Interaction[ComfyBot], attached: Attached) -> discord.Attachment:
    """Return the file as discord.py knows files; raises `UserError` where its address is none of Discord's."""
    if not is_discords(attached.address):
        raise UserError(
            "I could not download “{name}” from Discord. Please attach it again.", name=attached.name[:60]
        )
    return attachment_from(
        interaction,
        {
            "id": 0,
            "filename": attached.name,
            "size": attached.size,
            "url": attached.address,
            "proxy_url": attached.address,
            "content_type": attached.content_type,
        },
    )


def attachment_from(
    interaction: discord.Interaction[ComfyBot], data: dict[str, object]
) -> discord.Attachment:
    """Return the attachment that Discord's data describe; discord.py makes them for forms it kept in memory only."""
    state = interaction._state  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - there is no public way to one
    return discord.Attachment(data=data, state=state)  # pyright: ignore[reportArgumentType] - as Discord sends them
