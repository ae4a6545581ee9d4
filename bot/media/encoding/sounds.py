"""Sounds made smaller: FLAC where that is enough, else Opus, else MP3, at the bits a second that fit."""

from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.audio.stream import AudioStream
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.error import FFmpegError
from av.packet import Packet

from bot.media.encoding.kinds import Content
from bot.media.encoding.made import Made, Task, Unreadable
from bot.media.encoding.measure import Footage, opened, sound_of
from bot.media.encoding.streams import added, untimed

FILL = 0.95
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Form:
    """A codec, the file it goes into, and the bits a second between which it is of use."""

    codec: str
    container: str
    extension: str
    rate: int
    least: int
    most: int
    stereo_from: int


OPUS = Form("libopus", "ogg", "ogg", 48_000, 8_000, 192_000, 32_000)
MP3 = Form("libmp3lame", "mp3", "mp3", 44_100, 32_000, 256_000, 64_000)
FLAC = Form("flac", "flac", "flac", 0, 0, 0, 0)


def shrink_sound(task: Task, content: Content, footage: Footage) -> Made | None:
    """Write the first form that fits; None when none does. Raises `Unreadable` when there is no sound in it."""
    try:
        if content.lossless and "flac" not in content.extensions:
            made = _written(task, content, FLAC, 0)
            if made is not None:
                return made
        for form in (OPUS, MP3):
            if _known(form.codec):
                made = _lossy(task, content, footage, form)
                if made is not None:
                    return made
    except FFmpegError as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    return None


def _lossy(task: Task, content: Content, footage: Footage, form: Form) -> Made | None:
    bits = min(form.most, int(task.limit * 8 * FILL / footage.seconds))
    for _attempt in range(ATTEMPTS):
        if bits < form.least or task.seconds_left < 0:
            return None
        made = _written(task, content, form, bits)
        if made is not None:
            return made
        bits = int(bits * 0.8)
    return None


def _written(task: Task, content: Content, form: Form, bits: int) -> Made | None:
    target = task.target(form.extension)
    with opened(task.source, content) as source, av.open(target, "w", format=form.container) as out:
        sound = sound_of(source)
        if sound is None:
            raise Unreadable("no sound")
        stereo = sound.codec_context.channels > 1 and (not bits or bits >= form.stereo_from)
        layout = sound.codec_context.layout.name if not bits else "stereo" if stereo else "mono"
        stream = added(out, form.codec, rate=form.rate or sound.codec_context.rate, layout=layout)
        assert isinstance(stream, AudioStream)
        if bits:
            stream.bit_rate = bits
        for packet in source.demux(sound):
            for encoded in _encoded(packet, stream):
                out.mux(encoded)
            if task.overflows(target) or task.seconds_left < 0:
                return None
        out.mux(stream.encode(None))
    if task.overflows(target):
        return None
    return Made(target, f"{form.codec}, {bits // 1000} kbit/s" if bits else form.codec)


def _encoded(packet: Packet, stream: AudioStream) -> Iterator[Packet]:
    try:
        frames = packet.decode()
    except FFmpegError:
        return  # a damaged packet; what follows it may be whole again
    for frame in frames:
        assert isinstance(frame, av.AudioFrame)
        yield from stream.encode(untimed(frame))


def _known(codec: str) -> bool:
    try:
        Codec(codec, "w")
    except UnknownCodecError:
        return False
    return True
