"""People who do something at random: commands, suggestions, buttons, menus, forms, real ones and forged ones."""

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simcord import actors
from simcord.backend.access import can_access_message
from simcord.backend.errors import BackendError, SetupError
from simcord.builders import UserHandle
from simcord.components import walk_components
from simcord.enums import InteractionType
from simcord.results import to_discord_message

from tests.cogs.forging import forge
from tests.fuzz.inputs import Inputs
from tests.world import World, custom_ids

BUTTON, MENU, TEXT, CHECKBOX, UPLOAD = 2, 3, 4, 23, 19
UNANSWERABLE = frozenset({"suggest", "forge", "forge_form"})
"""Whose ids may be nobody's, or which show no errors."""
SENT = 0.3
"""How often a form that is open is sent, rather than something else done."""
RECENT = 60
"""Messages of a channel, and forms, that may still be gone back to."""


@dataclass(slots=True)
class Figures:
    """What was done and what came of it."""

    done: Counter[str] = field(default_factory=Counter[str])
    impossible: Counter[str] = field(default_factory=Counter[str])
    """Drawn, but no client of Discord's would have sent it."""
    unanswered: list[str] = field(default_factory=list[str])
    last: str = ""
    """What is being done, for whoever finds an error in the log."""


class Crowd:
    """Some people in one server, each step one interaction of one of them."""

    def __init__(self, world: World, people: list[Any], channels: list[Any], random: Random) -> None:
        self.figures = Figures()
        self._world, self._people, self._channels = world, people, channels
        self._random, self._inputs = random, Inputs(random)
        self._members = [each for each in people if not isinstance(each, UserHandle)]
        self._forms: deque[tuple[Any, Any]] = deque(maxlen=RECENT)
        self._ids: deque[str] = deque(maxlen=500)
        self._opening: set[str] = set()
        """The families of buttons that have opened a form."""
        self._kinds = {self._command: 24, self._suggest: 13, self._press: 24, self._choose: 13, self._forge: 8,
                       self._forge_form: 5, self._menu: 6}  # fmt: skip

    async def step(self) -> None:
        """Do one thing; what Discord itself would not let through is not counted."""
        (act,) = self._random.choices(list(self._kinds), weights=list(self._kinds.values()))
        if self._forms and self._random.random() < SENT:
            act = self._send
        who = self._random.choice(self._people)
        channel = who.dm_channel if isinstance(who, UserHandle) else self._random.choice(self._channels)
        name = act.__name__.strip("_")
        self.figures.last = f"{name} by {who.name}"
        try:
            result = await act(who, channel)
        except (SetupError, BackendError) as error:
            self.figures.impossible[f"{name}: {str(error)[:60]}"] += 1
            return
        if result is None:
            self.figures.impossible[f"{name}: nothing there"] += 1
            return
        self.figures.done[name] += 1
        if result.modal is not None:
            self._forms.append((who, result))
            self._ids += [result.modal["custom_id"], *custom_ids(result.modal["components"])]
        if not result.acknowledged and name not in UNANSWERABLE:
            self.figures.unanswered.append(self.figures.last)

    async def _command(self, who: Any, channel: Any) -> Any:
        leaves = self._leaves(who, channel)
        if not leaves:
            return None
        name, leaf = self._random.choice(leaves)
        options = self._options(leaf)
        self.figures.last += f": /{name} {options!r:.300}"
        if isinstance(who, UserHandle):
            return await who.slash(name, **options)
        return await who.slash(channel, name, **options)

    async def _suggest(self, who: Any, channel: Any) -> Any:
        offers = [
            (name, leaf, option)
            for name, leaf in self._leaves(who, channel)
            for option in leaf.get("options") or []
            if option.get("autocomplete")
        ]
        if not offers:
            return None
        name, leaf, option = self._random.choice(offers)
        filled = {key: value for key, value in self._options(leaf).items() if key != option["name"]}
        typed = self._inputs.text(100)
        self.figures.last += f": /{name} {option['name']}={typed!r} {filled!r:.200}"
        return await actors._autocomplete_result(who, channel, name, option["name"], typed, filled)

    async def _press(self, who: Any, channel: Any) -> Any:
        message, part = self._part(who, channel, BUTTON)
        if message is None:
            return None
        self.figures.last += f": {part['custom_id']}"
        result = await who.click(message, custom_id=part["custom_id"])
        if result.modal is not None:
            self._opening.add(_family(part))
        return result

    async def _choose(self, who: Any, channel: Any) -> Any:
        message, part = self._part(who, channel, MENU)
        if message is None:
            return None
        values = [each["value"] for each in part["options"]]
        count = self._random.randint(part.get("min_values", 1), min(part.get("max_values", 1), len(values)))
        chosen = self._random.sample(values, count)
        self.figures.last += f": {part['custom_id']} {chosen}"
        return await who.select(message, chosen, custom_id=part["custom_id"])

    async def _send(self, _who: Any, _channel: Any) -> Any:
        if not self._forms:
            return None
        # Most people send the form that has just opened; a few leave it open for a while.
        place = -1 if self._random.random() < 0.7 else self._random.randrange(len(self._forms))
        who, shown = self._forms[place]
        del self._forms[place]
        sent = {}
        for label in shown.modal["components"]:
            part = label.get("component") or label
            if "custom_id" in part and (value := self._field(part)) is not None:
                sent[part["custom_id"]] = value
        self.figures.last = f"send by {who.name}: {shown.modal['custom_id']} {sent!r:.300}"
        return await who.submit_modal(shown, sent)

    async def _forge(self, who: Any, channel: Any) -> Any:
        seen = [each for each in self._messages(who, channel) if each.components]
        if not seen:
            return None
        message = self._handle(self._random.choice(seen))
        custom_id = self._inputs.identity(list(self._ids))
        values = [self._inputs.text(100)] if self._random.random() < 0.4 else None
        self.figures.last += f": {custom_id!r} {values!r}"
        return await forge(who, message, custom_id, values, answered=False)

    async def _forge_form(self, who: Any, channel: Any) -> Any:
        custom_id = self._inputs.identity([each for each in self._ids if "form" in each] or list(self._ids))
        components = [
            {"type": 18, "id": place, "component": self._forged_field(place)}
            for place in range(1, self._random.randrange(5) + 1)
        ]
        self.figures.last += f": {custom_id!r} {components!r:.300}"
        data = {"custom_id": custom_id, "components": components}
        return await actors._dispatch_actor_interaction(who, InteractionType.MODAL_SUBMIT, channel, data)

    async def _menu(self, who: Any, channel: Any) -> Any:
        menus = [name for name, each in self._world.commands().items() if each.get("type") == 3]
        seen = self._messages(who, channel)
        if isinstance(who, UserHandle) or not seen:
            return None
        message = self._handle(self._random.choice(seen))
        if self._random.random() < 0.6:
            files = [self._inputs.file() for _ in range(self._random.randint(1, 4))]
            message = await who.send(channel, "look", attachments=files)
        name = self._random.choice(menus)
        self.figures.last += f": {name} on {message.id} {[each.filename for each in message.attachments]}"
        return await who.context_menu(channel, name, message)

    def _leaves(self, who: Any, channel: Any) -> list[tuple[str, dict[str, Any]]]:
        """Return the commands that this person is shown there, with their options."""
        direct = isinstance(who, UserHandle)
        names = who.available_commands() if direct else who.available_commands(channel)
        found: list[tuple[str, dict[str, Any]]] = []
        for name in names:
            leaf: dict[str, Any] = {"options": list(self._world.commands().values())}
            for part in name.split():
                leaf = next(
                    each for each in leaf["options"] if each["name"] == part and each.get("type", 1) < MENU
                )
            found.append((name, leaf))
        return found

    def _options(self, leaf: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for option in leaf.get("options") or []:
            likely = (
                1.0
                if option.get("required")
                else 0.7
                if option["name"] in {"prompt", "width", "height"}
                else 0.12
            )
            if self._random.random() < likely:
                found[option["name"]] = self._inputs.option(option, self._members)
        return found

    def _field(self, part: dict[str, Any]) -> Any:
        kept = self._random.random() < 0.5
        match part["type"]:
            case 4:
                longest = part.get("max_length") or 4000
                return str(part.get("value") or "") if kept else self._inputs.text(longest)
            case 3:
                values = [each["value"] for each in part["options"]]
                return (
                    [self._random.choice(values)]
                    if values and (part.get("required", True) or not kept)
                    else None
                )
            case 19:
                return self._inputs.file() if part.get("required") or not kept else None
            case 23:
                return kept
            case _:
                return None

    def _forged_field(self, place: int) -> dict[str, Any]:
        custom_id = (
            self._inputs.identity(list(self._ids)) if self._random.random() < 0.7 else self._inputs.text(30)
        )
        kind = self._random.choice((TEXT, TEXT, MENU, CHECKBOX, UPLOAD))
        held: dict[str, Any] = {"type": kind, "id": 100 + place, "custom_id": custom_id}
        match kind:
            case 3:
                return held | {"values": [self._inputs.text(100)]}
            case 23:
                return held | {"value": self._random.random() < 0.5}
            case 19:
                return held | {"values": []}
            case _:
                return held | {"value": self._inputs.text(4000)}

    def _messages(self, who: Any, channel: Any) -> list[Any]:
        env = self._world.env
        recent = list(env.backend.messages.get(channel.id, {}).values())[-RECENT:]
        return [each for each in recent if can_access_message(env, channel.id, each, who)]

    def _handle(self, stored: Any) -> Any:
        return to_discord_message(self._world.env, stored)

    def _part(self, who: Any, channel: Any, kind: int) -> tuple[Any, dict[str, Any]]:
        """Return a message with such a part that can be used, and the part."""
        found: list[tuple[Any, dict[str, Any]]] = []
        for message in self._messages(who, channel):
            parts = [
                each
                for each in walk_components(message.components)
                if each.get("type") == kind and "custom_id" in each and not each.get("disabled")
            ]
            found += [(message, each) for each in parts]
        if not found:
            return None, {}
        opening = [each for each in found if _family(each[1]) in self._opening]
        message, part = self._random.choice(opening if opening and self._random.random() < 0.3 else found)
        self._ids.append(part["custom_id"])
        return self._handle(message), part


def _family(part: dict[str, Any]) -> str:
    return ":".join(part["custom_id"].split(":")[:2])
