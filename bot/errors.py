"""What can go wrong, by who should read it.

BotError
├── UserError      shown to the person, in the person's language
└── ConfigError    shown to the operator, at start-up
"""

from collections.abc import Mapping


class BotError(Exception):
    """Something went wrong."""


class OptionName(str):
    """An option's name, or several after commas, in a sentence: shown as Discord shows it to the person."""

    __slots__ = ()


class UserError(BotError):
    """A refusal or failure told to a person: an English sentence that is the message id, and its arguments.

    The sentence is looked up in the person's language where it is shown; arguments are put in by name.
    """

    def __init__(self, message: str, /, **arguments: object) -> None:
        super().__init__(message)
        self.message = message
        self.arguments: Mapping[str, object] = arguments

    def __str__(self) -> str:
        return self.message.format(**self.arguments)


class ConfigError(BotError):
    """A setting is missing or wrong; the text is written for the operator."""
