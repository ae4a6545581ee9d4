"""Files with graphs in them, as ComfyUI's savers and those of well-known packs write them."""

import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

PROMPT = {"1": {"class_type": "SaveImage", "inputs": {"filename_prefix": "Käse"}}}
WORKFLOW = {"nodes": [], "links": [], "version": 0.4}
BOTH = {"prompt": json.dumps(PROMPT), "workflow": json.dumps(WORKFLOW)}


def picture(size: int = 8) -> Image.Image:
    return Image.new("RGB", (size, size), "red")


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(texts: Mapping[str, str] = BOTH, *, packed: bool = False, international: bool = False) -> bytes:
    info = PngInfo()
    for key, text in texts.items():
        if international:
            info.add_itxt(key, text, zip=packed)
        else:
            info.add_text(key, text, zip=packed)
    return saved(picture(), "PNG", pnginfo=info)


def animated_png() -> bytes:
    """ComfyUI puts its texts into chunks of their own kind, behind the pixels."""
    info = PngInfo()
    for key, text in BOTH.items():
        info.add(b"comf", key.encode() + b"\0" + text.encode(), after_idat=True)
    frames = [picture(), Image.new("RGB", (8, 8), "blue")]
    return saved(frames[0], "PNG", pnginfo=info, save_all=True, append_images=frames[1:], duration=100)


def exif() -> Image.Exif:
    made = Image.Exif()
    made[0x0110] = f"prompt:{BOTH['prompt']}"
    made[0x010F] = f"workflow:{BOTH['workflow']}"
    return made


def webp() -> bytes:
    return saved(picture(), "WEBP", exif=exif())


def animated_webp() -> bytes:
    more = [Image.new("RGB", (8, 8), "blue")]
    return saved(picture(), "WEBP", exif=exif(), save_all=True, append_images=more, duration=100)


def jpeg() -> bytes:
    return saved(picture(), "JPEG", exif=exif())


def jpeg_user_comment() -> bytes:
    made = Image.Exif()
    made.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + json.dumps({"prompt": PROMPT, "workflow": WORKFLOW}).encode(
        "utf-16-le"
    )
    return saved(picture(), "JPEG", exif=made)


def jpeg_comment() -> bytes:
    return saved(picture(), "JPEG", comment=json.dumps({"prompt": PROMPT, "workflow": WORKFLOW}).encode())


def film(
    kind: str, codec: str, metadata: Mapping[str, str] = BOTH, options: Mapping[str, str] | None = None
) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind, options=dict(options or {})) as container:
        container.metadata.update(metadata)
        stream: Any = container.add_stream(codec, rate=8)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_image(picture(32))
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    return file.getvalue()


def sound(kind: str, codec: str, rate: int = 48_000) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        container.metadata.update(BOTH)
        stream: Any = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate = rate
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 0
        )
        frames = [*resampler.resample(frame), *resampler.resample(None)]
        for packet in [each for made in frames for each in stream.encode(made)] + list(stream.encode()):
            container.mux(packet)
    return file.getvalue()


KEYS = {"movflags": "use_metadata_tags"}
SAVERS: Mapping[str, Callable[[], bytes]] = {
    "png": png,
    "png, packed": lambda: png(packed=True),
    "png, international": lambda: png(international=True),
    "png, international and packed": lambda: png(international=True, packed=True),
    "png, exif": lambda: saved(picture(), "PNG", exif=exif()),
    "animated png": animated_png,
    "webp": webp,
    "animated webp": animated_webp,
    "jpeg": jpeg,
    "jpeg, user comment": jpeg_user_comment,
    "jpeg, comment": jpeg_comment,
    "mp4": lambda: film("mp4", "mpeg4", options=KEYS),
    "mp4, comment": lambda: film("mp4", "mpeg4", {"comment": json.dumps(BOTH)}),
    "mov, comment": lambda: film("mov", "mpeg4", {"comment": json.dumps(BOTH)}),
    "webm": lambda: film("webm", "libvpx"),
    "mkv": lambda: film("matroska", "mpeg4"),
    "flac": lambda: sound("flac", "flac"),
    "mp3": lambda: sound("mp3", "libmp3lame"),
    "opus": lambda: sound("opus", "libopus"),
    "ogg": lambda: sound("ogg", "libopus"),
}


@cache
def made(name: str) -> bytes:
    return SAVERS[name]()
