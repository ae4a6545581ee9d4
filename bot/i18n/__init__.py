"""Say things in a person's language; English sentences are the message ids."""

from bot.i18n.language import LANGUAGES, Language, Message, code_for, language_for
from bot.i18n.markdown import as_code, escape
from bot.i18n.marker import N_

__all__ = ["LANGUAGES", "N_", "Language", "Message", "as_code", "code_for", "escape", "language_for"]
