"""How a video must be encoded to be no larger than it may: sums without any codec."""

import math
from dataclasses import dataclass
from fractions import Fraction

FILL = 0.95
"""How much of the limit is aimed at."""
CONTAINER_BITS = 6_000
"""What an MP4's own tables take in a second."""
LEAST_BITS = 24_000
"""Bits a second below which a picture cannot be recognised any more."""
GOOD_BITS_PER_PIXEL = 0.045
"""Below this H.264 falls apart, and fewer pixels look better."""
SMALLEST_SIDE = 96
LARGEST_SIDE = 1920


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """The settings of one attempt. Rates are bits a second, sides are even."""

    width: int
    height: int
    fps: Fraction
    bits: int
    sound_bits: int
    """0 for no sound."""
    preset: str


def planned(
    *, seconds: float, width: int, height: int, fps: float, sound: bool, limit: int, size: float = 1.0,
    rate: float = 1.0, preset: str = "veryfast",
) -> VideoPlan | None:  # fmt: skip
    """Return what to try; None where too little would be left of it.

    `rate` below 1 asks for fewer bits than the sum says, `size` for shorter sides: what an earlier attempt taught.
    """
    total = limit * 8 * FILL * rate / seconds - CONTAINER_BITS
    sound_bits = _sound_bits(total) if sound else 0
    bits = total - sound_bits
    if bits < LEAST_BITS:
        return None
    scale = min(1.0, LARGEST_SIDE / max(width, height)) * size
    per_pixel = bits / (width * height * scale * scale)
    if per_pixel / fps < GOOD_BITS_PER_PIXEL:
        fps = min(fps, 30.0)
    if per_pixel / fps < GOOD_BITS_PER_PIXEL / 4:
        fps = min(fps, 15.0)
    scale *= min(1.0, math.sqrt(per_pixel / fps / GOOD_BITS_PER_PIXEL))
    scale = max(scale, min(1.0, SMALLEST_SIDE / min(width, height)))
    return VideoPlan(
        width=_even(width * scale),
        height=_even(height * scale),
        fps=Fraction(fps).limit_denominator(1001),
        bits=int(bits),
        sound_bits=sound_bits,
        preset=preset,
    )


def _sound_bits(total: float) -> int:
    return int(min(128_000, max(20_000, total * 0.12)))


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
