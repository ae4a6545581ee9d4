"""Nodes that write films; offered only where PyAV is installed, as without it nothing could be written."""

import importlib.util
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from bot.demo.comfyui.nodes.saving import item, prefix_for
from bot.demo.comfyui.nodes.spec import Node, choice, link, real, text
from bot.demo.comfyui.values import Inputs, Outcome, Pictures, Surroundings, Video

WEBM_CODECS = {"vp9": "libvpx-vp9", "av1": "libsvtav1"}


def write(path: Path, images: Pictures, fps: float, codec: str, options: dict[str, str], prompt: Any) -> None:
    """Encode the pictures into a film; odd sides are cut by one, as the codecs want."""
    import av  # heavy and optional
    import av.error

    frames: Any = av.VideoFrame
    try:
        with av.open(str(path), mode="w") as container:
            container.metadata["prompt"] = json.dumps(prompt)
            stream: Any = container.add_stream(  # pyright: ignore[reportUnknownMemberType] - its options are untyped
                codec, rate=Fraction(round(fps * 1000), 1000), options=options
            )
            stream.width, stream.height = images[0].width // 2 * 2, images[0].height // 2 * 2
            stream.pix_fmt = "yuv420p"
            for picture in images:
                frame: Any = frames.from_image(picture.crop((0, 0, stream.width, stream.height)))
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    except av.error.FFmpegError as error:
        raise RuntimeError(f"the film could not be encoded: {error}") from error


def shown(path: Path, subfolder: str) -> Outcome:
    return Outcome(ui={"images": [item(path, subfolder, "output")], "animated": [True]})


def save_webm(around: Surroundings, inputs: Inputs) -> Outcome:
    images: Pictures = inputs["images"]
    prefix = prefix_for(str(inputs["filename_prefix"]), images[0])
    ((path, subfolder),) = around.folders.next_names(prefix, "output", ".webm", 1)
    codec = WEBM_CODECS[str(inputs["codec"])]
    options = {"crf": str(int(float(inputs["crf"]))), "cpu-used": "8", "deadline": "realtime"}
    write(path, images, float(inputs["fps"]), codec, options if codec == "libvpx-vp9" else {}, around.prompt)
    return shown(path, subfolder)


def create(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((Video(tuple(inputs["images"]), float(inputs["fps"])),))


def save_video(around: Surroundings, inputs: Inputs) -> Outcome:
    video: Video = inputs["video"]
    prefix = prefix_for(str(inputs["filename_prefix"]), video.pictures[0])
    ((path, subfolder),) = around.folders.next_names(prefix, "output", ".mp4", 1)
    write(path, list(video.pictures), video.fps, "libx264", {"preset": "veryfast"}, around.prompt)
    return shown(path, subfolder)


MODULE = "comfy_extras.nodes_video"
ALL = (
    Node(
        "SaveWEBM", save_webm,
        {
            "images": link("IMAGE"), "filename_prefix": text("ComfyUI", multiline=False),
            "codec": choice(*WEBM_CODECS, modern=True), "fps": real(24.0, 0.01, 1000.0),
            "crf": real(32.0, 0, 63.0, 1),
        },
        category="image/video", output_node=True, metadata=True, module=MODULE,
    ),
    Node(
        "CreateVideo", create, {"images": link("IMAGE"), "fps": real(30.0, 1.0, 120.0, 1.0)},
        ("VIDEO",), "image/video", "Create Video", optional={"audio": link("AUDIO")}, module=MODULE,
    ),
    Node(
        "SaveVideo", save_video,
        {
            "video": link("VIDEO"), "filename_prefix": text("video/ComfyUI", multiline=False),
            "format": choice("auto", "mp4", modern=True, default="auto"),
            "codec": choice("auto", "h264", modern=True, default="auto"),
        },
        category="image/video", display="Save Video", output_node=True, metadata=True, module=MODULE,
    ),
)  # fmt: skip
NODES = ALL if importlib.util.find_spec("av") is not None else ()
