"""Files to and from the server."""

import asyncio
import io
import json
import re
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from pathlib import Path, PurePosixPath

import aiohttp
from yarl import URL

from bot.comfy import raw
from bot.comfy.api import Api
from bot.comfy.errors import NotSupported, ProtocolError, Rejected
from bot.comfy.outputs import FileRef
from bot.comfy.transport import CHUNK

TakeRoom = Callable[[int], Awaitable[None]]
"""Takes so many bytes of the disk, or raises."""


async def any_room(_size: int) -> None:
    """Let everything be written."""


_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
UPLOAD_PATIENCE = 20
"""How many times longer than usual an upload may take."""


_TALK = frozenset({"application/json", "text/html"})
"""What a proxy or an error answers with, and hardly a file."""


def plain_name(name: str) -> str:
    """Return a file name any server stores as it is: ASCII, no folders, no leading dot; a random one if need be."""
    path = PurePosixPath(_UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]))
    stem, suffix = path.stem.strip("._-")[:80], path.suffix[:12]
    return (stem or uuid.uuid4().hex) + ("" if suffix == "." else suffix)


class Files:
    """The server's input, output and temp folders."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def upload_image(
        self, image: bytes | Path, name: str, *, type: str, subfolder: str, overwrite: bool
    ) -> FileRef:
        """Store an image."""
        return await self._upload("/upload/image", image, name, type, subfolder, overwrite, None)

    async def upload_mask(
        self, image: bytes | Path, name: str, *, original: FileRef, type: str, subfolder: str, overwrite: bool
    ) -> FileRef:
        """Store a copy of the original with the mask's transparency; raise NotFound when the original is missing."""
        stored = await self._upload("/upload/mask", image, name, type, subfolder, overwrite, original)
        # The server gives a name even when it wrote nothing, so look (a proxy may not let us).
        with suppress(NotSupported):
            await self._api.send("HEAD", "/view", params=_query(stored))
        return stored

    async def fetch(self, ref: FileRef, *, max_bytes: int, preview: str | None) -> bytes:
        """Return a file's bytes."""
        params = _query(ref) | ({"preview": preview} if preview else {})
        async with aclosing(self._api.chunks("/view", params, max_bytes, never=_never(ref))) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def fetch_to(self, ref: FileRef, path: Path, *, max_bytes: int, room: TakeRoom) -> int:
        """Write a file to disk; it appears under its name only when it is whole.

        `room` is asked for the bytes of every piece before it is written.
        """
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        try:
            size = await self._pour(ref, part, max_bytes, room)
            await asyncio.to_thread(part.replace, path)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    def view_url(self, ref: FileRef, base: str | None) -> str:
        """Return where a browser finds the file; without credentials."""
        address = (base or self._api.transport.address.base).rstrip("/")
        return str(URL(f"{address}/view").with_query(_query(ref)))

    async def _pour(self, ref: FileRef, part: Path, max_bytes: int, room: TakeRoom) -> int:
        size, waiting = 0, bytearray()
        answer = self._api.chunks("/view", _query(ref), max_bytes, never=_never(ref))
        async with aclosing(answer) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                waiting += chunk
                if len(waiting) >= CHUNK:
                    await room(len(waiting))
                    await asyncio.to_thread(_append, part, bytes(waiting))
                    waiting.clear()
        await room(len(waiting))
        await asyncio.to_thread(_append, part, bytes(waiting))
        return size

    async def _upload(
        self,
        path: str,
        image: bytes | Path,
        name: str,
        type: str,
        subfolder: str,
        overwrite: bool,
        original: FileRef | None,
    ) -> FileRef:
        largest = (await self._api.features()).max_upload_size
        size = len(image) if isinstance(image, bytes) else (await asyncio.to_thread(image.stat)).st_size
        if largest is not None and size > largest:
            raise Rejected(413, f"the server takes at most {largest} bytes")
        # Sent piece by piece, where plain bytes would go out in one.
        file = io.BytesIO(image) if isinstance(image, bytes) else await asyncio.to_thread(image.open, "rb")
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("image", file, filename=plain_name(name), content_type="application/octet-stream")
        form.add_field("type", type)
        form.add_field("subfolder", subfolder)
        form.add_field("overwrite", "true" if overwrite else "false")
        if original is not None:
            named = {"filename": original.filename, "subfolder": original.subfolder, "type": original.type}
            form.add_field("original_ref", json.dumps(named))
        patience = self._api.transport.patience * UPLOAD_PATIENCE
        try:
            answer = raw.mapping(await self._api.json("POST", path, form=form, patience=patience))
        finally:
            file.close()
        stored = raw.text(answer.get("name"))
        if not stored:
            raise ProtocolError("the upload was not acknowledged as ComfyUI does it")
        return FileRef(stored, raw.text(answer.get("subfolder")) or "", raw.text(answer.get("type")) or type)


def _never(ref: FileRef) -> frozenset[str]:
    """Return the content types that no file of this name has: an error page, say, in the place of a picture."""
    return frozenset() if ref.extension in {"json", "html", "htm"} else _TALK


def _query(ref: FileRef) -> dict[str, str]:
    return {"filename": ref.filename, "subfolder": ref.subfolder, "type": ref.type}


def _append(path: Path, data: bytes) -> None:
    # Opened and closed in one breath: whoever is cut off between two pieces leaves no file open.
    with path.open("ab") as file:
        file.write(data)
