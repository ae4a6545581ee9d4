"""What a file is, by its first bytes: names from outside prove nothing."""

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 64


class Family(StrEnum):
    """How a file can be made smaller."""

    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Content:
    """What the bytes are."""

    family: Family
    extensions: tuple[str, ...]
    """Every extension that is right for it, the usual one first."""
    demuxer: str = ""
    """The one reader that may open it as video or sound: playlists and their like are never followed."""
    lossless: bool = False

    def extension(self, declared: str) -> str:
        """Return the declared extension if it is right, else the usual one."""
        return declared if declared.lower() in self.extensions else self.extensions[0]


_PNG = Content(Family.PICTURE, ("png", "apng"), lossless=True)
_JPEG = Content(Family.PICTURE, ("jpg", "jpeg", "jfif"))
_GIF = Content(Family.PICTURE, ("gif",), lossless=True)
_WEBP = Content(Family.PICTURE, ("webp",))
_AVIF = Content(Family.PICTURE, ("avif",))
_TIFF = Content(Family.PICTURE, ("tiff", "tif"), lossless=True)
_BMP = Content(Family.PICTURE, ("bmp",), lossless=True)
_MP4 = Content(Family.VIDEO, ("mp4", "m4v", "mov"), "mov")
_MOV = Content(Family.VIDEO, ("mov", "mp4"), "mov")
_M4A = Content(Family.AUDIO, ("m4a", "mp4"), "mov")
_WEBM = Content(Family.VIDEO, ("webm", "mkv"), "matroska")
_MKV = Content(Family.VIDEO, ("mkv",), "matroska")
_AVI = Content(Family.VIDEO, ("avi",), "avi")
_WAV = Content(Family.AUDIO, ("wav",), "wav", lossless=True)
_FLAC = Content(Family.AUDIO, ("flac",), "flac", lossless=True)
_OGG = Content(Family.AUDIO, ("ogg", "opus", "oga", "ogv"), "ogg")
_MP3 = Content(Family.AUDIO, ("mp3",), "mp3")

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"\xff\xd8\xff", _JPEG),
    (b"GIF87a", _GIF),
    (b"GIF89a", _GIF),
    (b"II*\x00", _TIFF),
    (b"MM\x00*", _TIFF),
    (b"fLaC", _FLAC),
    (b"OggS", _OGG),
    (b"ID3", _MP3),
)
_RIFF = {b"WEBP": _WEBP, b"WAVE": _WAV, b"AVI ": _AVI}
_BRANDS = {b"avif": _AVIF, b"avis": _AVIF, b"M4A ": _M4A, b"qt  ": _MOV}
_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free"})


def recognised(head: bytes) -> Content | None:
    """Return what a file is by its first `HEAD_BYTES`, None if it is nothing that can be made smaller."""
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _MP4)
    if head[4:8] in _ATOMS:
        return _MOV
    if head[:4] == b"\x1aE\xdf\xa3":
        return _WEBM if b"webm" in head else _MKV
    return _short_magic(head)


def _short_magic(head: bytes) -> Content | None:
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return _BMP
    # An MPEG frame begins with eleven ones; the two bits after the version must say layer III.
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:
        return _MP3
    return None
