"""Paths of the image server in texts, JSON within JSON included: recognised, and replaced by the file's bare name."""

import re

_UNC = rb"(?P<unc>\\{1,8})(?P=unc)[A-Za-z0-9][\w.$-]{0,255}(?P=unc)(?=[^\\\"\s])"
_DRIVE = rb"[A-Za-z]:(?:\\{1,16}|/)(?=[^\"\\/\s])"
_ROOTS = (
    rb"/(?:home|root|mnt|media|Users|usr|var|opt|srv|tmp|etc|data|workspace|Volumes|private|app|storage|content"
    rb"|kaggle|comfyui|ComfyUI|runpod-volume|notebooks|models|output|input)/"
)
_ESCAPED = rb"\\{1,16}u[0-9a-fA-F]{4}"

# All repetitions are bounded: what strangers wrote must not make the search slow.
_QUOTED = re.compile(
    rb"(?<=\")(?P<body>(?:(?P<posix>/(?=[^/\"\\\s]{1,255}/))|~/|file:/|" + _DRIVE + rb"|" + _UNC + rb")"
    rb"[^\"\n]{0,4096}?)(?P<close>\\{0,16}\")"
)
"""A whole string of JSON that is a path, at any depth of quoting."""
_LOOSE = re.compile(
    rb"(?:(?<=\\[nrt])|(?<![^\s\"'=,;:(\[<>|]))(?P<body>"
    rb"(?:" + _ROOTS + rb"|~/|file:/{1,3})(?:[^\s\"'<>|;,)\]\\]|" + _ESCAPED + rb"){1,4096}"
    rb"|(?:" + _DRIVE + rb"|" + _UNC + rb")[^\s\"'<>|;,)\]]{1,4096})"
)
"""A path among other words."""
_KNOWN_ROOT = re.compile(_ROOTS)
_NAME = re.compile(rb"(?:[^/\\]|" + _ESCAPED + rb"){1,200}\.[A-Za-z0-9]{1,12}")
_BETWEEN = re.compile(rb"/|\\{1,16}(?!\\|u[0-9a-fA-F]{4})")
_WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n]\x00){8,}|(?:\x00[\x20-\x7e\t\r\n]){8,}")


def without_paths(data: bytes) -> bytes:
    """Return as many bytes, with blanks where paths were shortened; JSON stays JSON, and means the same but for them.

    Looks for texts in ASCII, UTF-8 and UTF-16; a path is absolute (of POSIX or Windows, UNC, `~`, or a file address).
    """
    return _WIDE.sub(_narrowed, _LOOSE.sub(_loose, _QUOTED.sub(_quoted, data)))


def _quoted(match: re.Match[bytes]) -> bytes:
    body, close = match["body"], match["close"]
    if match["posix"] is not None and not _is_path(body):
        return match[0]
    # Behind the closing quote, blanks mean nothing.
    return (_bare(body) + close).ljust(len(match[0]))


def _is_path(body: bytes) -> bool:
    """Tell a path from words that begin with a slash."""
    return b" " not in body or bool(_NAME.fullmatch(_last(body)) or _KNOWN_ROOT.match(body))


def _loose(match: re.Match[bytes]) -> bytes:
    # Backslashes at the end may belong to a quote behind them.
    body = match["body"].rstrip(b"\\")
    return _bare(body).ljust(len(body)) + match["body"][len(body) :]


def _bare(path: bytes) -> bytes:
    """Return the name of a file; a folder's may be somebody's own."""
    name = _last(path)
    return name if _NAME.fullmatch(name) else b"_"


def _last(path: bytes) -> bytes:
    return _BETWEEN.split(path)[-1]


def _narrowed(match: re.Match[bytes]) -> bytes:
    start = 1 if match[0][:1] == b"\0" else 0
    wide = bytearray(match[0])
    narrow = bytes(wide[start::2])
    wide[start::2] = _LOOSE.sub(_loose, _QUOTED.sub(_quoted, narrow))
    return bytes(wide)
