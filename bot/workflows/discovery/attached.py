"""Finding the files a person attaches: pictures, masks, videos, sounds."""

import re

from bot.workflows.discovery.collect import Find, Finds
from bot.workflows.graph.graph import class_of

_MEDIA = re.compile(
    r"\.(png|jpe?g|webp|gif|bmp|mp4|webm|mkv|mov|avi|mp3|wav|flac|ogg|m4a|opus)( \[\w+\])?$", re.IGNORECASE
)


_FURTHEST = 300
"""Nodes looked at for what one picture is used as."""


class AttachedFinder:
    """Finds inputs that take uploaded files."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer

    def files(self) -> None:
        live = set(self.tracer.live)
        for node_id in (each for each in self.tracer.graph if each in live):
            for name, value in self.tracer.inputs(node_id).items():
                if not isinstance(value, str):
                    continue
                match self._upload_kind(node_id, name):
                    case "image":
                        self._image(node_id, name)
                    case "video" | "audio" as kind:
                        self.found.add(kind, node_id, name, group=(node_id, name))
                    case _:
                        pass

    def _upload_kind(self, node_id: str, name: str) -> str | None:
        schema = self.tracer.schema(node_id)
        if schema is not None:
            known = schema.inputs.get(name)
            if known is None or known.upload is not None or known.choices is None:
                return known.upload if known else None
            # Some packs put the upload button there in their own JavaScript, without a word about it here.
            if not any(
                _MEDIA.search(each) for each in (*known.choices, str(self.tracer.value((node_id, name))))
            ):
                return None
        class_type = class_of(self.tracer.graph, node_id).lower()
        if "load" not in class_type or "base64" in class_type:
            return None
        if name in {"image", "video", "audio"} and name in class_type:
            return name
        return "video" if name == "file" and "video" in class_type else None

    def _image(self, node_id: str, name: str) -> None:
        group = (node_id, name)
        mask, image = self._used_as(node_id)
        if image or not mask:
            self.found.add("image", node_id, name, group=group)
            if self._mask_of_its_own(node_id):  # the same file brings both: its transparency is the mask
                self.found.append(Find("mask", (node_id, name), (node_id, name), group, optional=True))
        else:
            self.found.add("mask", node_id, name, group=group)

    def _used_as(self, node_id: str) -> tuple[bool, bool]:
        """Tell whether a loaded picture ends as a mask, and whether it ends as a picture."""
        mask = image = False
        stack, seen = [node_id], {node_id}
        while stack and len(seen) < _FURTHEST:
            source = stack.pop()
            for reader, name, slot in self.tracer.readers(source):
                if (
                    self.tracer.type_of(reader, name) == "MASK"
                    or self.tracer.output_type((source, slot)) == "MASK"
                ):
                    mask = True
                elif not self._only_reshapes(reader):
                    image = True
                elif not self.tracer.makes(reader, "IMAGE"):
                    mask = True
                elif reader not in seen:
                    seen.add(reader)
                    stack.append(reader)
        return mask, image

    def _mask_of_its_own(self, node_id: str) -> bool:
        readers = self.tracer.readers(node_id)
        return any(self.tracer.output_type((node_id, slot)) == "MASK" for _, _, slot in readers) or any(
            slot == 1 and self.tracer.type_of(reader, name) == "MASK" for reader, name, slot in readers
        )

    def _only_reshapes(self, node_id: str) -> bool:
        """Tell whether a node takes one picture and nothing else, and gives a picture or a mask."""
        links = [name for name in self.tracer.inputs(node_id) if self.tracer.link(node_id, name) is not None]
        schema = self.tracer.schema(node_id)
        kinds = {kind for _, kind in schema.outputs} if schema else set[str]()
        return len(links) == 1 and bool(kinds) and kinds <= {"IMAGE", "MASK"}
