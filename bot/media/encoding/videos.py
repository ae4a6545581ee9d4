"""Videos made smaller: H.264 and AAC in MP4, which every Discord client plays, frame by frame from file to file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bot.media.encoding.kinds import Content
from bot.media.encoding.made import Made, Missing, Task, Unreadable
from bot.media.encoding.measure import Footage, opened, pictures_of, sound_of
from bot.media.encoding.plan import VideoPlan, planned
from bot.media.encoding.streams import added, time_of, untimed

ATTEMPTS = 5
LOOK_EVERY = 24
"""Frames between two looks at the clock and the size so far."""
SLOWEST_PRESET, FASTEST_PRESET = "veryfast", "ultrafast"
THREADS = 4


class _SizeError(Exception):
    """It becomes too large."""


class _PaceError(Exception):
    """It takes too long."""


@dataclass(slots=True)
class _Lessons:
    """What earlier attempts taught."""

    size: float = 1.0
    rate: float = 1.0
    preset: str = SLOWEST_PRESET


def shrink_video(task: Task, content: Content, footage: Footage) -> Made | None:
    """Write an MP4 that fits; None when none can. Raises `Unreadable` when not one frame can be decoded."""
    lessons = _Lessons()
    target = task.target("mp4")
    for _attempt in range(ATTEMPTS):
        plan = planned(
            seconds=footage.seconds, width=footage.width, height=footage.height, fps=footage.fps,
            sound=footage.sound, limit=task.limit, size=lessons.size, rate=lessons.rate, preset=lessons.preset,
        )  # fmt: skip
        if plan is None or task.seconds_left < 0:
            return None
        try:
            _Attempt(task, content, footage, plan, target).run()
        except _PaceError:
            lessons.preset, lessons.size = FASTEST_PRESET, lessons.size * 0.6
            continue
        except _SizeError:
            lessons.rate, lessons.size = lessons.rate * 0.7, lessons.size * 0.85
            continue
        except FFmpegError as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error
        size = target.stat().st_size
        if size <= task.limit:
            return Made(
                target, f"{plan.width}x{plan.height}, {float(plan.fps):.3g} fps, {plan.bits // 1000} kbit/s"
            )
        lessons.rate *= task.limit / size * 0.93
    return None


class _Attempt:
    """One encoding with one plan."""

    def __init__(self, task: Task, content: Content, footage: Footage, plan: VideoPlan, target: Path) -> None:
        self._task = task
        self._content = content
        self._footage = footage
        self._plan = plan
        self._target = target
        self._allowed = task.seconds_left
        self._last = -1
        self._frames = 0

    def run(self) -> None:
        with (
            opened(self._task.source, self._content) as source,
            av.open(self._target, "w", format="mp4", options={"movflags": "+faststart"}) as out,
        ):
            pictures, sound = pictures_of(source), sound_of(source)
            if pictures is None:
                raise Unreadable("no pictures")
            pictures.codec_context.thread_type = "AUTO"
            pictures.codec_context.thread_count = _threads()
            video = self._video(out)
            audio = self._audio(out) if sound is not None and self._plan.sound_bits else None
            self._pour(source, out, pictures, sound if audio is not None else None, video, audio)
            if not self._frames:
                raise Unreadable("no frame can be decoded")
            out.mux(video.encode(None))
            if audio is not None:
                out.mux(audio.encode(None))

    def _pour(
        self, source: InputContainer, out: OutputContainer, pictures: VideoStream, sound: AudioStream | None,
        video: VideoStream, audio: AudioStream | None,
    ) -> None:  # fmt: skip
        start: float | None = None
        for packet in source.demux([stream for stream in (pictures, sound) if stream is not None]):
            for frame in _decoded(packet):
                if isinstance(frame, VideoFrame):
                    shown = time_of(frame)
                    time = shown if shown is not None else (self._last + 1) / float(self._plan.fps)
                    start = time if start is None else start
                    self._show(out, video, frame, time - start)
                elif audio is not None:
                    out.mux(audio.encode(untimed(frame)))

    def _show(self, out: OutputContainer, video: VideoStream, frame: VideoFrame, time: float) -> None:
        number = round(time * float(self._plan.fps))
        if number <= self._last:
            return
        self._last = number
        small = frame.reformat(self._plan.width, self._plan.height, "yuv420p")
        small.pts, small.time_base = number, 1 / self._plan.fps
        out.mux(video.encode(small))
        self._frames += 1
        if self._frames % LOOK_EVERY == 0:
            self._look(time / self._footage.seconds)

    def _look(self, done: float) -> None:
        """Give up early on what will not end well."""
        if self._task.overflows(self._target):
            raise _SizeError
        used = self._allowed - self._task.seconds_left
        if self._task.seconds_left < 0 or (used > self._allowed * 0.15 and used > self._allowed * 0.9 * done):
            raise _PaceError

    def _video(self, out: OutputContainer) -> VideoStream:
        plan = self._plan
        # The buffer may be overdrawn once: in a short film it must be a small part of the whole.
        buffer = int(plan.bits * min(2.0, self._footage.seconds / 4))
        options = {
            "preset": plan.preset, "crf": "21", "maxrate": str(plan.bits), "bufsize": str(buffer),
        }  # fmt: skip
        stream = added(out, _encoder(), rate=plan.fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = plan.width, plan.height, "yuv420p"
        stream.codec_context.thread_count = _threads()
        if stream.codec_context.name != "libx264":
            stream.bit_rate = plan.bits
        return stream

    def _audio(self, out: OutputContainer) -> AudioStream:
        mono = self._plan.sound_bits < 48_000
        rate = 32_000 if mono else 44_100
        stream = added(out, "aac", rate=rate, layout="mono" if mono else "stereo")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = self._plan.sound_bits
        return stream


def _decoded(packet: Packet) -> Iterator[VideoFrame | AudioFrame]:
    """Give a packet's frames; a damaged packet has none, and what follows it may be whole again."""
    try:
        for frame in packet.decode():
            if isinstance(frame, VideoFrame | AudioFrame):
                yield frame
    except FFmpegError:
        return


def _threads() -> int:
    return min(THREADS, os.cpu_count() or 1)


def _encoder() -> str:
    for name in ("libx264", "libopenh264"):
        try:
            Codec(name, "w")
        except UnknownCodecError:
            continue
        return name
    raise Missing("an encoder for H.264")
