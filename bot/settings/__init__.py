"""Everything an operator may change, read once at start-up and handed out section by section."""

from bot.settings.load import ENVIRONMENT_PREFIXES, VARIABLES, Variable, load_settings
from bot.settings.tree import (
    ComfyUISettings,
    DiscordSettings,
    LimitSettings,
    LogSettings,
    ModerationSettings,
    Settings,
    WorkflowSettings,
)

__all__ = [
    "ENVIRONMENT_PREFIXES",
    "VARIABLES",
    "ComfyUISettings",
    "DiscordSettings",
    "LimitSettings",
    "LogSettings",
    "ModerationSettings",
    "Settings",
    "Variable",
    "WorkflowSettings",
    "load_settings",
]
