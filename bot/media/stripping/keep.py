"""How much of what ComfyUI writes into a file goes out with it."""

from enum import StrEnum


class Keep(StrEnum):
    """One server's decision."""

    ALL = "all"
    """Every file goes out as it was made."""
    WITHOUT_PATHS = "without paths"
    """Prompt and workflow stay; where things lie on the image server does not."""
    NOTHING = "nothing"
    """Nothing but the picture, the film or the sound itself."""


USUAL = Keep.WITHOUT_PATHS
