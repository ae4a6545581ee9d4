"""Pictures, videos and sounds to make smaller: noisy ones, which no codec makes nothing of."""

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw


def noise(size: tuple[int, int], mode: str = "RGB", seed: int = 1) -> Image.Image:
    return Image.frombytes(mode, size, random.Random(seed).randbytes(size[0] * size[1] * len(mode)))


def painting(size: tuple[int, int], step: int = 0) -> Image.Image:
    """Draw what is soft like a photograph: noise of a quarter of the size, with something that moves."""
    small = noise((max(1, size[0] // 4), max(1, size[1] // 4))).resize(size, Image.Resampling.BICUBIC)
    ImageDraw.Draw(small).ellipse(
        (step * 3, step * 2, step * 3 + size[0] // 3, step * 2 + size[1] // 3), "red"
    )
    return small


def save_animation(path: Path, kind: str, *, frames: int = 8, size: tuple[int, int] = (160, 120)) -> Path:
    pictures = [painting(size, step) for step in range(frames)]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    pictures[0].save(path, kind, save_all=True, append_images=pictures[1:], duration=80, loop=0, **options)
    return path


def save_video(
    path: Path,
    *,
    size: tuple[int, int] = (192, 144),
    frames: int = 36,
    fps: int = 24,
    sound: bool = True,
    codec: str = "libx264",
    crf: int = 8,
) -> Path:
    random_bytes = random.Random(2)
    pictures = [painting(size, step) for step in range(6)]
    with av.open(path, "w") as out:
        options = {"preset": "ultrafast", "crf": str(crf)} if codec == "libx264" else {"cpu-used": "8"}
        video: Any = out.add_stream(codec, rate=fps, options=options)
        video.width, video.height, video.pix_fmt = *size, "yuv444p" if size[0] % 2 else "yuv420p"
        audio: Any = _sound_stream(out, path) if sound else None
        for number in range(frames):
            picture = pictures[number % 6].rotate(number % 4 * 90)
            frame: Any = av.VideoFrame.from_image(picture).reformat(format=video.pix_fmt)
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(video.encode(frame))
            if audio is not None:
                out.mux(audio.encode(sound_frame(48_000 // fps, 48_000, random_bytes)))
        out.mux(video.encode(None))
        if audio is not None:
            out.mux(audio.encode(None))
    return path


def _sound_stream(out: Any, path: Path) -> Any:
    return out.add_stream("libopus" if path.suffix == ".webm" else "aac", rate=48_000, layout="stereo")


def sound_frame(samples: int, rate: int, source: random.Random, channels: int = 2) -> Any:
    frame = av.AudioFrame(format="s16", layout="stereo" if channels == 2 else "mono", samples=samples)
    frame.sample_rate = rate
    frame.planes[0].update(source.randbytes(frame.planes[0].buffer_size))
    return frame


def save_sound(
    path: Path, codec: str, *, seconds: int = 4, rate: int = 44_100, quiet: bool = False, channels: int = 2
) -> Path:
    random_bytes = random.Random(3)
    with av.open(path, "w") as out:
        stream: Any = out.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono")
        for _ in range(seconds * 10):
            frame = sound_frame(rate // 10, rate, random_bytes, channels)
            if quiet:
                frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


class Looked:
    """What is in a video or a sound, as a player finds it by decoding all of it."""

    def __init__(self, path: Path) -> None:
        self.frames = 0
        self.samples = 0
        self.seconds = 0.0
        with av.open(path) as container:
            self.format = container.format.name
            self.codecs = [stream.codec_context.name for stream in container.streams]
            self.fps = max(
                (float(stream.average_rate or 0) for stream in container.streams.video), default=0.0
            )
            self.size = next(
                ((s.codec_context.width, s.codec_context.height) for s in container.streams.video), (0, 0)
            )
            for frame in container.decode():
                if isinstance(frame, av.VideoFrame):
                    self.frames += 1
                    self.seconds = max(self.seconds, frame.time or 0.0)
                elif isinstance(frame, av.AudioFrame):
                    self.samples += frame.samples
                    self.seconds = max(self.seconds, frame.time or 0.0)
