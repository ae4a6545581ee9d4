"""What somebody asked for: a frozen value of ids and plain values, without any Discord object."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType, Self

from bot.workflows.model.values import Value

JobId = NewType("JobId", str)
"""32 lower-case hexadecimal digits."""

PICTURES = frozenset({"png", "jpg", "webp"})
"""Extensions of the pictures among the files that are kept; the others are videos and sounds."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked, and where; `locale` is Discord's code of the language the person reads.

    `moderator` and `operator` are what the person was in that guild when they asked.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    locale: str = "en-US"
    moderator: bool = False
    operator: bool = False
    name: str = ""
    """What the person was called there then; empty where nobody noted it."""


class OriginKind(StrEnum):
    """What was done with an earlier picture to come to a new request."""

    PICTURE = "picture"
    """The picture itself, changed a little."""
    VARIATION_SEED = "variation_seed"
    """Its seed, mixed with a little of another one."""
    SEED = "seed"
    """The same settings with another seed."""
    UPSCALE = "upscale"
    USE = "use"
    """It is the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request comes from: a picture of ours (`job` is its number) or one in somebody's message."""

    kind: OriginKind
    job: int | None = None
    ordinal: int | None = None
    """Which of the job's outputs, from 1; None where it has only one."""
    address: str | None = None
    """The message it was taken from."""
    words: str = ""
    """The prompt that picture was made from, also where the new workflow has no use for it."""


@dataclass(frozen=True, slots=True)
class InputRef:
    """A file somebody attached, kept under DATA_DIR by what it contains; `extension` has no dot."""

    sha256: str
    extension: str
    size: int

    @property
    def name(self) -> str:
        """The file's name in the content store, which is also the name it is uploaded under."""
        return f"{self.sha256}.{self.extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A workflow and what to fill in.

    `values` holds what the person chose and nothing else (no `seed` means: draw one), `inputs` the attached files by
    parameter name. What it came to is in `Job.values`.
    """

    requester: Requester
    workflow: str
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    inputs: Mapping[str, InputRef] = field(default_factory=dict[str, InputRef])
    count: int = 1
    spoken: tuple[Mapping[str, Value], ...] = ()
    """For each run, in place of `values`, what their texts came to: choices, wildcards and LoRAs named in them.

    Made anew each time a request is accepted; `values` keeps the texts as they were written.
    """
    left_out: tuple[str, ...] = ()
    """Options that were given although the workflow does not take them; the card says so."""
    grows: tuple[int, int, int, int] | None = None
    """Width and height of the picture that goes in, and of what comes out, where that is known; made like `spoken`."""
    private: bool = False
    priority: bool = False
    origin: Origin | None = None
    spoiler: bool = False
    """What is made is shown only to who wants to see it; so is whatever is made anew from this request."""

    @property
    def words(self) -> str:
        """The prompt, else that of the picture it goes on from; empty where nobody said anything."""
        said = self.values.get("prompt")
        return str(said) if said else self.origin.words if self.origin is not None else ""

    def varied(self, **values: Value) -> Self:
        """Return the same request with some values replaced or added."""
        return replace(self, values={**self.values, **values})

    def without(self, *names: str) -> Self:
        """Return the same request with some values unset again, such as `seed` to have a new one drawn."""
        return replace(self, values={name: value for name, value in self.values.items() if name not in names})

    def by(self, requester: Requester) -> Self:
        """Return the same request as if somebody else had made it."""
        return replace(self, requester=requester)
