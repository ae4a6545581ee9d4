"""What can go wrong, by who should read it.

BotError
├── UserError      shown to the person, in the person's language
│   ├── ClosedError    nothing that the person could change about the request would help
│   └── LaterError     nothing about the request is wrong: the same one may be accepted later
└── ConfigError    shown to the operator, at start-up
"""

from collections.abc import Mapping
from typing import ClassVar, Self


class BotError(Exception):
    """Something went wrong."""


class OptionName(str):
    """An option's name, or several after commas, in a sentence: shown as Discord shows it to the person."""

    __slots__ = ()


class Seconds(float):
    """A duration in a sentence: written in the person's language, with the units that suit it."""

    __slots__ = ()

    def __format__(self, format_spec: str) -> str:
        return super().__format__(format_spec or "g") + ("" if format_spec else " s")


class Amount(int):
    """A large number that people read rather than type: written with the language's separators."""

    __slots__ = ()


class UserError(BotError):
    """A refusal or failure told to a person: an English sentence that is the message id, and its arguments.

    The sentence is looked up in the person's language where it is shown; arguments are put in by name.
    """

    mendable: ClassVar[bool] = True
    """Whether the person may change the request, or ask again later, and be served."""

    def __init__(self, message: str, /, **arguments: object) -> None:
        super().__init__(message)
        self.message = message
        self.arguments: Mapping[str, object] = arguments
        named = (each for each in arguments.values() if isinstance(each, OptionName))
        self.options: tuple[str, ...] = tuple(map(str, named))
        """The options it is about, as far as that is known."""

    def about(self, *options: str) -> Self:
        """Add options that the sentence does not name; returns the error itself."""
        self.options += options
        return self

    def __str__(self) -> str:
        return self.message.format(**self.arguments)


class ClosedError(UserError):
    """A refusal that no change to the request would help: a ban, the pause, a server that is not served."""

    mendable = False


class LaterError(UserError):
    """A refusal of something that is right in itself, and may be accepted as it is in a while."""


class ConfigError(BotError):
    """A setting is missing or wrong; the text is written for the operator."""
