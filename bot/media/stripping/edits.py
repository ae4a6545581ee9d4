"""What is to be changed in a file, by its first bytes, whatever it is called."""

import logging
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.media.stripping import containers, pictures, sounds
from bot.media.stripping.keep import Keep
from bot.media.stripping.paths import without_paths
from bot.media.stripping.source import WINDOW, Edit, Source

log = logging.getLogger(__name__)

Editor = Callable[[Source, Keep], Iterator[Edit]]

_STARTS: tuple[tuple[bytes, Editor], ...] = (
    (b"\x89PNG\r\n\x1a\n", pictures.png),
    (b"\xff\xd8\xff", pictures.jpeg),
    (b"GIF8", pictures.gif),
    (b"RIFF", containers.riff),
    (b"\x1a\x45\xdf\xa3", containers.matroska),
    (b"glTF", containers.glb),
    (b"fLaC", sounds.flac),
    (b"OggS", sounds.ogg),
    (b"ID3", sounds.mp3),
)
_STILLS = frozenset({b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"})
"""Pictures in the same boxes as films, which mean something else there."""
_TEXT = re.compile(rb"[\x20-\x7e\t\r\n]{64,}|(?:[\x20-\x7e]\x00){64,}|(?:\x00[\x20-\x7e]){64,}")
"""What is no text is hardly ever so much like one."""
_DAMAGE = (
    ValueError,
    struct.error,
    LookupError,
    ArithmeticError,
    zlib.error,
    RecursionError,
    AttributeError,
    TypeError,
)


def find_edits(path: Path, keep: Keep) -> list[Edit]:
    """Return what must be changed for a file to say only what is kept; blocks; raises OSError.

    Of a damaged file, or one of an unknown kind, whatever looks like text is looked through for paths.
    """
    if keep is Keep.ALL:
        return []
    with path.open("rb") as file:
        source = Source(file)
        editor = _editor(source.upto(0, 16))
        found: list[Edit] = []
        try:
            if editor is not None:
                found.extend(editor(source, keep))
                return found
        except _DAMAGE as error:
            log.info("%s is damaged (%s): looked through for paths as it is", path.name, error)
        else:
            if keep is Keep.NOTHING:
                log.info("%s is of a kind whose metadata cannot be taken out; only paths are", path.name)
        behind = max((edit.end for edit in found), default=0)
        # What looks like text in a film is what is said about it; in a text it is the text itself.
        blank = keep is Keep.NOTHING and editor is not None
        return [*found, *_anywhere(source, behind, _blank if blank else _without_paths)]


def _editor(head: bytes) -> Editor | None:
    if head[4:8] in {b"ftyp", b"moov", b"wide"}:
        return None if head[4:8] == b"ftyp" and head[8:12] in _STILLS else containers.mp4
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return sounds.mp3  # one without a tag at its start
    return next((editor for start, editor in _STARTS if head.startswith(start)), None)


def _without_paths(text: re.Match[bytes]) -> bytes:
    return without_paths(text[0])


def _blank(text: re.Match[bytes]) -> bytes:
    return b" " * len(text[0])


def _anywhere(source: Source, at: int, change: Callable[[re.Match[bytes]], bytes]) -> Iterator[Edit]:
    while at < source.size:
        data = source.upto(at, WINDOW)
        if at + len(data) < source.size:
            data = data[: data.rfind(b",") + 1] or data
        clean = _TEXT.sub(change, data)
        if clean != data:
            yield Edit(at, at + len(data), clean)
        at += len(data)
