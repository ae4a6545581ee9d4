"""ComfyUI's UI format turned into the graph that is posted, by the rules of its own frontend."""

from bot.workflows.convert.convert import Conversion, Unoffered, convert
from bot.workflows.convert.document import is_document

__all__ = ["Conversion", "Unoffered", "convert", "is_document"]
