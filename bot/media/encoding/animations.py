"""Moving pictures made smaller and kept moving: lossless, then by quality, size and frames per second."""

import io
import math
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageSequence

from bot.media.encoding.imprint import carried
from bot.media.encoding.made import Made, Task, Unreadable

MEMORY = 640 * 1024 * 1024
"""Bytes all frames together may take while they are worked on; more are scaled down as they are read."""
MOST_FRAMES = 2400
WEBP_SIDE = 16_383
DEFAULT_MILLISECONDS = 100


@dataclass(frozen=True, slots=True)
class Rung:
    """One step: the scale of both sides, every how many frames one stays, and the quality."""

    scale: float
    every: int
    quality: int

    @property
    def weight(self) -> float:
        """About how large the result is, beside one of full size and quality."""
        return self.scale**2 / self.every * (self.quality / 85)


RUNGS = (
    Rung(1.0, 1, 85), Rung(1.0, 1, 65), Rung(0.75, 1, 65), Rung(0.75, 1, 45), Rung(0.5, 1, 55),
    Rung(0.5, 2, 50), Rung(0.35, 2, 50), Rung(0.35, 3, 40), Rung(0.25, 3, 40), Rung(0.2, 4, 30),
    Rung(0.12, 5, 25),
)  # fmt: skip
HOPEFUL = 2.0


@dataclass(frozen=True, slots=True)
class Reel:
    """Decoded frames and how many milliseconds each is shown."""

    frames: tuple[Any, ...]
    durations: tuple[int, ...]
    loop: int

    def thinned(self, every: int) -> "Reel":
        """Return every n-th frame, shown for as long as those it stands for."""
        times = tuple(
            sum(self.durations[start : start + every]) for start in range(0, len(self.durations), every)
        )
        return Reel(self.frames[::every], times, self.loop)


def shrink_animation(task: Task, image: Any, *, lossless: bool) -> Made | None:
    """Write the first step that fits; None when none does."""
    reel = _read(task, image)
    extra = carried(image, task.limit)
    if lossless and _fits(task, _encoded(reel, lossless=True, quality=30, **extra)):
        return Made(task.target("webp"), "lossless")
    full: float | None = None
    for rung in RUNGS:
        if task.seconds_left < 0:
            return None
        if full is not None and full * rung.weight > task.limit * HOPEFUL:
            continue
        thin = reel.thinned(rung.every)
        frames = tuple(_scaled(frame, rung.scale) for frame in thin.frames)
        data = _encoded(Reel(frames, thin.durations, thin.loop), quality=rung.quality, **extra)
        if _fits(task, data):
            return Made(task.target("webp"), f"{rung.scale:.0%}, 1 frame of {rung.every}, {rung.quality}")
        full = full or len(data) / rung.weight
    return None


def _read(task: Task, image: Any) -> Reel:
    """Decode one frame after the other, at once scaled so that all of them stay within the memory allowed."""
    count = min(int(getattr(image, "n_frames", 1)), MOST_FRAMES)
    area = image.width * image.height
    scale = min(1.0, math.sqrt(MEMORY / (4 * area * count)), WEBP_SIDE / max(image.size))
    frames: list[Any] = []
    durations: list[int] = []
    for frame in ImageSequence.Iterator(image):
        if len(frames) == count:
            break
        if task.seconds_left < 0:
            raise Unreadable("too slow to read")
        frames.append(_scaled(frame.convert("RGBA"), scale))
        # Only now: some formats know a frame's time once it is decoded.
        durations.append(max(1, int(frame.info.get("duration", 0) or DEFAULT_MILLISECONDS)))
    return Reel(tuple(frames), tuple(durations), int(image.info.get("loop", 0) or 0))


def _encoded(reel: Reel, **options: Any) -> bytes:
    out = io.BytesIO()
    reel.frames[0].save(
        out, "WEBP", save_all=True, append_images=list(reel.frames[1:]), duration=list(reel.durations),
        loop=reel.loop, method=2, **options,
    )  # fmt: skip
    return out.getvalue()


def _fits(task: Task, data: bytes) -> bool:
    if len(data) > task.limit:
        return False
    task.target("webp").write_bytes(data)
    return True


def _scaled(picture: Any, scale: float) -> Any:
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BILINEAR if scale < 0.5 else Image.Resampling.LANCZOS)
