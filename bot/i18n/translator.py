"""Give Discord the localised names and descriptions of commands, options and choices."""

from typing import Any

from discord import Locale
from discord.app_commands import TranslationContext, TranslationContextLocation, Translator, locale_str

from bot.i18n import language_for

# Discord keeps simplified and traditional Chinese apart; both get the one Chinese we have.
CHINESE = frozenset({Locale.chinese, Locale.taiwan_chinese})
CONTEXTS = {
    TranslationContextLocation.command_name: "command name",
    TranslationContextLocation.group_name: "group name",
    TranslationContextLocation.parameter_name: "option name",
    TranslationContextLocation.choice_name: "choice",
}


class CommandTranslator(Translator):
    """Translates from the catalogue; what is not in it stays English."""

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContext[Any, Any]
    ) -> str | None:
        """Return the translation for a Chinese locale; for all others Discord shows the English original."""
        if locale not in CHINESE:
            return None
        language = language_for(locale.value)
        kind = CONTEXTS.get(context.location)
        return language.name(string.message, kind) if kind else language.description(string.message)
