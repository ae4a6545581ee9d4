"""What may be attached: told by what Discord says of a file before it is downloaded, and by its first bytes."""

import discord

from bot.errors import LaterError, UserError
from bot.media.encoding.kinds import Family, recognised
from bot.workflows.model.parameter import ParameterType

MAX_BYTES = 25 * 1024 * 1024
"""Bytes of one attached file."""
CLEAN_SIDE = 7000
"""About the side of the largest square picture that is taken; for the sentence alone."""
_MEDIA = {ParameterType.VIDEO: ("video", "image"), ParameterType.AUDIO: ("audio", "video")}
"""What may be attached for videos and sounds, in the words of content types: a GIF moves, a film has sound."""
_FAMILIES = {
    ParameterType.VIDEO: frozenset({Family.VIDEO}),
    ParameterType.AUDIO: frozenset({Family.AUDIO, Family.VIDEO}),
}
_MOVING_PICTURES = frozenset({"gif", "webp"})


def check_declared(attachment: discord.Attachment, kind: ParameterType = ParameterType.IMAGE) -> None:
    """Refuse, without reading a byte, what Discord already says is too large or not what is asked for."""
    if is_media(kind):
        _check_declared_media(attachment, kind)
        return
    if attachment.size > MAX_BYTES:
        raise too_large(attachment.filename)
    declared = (attachment.content_type or "image/").split("/")[0]
    if declared not in {"image", "application"}:
        raise not_a_picture(attachment.filename)


def is_media(kind: ParameterType) -> bool:
    """Whether a parameter takes videos or sounds, which are kept as they come."""
    return kind in _MEDIA


def too_large(name: str) -> UserError:
    """Return what to say of a picture of too many bytes."""
    return UserError(
        "“{name}” is too large: pictures may have up to {limit} MB.",
        name=name[:60],
        limit=MAX_BYTES // 1024**2,
    )


def _check_declared_media(attachment: discord.Attachment, kind: ParameterType) -> None:
    if attachment.size > MAX_BYTES:
        raise UserError(
            "“{name}” is too large: files may have up to {limit} MB.",
            name=attachment.filename[:60],
            limit=MAX_BYTES // 1024**2,
        )
    declared = (attachment.content_type or "application/").split("/")[0]
    if declared not in {*_MEDIA[kind], "application"}:
        raise _not_media(attachment.filename, kind)


def media_extension(head: bytes, name: str, kind: ParameterType) -> str:
    """Return the right extension for a video or sound that begins so; raises `UserError` for what is none."""
    found = recognised(head)
    if found is None:
        raise _not_media(name, kind)
    moving = kind is ParameterType.VIDEO and found.extensions[0] in _MOVING_PICTURES
    if found.family not in _FAMILIES[kind] and not moving:
        raise _not_media(name, kind)
    return found.extension(name.rpartition(".")[2].lower())


def _not_media(name: str, kind: ParameterType) -> UserError:
    if kind is ParameterType.VIDEO:
        return UserError(
            "“{name}” is not a video I can read. MP4, WebM, MOV, MKV, AVI and GIF work.", name=name[:60]
        )
    return UserError(
        "“{name}” is not a sound file I can read. MP3, WAV, FLAC, OGG and M4A work.", name=name[:60]
    )


def not_a_picture(name: str) -> UserError:
    """Return what to say of a file that is no picture."""
    return UserError(
        "“{name}” is not a picture I can read. PNG, JPEG, WebP, GIF, BMP and TIFF work.", name=name[:60]
    )


def too_many_pixels(name: str) -> UserError:
    """Return what to say of a picture that is too large to be decoded."""
    return UserError(
        "“{name}” has too many pixels: up to about {side} × {side} are possible. Please make it smaller first.",
        name=name[:60],
        side=CLEAN_SIDE,
    )


def too_heavy(name: str) -> UserError:
    """Return what to say of a picture that takes too long or too much memory."""
    return UserError("“{name}” takes too long to read. Please save it again as PNG or JPEG.", name=name[:60])


def no_room() -> LaterError:
    """Return what to say where DATA_MAX_BYTES leaves no room for a file."""
    return LaterError("There is no room here for more pictures at the moment. Please try again later.")
