"""What PyAV can do and its type stubs do not say."""

from typing import Any

from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame


def added(out: OutputContainer, codec: str, **options: Any) -> Any:
    """Add a stream to a file that is written; `rate`, `layout` and `options` as PyAV has them."""
    loose: Any = out
    return loose.add_stream(codec, **options)


def untimed(frame: AudioFrame) -> AudioFrame:
    """Let the encoder count the samples itself: gaps and leaps in a file's times do not matter then."""
    loose: Any = frame
    loose.pts = None
    return frame


def time_of(frame: VideoFrame) -> float | None:
    """Return the seconds at which a frame is shown, None where the file does not say."""
    loose: Any = frame
    return loose.time
