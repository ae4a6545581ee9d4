"""Files kept by what they contain: attached inputs and outputs already fetched."""

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from bot.jobs.request import InputRef

_EXTENSION = re.compile(r"[a-z0-9]{1,8}")


class ContentStore:
    """A folder of files named by their SHA-256; a file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, ref: InputRef) -> Path:
        """Return where the file lies, or would."""
        return self.root / ref.sha256[:2] / ref.name

    async def put(self, data: bytes, extension: str) -> InputRef:
        """Keep these bytes; `extension` is ours, never taken from a file name unchecked."""
        return await asyncio.to_thread(self._put, data, extension.lower())

    async def get(self, ref: InputRef) -> bytes:
        """Return the bytes; raises FileNotFoundError if they were removed."""
        return await asyncio.to_thread(self.path(ref).read_bytes)

    def _put(self, data: bytes, extension: str) -> InputRef:
        if not _EXTENSION.fullmatch(extension):
            raise ValueError(f"not a file extension: {extension!r}")
        ref = InputRef(hashlib.sha256(data).hexdigest(), extension, len(data))
        path = self.path(ref)
        if path.is_file() and path.stat().st_size == len(data):
            return ref
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        return ref
