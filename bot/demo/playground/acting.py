"""What a member does in the playground (commands, autocomplete, clicks, forms) and how the bot answered.

Discord gives an application three seconds for its first answer; so does this, and it reports what Discord's own
client would show. Only the dispatch is serialised (a few milliseconds), never the waiting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import simcord

from bot.demo.playground.palette import localised_choices
from bot.demo.playground.patches import LOCALE
from bot.demo.playground.world import AwaitedInteraction, Persona, World

_ANSWER_SECONDS = 3.0
_FORMS_KEPT = 100
_FILES_IN_A_MESSAGE = 10

Files = Mapping[str, list[tuple[str, bytes]]]
log = logging.getLogger(__name__)


class RefusedError(Exception):
    """Discord's client would not have let this member do that."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who acts where, in which language."""

    persona: Persona
    channel: simcord.ChannelHandle
    locale: str


class Stage:
    """Carries out what members do, one dispatch at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = asyncio.Lock()
        self._forms: dict[str, simcord.InteractionResult] = {}

    async def say(self, scene: Scene, text: str, files: Files) -> None:
        """Post an ordinary message, with files if there are any."""
        attached = [file for several in files.values() for file in several][:_FILES_IN_A_MESSAGE]
        async with self._lock:
            await scene.persona.actor.send(scene.channel, text, attachments=attached)

    async def delete(self, scene: Scene, message_id: int) -> dict[str, Any]:
        """Delete a message: one's own, or anybody's for a moderator."""
        message = self._message(scene, message_id)
        async with self._lock:
            try:
                await scene.persona.actor.delete(message)
            except (simcord.SetupError, simcord.BackendError) as error:
                raise RefusedError(str(error)) from error
        return {"state": "answered"}

    async def command(
        self, scene: Scene, path: str, options: Mapping[str, Any], files: Files
    ) -> dict[str, Any]:
        """Use a slash command; options are the page's values, files those of attachment options."""
        values = {name: self._value(value) for name, value in options.items()}
        values |= {name: chosen[0] for name, chosen in files.items()}
        return await self._act(scene, lambda: scene.persona.actor.slash(scene.channel, path, **values))

    async def menu(self, scene: Scene, message_id: int, name: str) -> dict[str, Any]:
        """Use a command in the menu of a message."""
        message = self._message(scene, message_id)
        return await self._act(scene, lambda: scene.persona.actor.context_menu(scene.channel, name, message))

    async def autocomplete(
        self, scene: Scene, path: str, option: str, text: str, options: Mapping[str, Any]
    ) -> list[dict[str, Any]] | None:
        """Return what the bot offers for the text typed so far, or None when it did not answer."""
        values = {name: self._value(value) for name, value in options.items()}
        record, _ = await self._dispatch(
            scene, lambda: scene.persona.actor.autocomplete(scene.channel, path, option, text, **values)
        )
        if not await _answered(record):
            return None
        return localised_choices(record.autocomplete_choices or [], scene.locale)

    async def click(self, scene: Scene, message_id: int, custom_id: str) -> dict[str, Any]:
        """Press a button of a message."""
        message = self._message(scene, message_id)
        return await self._act(scene, lambda: scene.persona.actor.click(message, custom_id=custom_id))

    async def select(
        self, scene: Scene, message_id: int, custom_id: str, values: list[Any]
    ) -> dict[str, Any]:
        """Choose entries of a menu in a message."""
        message, chosen = self._message(scene, message_id), [self._value(value) for value in values]
        return await self._act(
            scene, lambda: scene.persona.actor.select(message, chosen, custom_id=custom_id)
        )

    async def submit(
        self, scene: Scene, form: str, values: Mapping[str, Any], files: Files
    ) -> dict[str, Any]:
        """Send a form the bot has shown to this member; raises RefusedError when it is no longer open."""
        shown = self._forms.get(form)
        if shown is None:
            raise RefusedError("This form is no longer open.")
        filled = {name: self._form_value(value) for name, value in values.items()} | dict(files)
        answer = await self._act(scene, lambda: scene.persona.actor.submit_modal(shown, filled))
        self._forms.pop(form, None)
        return answer

    async def _act(
        self, scene: Scene, action: Callable[[], Awaitable[simcord.InteractionResult]]
    ) -> dict[str, Any]:
        record, result = await self._dispatch(scene, action)
        if not await _answered(record):
            return {"state": "unanswered"}
        if record.modal is None or not isinstance(result, simcord.InteractionResult):
            return {"state": "answered", "message": str(record.message_id or "")}
        while len(self._forms) >= _FORMS_KEPT:
            del self._forms[next(iter(self._forms))]
        self._forms[str(record.id)] = result
        return {"state": "form", "id": str(record.id), "form": result.modal}

    async def _dispatch(
        self, scene: Scene, action: Callable[[], Awaitable[object]]
    ) -> tuple[AwaitedInteraction, object]:
        backend = self._world.backend
        async with self._lock:
            backend.latest = None
            token = LOCALE.set(scene.locale)
            try:
                result = await action()
            except (simcord.SetupError, simcord.BackendError) as error:
                raise RefusedError(str(error)) from error
            finally:
                LOCALE.reset(token)
            record: AwaitedInteraction | None = backend.latest
        if record is None:
            raise RefusedError("Nothing happened.")
        return record, result

    def _message(self, scene: Scene, message_id: int) -> simcord.ResponseMessage:
        try:
            stored = self._world.backend.get_message(scene.channel.id, message_id)
        except simcord.BackendError as error:
            raise RefusedError("This message is no longer there.") from error
        return simcord.ResponseMessage(self._world.env, stored)

    def _value(self, value: Any) -> Any:
        match value:
            case {"user": user_id}:
                return self._world.personas[int(user_id)].actor
            case {"channel": channel_id}:
                return self._world.channels[int(channel_id)]
            case _:
                return value

    def _form_value(self, value: Any) -> Any:
        return [self._value(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


async def _answered(record: AwaitedInteraction) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await record.answered.wait()
    except TimeoutError:
        log.warning("no answer within %s s to interaction %s", _ANSWER_SECONDS, record.path or record.id)
        return False
    return True
