"""Give Discord the localised names and descriptions of commands, options and choices."""

from collections.abc import Mapping
from typing import Any

from discord import Locale
from discord.app_commands import TranslationContext, TranslationContextLocation, Translator, locale_str

from bot.i18n import code_for, language_for

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
        """Return the translation where there is one; for all others Discord shows the English original.

        What comes with translations of its own (`locale_str("name", own={"zh-CN": "…"})`) has those and no others.
        """
        own: Mapping[str, str] | None = string.extras.get("own")
        if own is not None:
            return _own(own, locale.value)
        if code_for(locale.value) is None:
            return None  # most of Discord's thirty languages: asked for each text, each time commands are declared
        language = language_for(locale.value)
        kind = CONTEXTS.get(context.location)
        return language.name(string.message, kind) if kind else language.description(string.message)


def _own(texts: Mapping[str, str], locale: str) -> str | None:
    """Return the text in that language, or in one like it: any Chinese for Chinese."""
    if locale in texts:
        return texts[locale]
    primary = locale.split("-")[0]
    return next((text for code, text in texts.items() if code.split("-")[0].lower() == primary), None)
