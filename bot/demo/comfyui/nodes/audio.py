"""Nodes that make and write sound; offered only where PyAV is installed, as without it nothing could be written."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.comfyui.nodes.saving import item
from bot.demo.comfyui.nodes.spec import Input, Node, link, real, text, whole
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings

CHUNK, LONGEST = 4096, 600.0


@dataclass(frozen=True, slots=True)
class Sound:
    """So many seconds of silence."""

    seconds: float
    rate: int
    channels: int


def empty(around: Surroundings, inputs: Inputs) -> Outcome:
    seconds = min(float(inputs["duration"]), LONGEST)
    return Outcome((Sound(seconds, int(inputs["sample_rate"]), int(inputs["channels"])),))


def write(path: Path, sound: Sound) -> None:
    """Encode the sound as FLAC."""
    import av  # heavy and optional

    frames: Any = av.AudioFrame
    layout = "stereo" if sound.channels == 2 else "mono"
    with av.open(str(path), mode="w") as container:
        stream: Any = container.add_stream(  # pyright: ignore[reportUnknownMemberType] - its options are untyped
            "flac", rate=sound.rate, layout=layout
        )
        left = max(1, int(sound.seconds * sound.rate))
        while left > 0:
            frame: Any = frames(format="s16", layout=layout, samples=min(CHUNK, left))
            frame.sample_rate = sound.rate
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            container.mux(stream.encode(frame))
            left -= CHUNK
        container.mux(stream.encode())


def save(around: Surroundings, inputs: Inputs) -> Outcome:
    return written(around, inputs, str(inputs["filename_prefix"]), "output")


def preview(around: Surroundings, inputs: Inputs) -> Outcome:
    return written(around, inputs, around.folders.temp_prefix, "temp")


def written(around: Surroundings, inputs: Inputs, prefix: str, kind: str) -> Outcome:
    ((path, subfolder),) = around.folders.next_names(prefix, kind, ".flac", 1)
    write(path, inputs["audio"])
    return Outcome(ui={"audio": [item(path, subfolder, kind)]})


MODULE = "comfy_extras.nodes_audio"
ALL = (
    Node(
        "EmptyAudio", empty,
        {
            "duration": real(60.0, 0.0, 2**64 - 1), "sample_rate": Input("INT", options={"default": 44100}),
            "channels": whole(2, 1, 2, None),
        },
        ("AUDIO",), "audio", "Empty Audio", module=MODULE,
    ),
    Node(
        "SaveAudio", save, {"audio": link("AUDIO"), "filename_prefix": text("audio/ComfyUI")},
        category="audio", display="Save Audio (FLAC)", output_node=True, metadata=True, module=MODULE,
    ),
    Node(
        "PreviewAudio", preview, {"audio": link("AUDIO")},
        category="audio", display="Preview Audio", output_node=True, metadata=True, module=MODULE,
    ),
)  # fmt: skip
NODES = ALL if importlib.util.find_spec("av") is not None else ()
