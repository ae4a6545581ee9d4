"""Makes a file smaller in this process, and checks what every result must be."""

import time
from pathlib import Path
from typing import Any

from PIL import Image

from bot.media.encoding.__main__ import _made
from bot.media.encoding.kinds import HEAD_BYTES, recognised
from bot.media.encoding.made import Made, Task


def smaller(source: Path, limit: int, seconds: float = 60) -> Made | None:
    content = recognised(source.read_bytes()[:HEAD_BYTES])
    assert content is not None
    made = _made(Task(source, source.with_name("small"), limit, time.monotonic() + seconds), content)
    if made is not None:
        assert made.path.stat().st_size <= limit
        after = recognised(made.path.read_bytes()[:HEAD_BYTES])
        assert after is not None
        assert made.path.suffix[1:] in after.extensions
    return made


def must(source: Path, share: float) -> Made:
    made = smaller(source, int(source.stat().st_size * share))
    assert made is not None
    return made


def picture(path: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    image.save(path, kind, **options)
    return path
