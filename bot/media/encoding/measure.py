"""What a video or sound really holds: its packets are counted, for headers may lie."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from bot.media.encoding.kinds import Content
from bot.media.encoding.made import Unreadable

MOST_PIXELS = 40_000_000
"""Of one frame of a video that is decoded at all."""
MOST_SECONDS = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Footage:
    """How long it is in seconds, and how large and fast its pictures are; without pictures those are 0."""

    seconds: float
    width: int
    height: int
    fps: float
    sound: bool


@contextmanager
def opened(path: Path, content: Content) -> Generator[InputContainer]:
    """Open a file with the one reader for what it is, and nothing it refers to."""
    # What is opened is a path of our own, never an address.
    with av.open(path, "r", format=content.demuxer, options={"protocol_whitelist": "file"}) as container:
        yield container


def pictures_of(container: InputContainer) -> VideoStream | None:
    """Return the first video stream that is not the cover of a sound."""
    streams = (
        stream for stream in container.streams.video if Disposition.attached_pic not in stream.disposition
    )
    return next(streams, None)


def sound_of(container: InputContainer) -> AudioStream | None:
    """Return the first audio stream."""
    return next(iter(container.streams.audio), None)


def measured(path: Path, content: Content) -> Footage:
    """Read all packets without decoding them; raises `Unreadable`."""
    try:
        with opened(path, content) as container:
            pictures, sound = pictures_of(container), sound_of(container)
            seconds, frames = _length(container, pictures, sound)
            if pictures is None or not frames:
                return Footage(seconds, 0, 0, 0.0, sound is not None)
            width, height = pictures.codec_context.width, pictures.codec_context.height
            if not 0 < width * height <= MOST_PIXELS:
                raise Unreadable(f"frames of {width}x{height}")
            fps = _fps(frames / seconds, pictures)
            return Footage(seconds, width, height, fps, sound is not None)
    except (FFmpegError, ValueError, OverflowError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _fps(counted: float, pictures: VideoStream) -> float:
    """Return the rate the file claims where it is about what was counted: the sound may be longer or shorter."""
    claimed = float(pictures.average_rate or 0)
    fps = claimed if abs(claimed - counted) < counted * 0.2 else counted
    return min(60.0, max(1.0, fps))


def _length(
    container: InputContainer, pictures: VideoStream | None, sound: AudioStream | None
) -> tuple[float, int]:
    wanted = [stream for stream in (pictures, sound) if stream is not None]
    if not wanted:
        raise Unreadable("neither pictures nor sound")
    first: float | None = None
    last = 0.0
    frames = 0
    for packet in container.demux(wanted):
        if packet.pts is None or not packet.size:
            continue
        begin = float(packet.pts * packet.time_base)
        first = begin if first is None else min(first, begin)
        last = max(last, begin + float((packet.duration or 0) * packet.time_base))
        frames += pictures is not None and packet.stream_index == pictures.index
    seconds = last - (first or 0.0)
    if not 0 < seconds <= MOST_SECONDS:
        raise Unreadable(f"{seconds} seconds")
    return seconds, frames
