"""Nodes that make and write solid bodies: a box whose sides follow the size of what it is made from."""

import json
import struct
from dataclasses import dataclass

from bot.demo.comfyui.nodes.saving import item
from bot.demo.comfyui.nodes.spec import Node, link, real, text, whole
from bot.demo.comfyui.values import Inputs, Latent, Outcome, Surroundings

CORNERS = [(x, y, z) for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)]
TRIANGLES = (
    *(0, 1, 3, 0, 3, 2), *(4, 6, 7, 4, 7, 5), *(0, 4, 5, 0, 5, 1),
    *(2, 3, 7, 2, 7, 6), *(0, 2, 6, 0, 6, 4), *(1, 5, 7, 1, 7, 3),
)  # fmt: skip
FLOATS, SHORTS = 5126, 5123


@dataclass(frozen=True, slots=True)
class Solid:
    """A box with its longest side 1."""

    width: float
    height: float


def decode(around: Surroundings, inputs: Inputs) -> Outcome:
    latent: Latent = inputs["samples"]
    longest = max(latent.width, latent.height, 1)
    return Outcome((Solid(latent.width / longest, latent.height / longest),))


def meshed(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["voxel"],))


def save(around: Surroundings, inputs: Inputs) -> Outcome:
    ((path, subfolder),) = around.folders.next_names(str(inputs["filename_prefix"]), "output", ".glb", 1)
    texts = {"prompt": json.dumps(around.prompt)}
    texts |= {key: json.dumps(value) for key, value in around.extra_pnginfo.items()}
    path.write_bytes(glb(inputs["mesh"], texts))
    return Outcome(ui={"3d": [item(path, subfolder, "output")]})


def glb(solid: Solid, texts: dict[str, str]) -> bytes:
    """Return the body as binary glTF, with the texts where ComfyUI puts them."""
    points = b"".join(struct.pack("<3f", x * solid.width, y * solid.height, z) for x, y, z in CORNERS)
    triangles = struct.pack(f"<{len(TRIANGLES)}H", *TRIANGLES)
    document = {
        "asset": {"version": "2.0", "generator": "ComfyUI", "extras": texts},
        "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {
                "bufferView": 0, "componentType": FLOATS, "count": len(CORNERS), "type": "VEC3",
                "min": [0.0, 0.0, 0.0], "max": [solid.width, solid.height, 1.0],
            },
            {"bufferView": 1, "componentType": SHORTS, "count": len(TRIANGLES), "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(points)},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(triangles)},
        ],
        "buffers": [{"byteLength": len(points) + len(triangles)}],
    }  # fmt: skip
    parts = _chunk(b"JSON", json.dumps(document).encode(), b" ")
    parts += _chunk(b"BIN\0", points + triangles, b"\0")
    return b"glTF" + struct.pack("<II", 2, 12 + len(parts)) + parts


def _chunk(kind: bytes, body: bytes, filler: bytes) -> bytes:
    body += filler * (-len(body) % 4)
    return struct.pack("<I", len(body)) + kind + body


MODULE = "comfy_extras.nodes_hunyuan3d"
NODES = (
    Node(
        "VAEDecodeHunyuan3D", decode,
        {
            "samples": link("LATENT"), "vae": link("VAE"), "num_chunks": whole(8000, 1000, 500_000, None),
            "octree_resolution": whole(256, 16, 512, None),
        },
        ("VOXEL",), "latent/3d", "VAEDecodeHunyuan3D", module=MODULE,
    ),
    Node(
        "VoxelToMeshBasic", meshed, {"voxel": link("VOXEL"), "threshold": real(0.6, -1.0, 1.0)},
        ("MESH",), "3d", "VoxelToMeshBasic", module=MODULE,
    ),
    Node(
        "SaveGLB", save, {"mesh": link("MESH"), "filename_prefix": text("mesh/ComfyUI")},
        category="3d", display="SaveGLB", output_node=True, metadata=True, module=MODULE,
    ),
)  # fmt: skip
