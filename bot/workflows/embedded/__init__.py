"""The graphs that ComfyUI writes into the files it saves, found without decoding pictures, films or sounds."""

from bot.workflows.embedded.find import MEDIA_ENDINGS, Embedded, find_embedded

__all__ = ["MEDIA_ENDINGS", "Embedded", "find_embedded"]
