"""Routes for files: view with its variants, and uploads with the renaming rule."""

import asyncio
import hashlib
import io
import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image, ImageOps

from bot.demo.comfyui.folders import OutsideError, split_annotation
from bot.demo.comfyui.pixels import resize
from bot.demo.comfyui.run import Run

Form = Mapping[str, Any]
UNSAFE_TYPES = {"text/html", "text/html-sandboxed", "application/xhtml+xml", "text/javascript", "text/css"}


class FileRoutes:
    """Handlers that read and write files below the three roots."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def view(self, request: web.Request) -> web.StreamResponse:
        """Send a file, re-encoded or one channel of it where asked for."""
        query = request.query
        if "filename" not in query:
            return web.Response(status=404)
        name, kind = split_annotation(query["filename"])
        kind = kind or query.get("type", "output")
        if not name or name.startswith("/") or ".." in name or kind not in ("input", "output", "temp"):
            return web.Response(status=400)
        try:
            folder = self.run.folders.inside(kind, query.get("subfolder", ""))
        except OutsideError:
            return web.Response(status=403)
        path = folder / Path(name).name
        if self.run.faults.missing_outputs or not path.is_file():
            return web.Response(status=404)
        headers = {"Content-Disposition": f'filename="{path.name}"'}
        channel = query.get("channel", "")
        if "preview" in query:
            content, media = await asyncio.to_thread(recoded, path, query["preview"], channel)
            return web.Response(body=content, content_type=media, headers=headers)
        if channel in ("rgb", "a"):
            content = await asyncio.to_thread(one_channel, path, channel)
            return web.Response(body=content, content_type="image/png", headers=headers)
        media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        media = "application/octet-stream" if media in UNSAFE_TYPES else media
        return web.FileResponse(path, headers=headers | {"Content-Type": media})

    async def upload_image(self, request: web.Request) -> web.Response:
        """Store a file; another with the same name and other content gets a new name."""
        form = await request.post()
        return await self.store(form, None)

    async def upload_mask(self, request: web.Request) -> web.Response:
        """Store the original with the mask picture's alpha; a missing original is not told."""
        form = await request.post()
        reference: dict[str, Any] = json.loads(str(form["original_ref"]))
        return await self.store(form, reference)

    async def store(self, form: Form, reference: dict[str, Any] | None) -> web.Response:
        """Write what was uploaded and answer with the name it got."""
        image, kind = form.get("image"), str(form.get("type", "input"))
        subfolder = str(form.get("subfolder", ""))
        root = self.run.folders.root(kind)
        if image is None or image == b"" or image == "":
            return web.Response(status=400)
        if not isinstance(image, web.FileField) or not image.filename:
            raise ValueError("not a file")
        name = image.filename.lstrip("/")
        folder = root / subfolder
        if Path(subfolder).is_absolute() or not inside(root, folder) or not inside(root, folder / name):
            return web.Response(status=400)
        overwrite = str(form.get("overwrite", "")) in ("true", "1")
        content = await asyncio.to_thread(image.file.read)
        stored = await asyncio.to_thread(self.write, folder, name, content, overwrite, reference)
        answer: dict[str, Any] = {"name": stored, "subfolder": subfolder, "type": kind}
        return web.json_response(answer)

    def write(
        self, folder: Path, name: str, content: bytes, overwrite: bool, reference: dict[str, Any] | None
    ) -> str:
        """Write a file under a free name, or find that it is there already."""
        folder.mkdir(parents=True, exist_ok=True)
        if not overwrite:
            name, known = free_name(folder, name, content if reference is None else None)
            if known:
                return name
        if reference is None:
            (folder / name).write_bytes(content)
        elif (original := self.original(reference)) is not None:
            with Image.open(original) as below, Image.open(io.BytesIO(content)) as above:
                alpha = above.convert("RGBA").getchannel("A")
                whole = below.convert("RGBA")
                whole.putalpha(resize(alpha, whole.size))
                whole.save(folder / name, compress_level=4, format="PNG")
        return name

    def original(self, reference: dict[str, Any]) -> Path | None:
        """Return the picture that a mask belongs to, or None."""
        name, kind = str(reference["filename"]), str(reference.get("type", "output"))
        try:
            folder = self.run.folders.inside(kind, str(reference.get("subfolder", "")))
        except (OutsideError, KeyError):
            return None
        path = folder / Path(name).name
        return None if name.startswith("/") or ".." in name or not path.is_file() else path


def inside(root: Path, path: Path) -> bool:
    """Tell whether a path stays below its root."""
    return path.resolve().is_relative_to(root)


def free_name(folder: Path, name: str, content: bytes | None) -> tuple[str, bool]:
    """Return a name to write to; the second value tells that this very content has it already."""
    digest = hashlib.sha256(content).hexdigest() if content is not None else None
    path, number = Path(name), 1
    candidate = name
    while (folder / candidate).exists():
        if digest is not None and hashlib.sha256((folder / candidate).read_bytes()).hexdigest() == digest:
            return candidate, True
        candidate = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        number += 1
    return candidate, False


def recoded(path: Path, preview: str, channel: str) -> tuple[bytes, str]:
    """Return the picture at full size in a smaller format: jpeg or webp, quality after a semicolon."""
    form, _, quality = preview.partition(";")
    if form not in ("jpeg", "webp") or "a" in channel:
        form = "webp"
    level = int(quality) if quality.isdigit() else 90
    if level > 100:
        raise ValueError("quality")
    with Image.open(path) as picture:
        shown = picture.convert("RGB") if form == "jpeg" or channel == "rgb" else picture
        buffer = io.BytesIO()
        shown.save(buffer, form, quality=level)
    return buffer.getvalue(), f"image/{form}"


def one_channel(path: Path, channel: str) -> bytes:
    """Return the colours alone, or the alpha alone as an RGBA picture."""
    with Image.open(path) as picture:
        whole = ImageOps.exif_transpose(picture).convert("RGBA")
    if channel == "rgb":
        result = whole.convert("RGB")
    else:
        result = Image.new("RGBA", whole.size)
        result.putalpha(whole.getchannel("A"))
    buffer = io.BytesIO()
    result.save(buffer, "PNG")
    return buffer.getvalue()
