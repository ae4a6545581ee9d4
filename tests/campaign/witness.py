"""Everything that was seen in Discord while the campaign ran: what each message last held, even if it is gone now."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from tests.campaign.messages import controls, words
from tests.campaign.world import World
from tests.faults import Call

_MENTION = re.compile(r"<@(\d+)>")


@dataclass(slots=True)
class Sight:
    """The last state of one message."""

    message_id: int
    channel_id: int
    ephemeral: bool
    owner: int | None
    """Who used the command that the message answers."""
    text: str = ""
    mentioned: set[int] = field(default_factory=set[int])
    jobs: set[str] = field(default_factory=set[str])
    controls: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Names of the files and the hash of what is in them."""
    deleted: bool = False


class Witness:
    """Looks at every message as soon as it is made or changed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: dict[int, Sight] = {}
        world.faults.after.append(self.look)

    def look(self, call: Call, result: Any) -> None:
        """Take in what a call has made of a message."""
        data: Any = result
        if call.is_answer and isinstance(result, dict):
            data = result.get("resource", {}).get("message")
        if not isinstance(data, dict) or "components" not in data or "channel_id" not in data:
            return
        self.take(int(data["channel_id"]), int(data["id"]))

    def take(self, channel_id: int, message_id: int) -> None:
        """Note how a message stands now."""
        message = self.world.backend.messages.get(channel_id, {}).get(message_id)
        if message is None:
            return
        user = (message.interaction_metadata or {}).get("user") or {}
        sight = self.seen.setdefault(
            message_id,
            Sight(message_id, channel_id, message.is_ephemeral, int(user["id"]) if user else None),
        )
        sight.text = words(message)
        sight.mentioned |= {int(found) for found in _MENTION.findall(sight.text)}
        sight.controls = tuple(controls(message.components))
        sight.jobs |= {control.split(":")[2] for control in sight.controls if control.startswith("job:")}
        cdn = self.world.backend.cdn
        sight.files = {
            item["filename"]: hashlib.sha256(cdn.get(item["url"]) or b"").hexdigest()
            for item in message.attachments
        }

    def settle(self) -> None:
        """Note which messages are gone."""
        messages = self.world.backend.messages
        for sight in self.seen.values():
            gone_channel = sight.channel_id not in self.world.backend.channels
            sight.deleted = gone_channel or sight.message_id not in messages.get(sight.channel_id, {})
