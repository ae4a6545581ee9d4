"""Pictures made smaller."""

import io
import random
from pathlib import Path

from PIL import Image

from bot.ui.shrink import PREVIEW_BYTES, preview, shrunk


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.frombytes(mode, size, random.Random(1).randbytes(size[0] * size[1] * len(mode)))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


async def test_a_picture_is_made_to_fit_and_looks_the_same_size_if_it_can(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(encoded(noise((400, 300)), "PNG"))
    fitting = await shrunk(path, path.stat().st_size // 3)
    assert fitting is not None
    assert len(fitting.data) <= path.stat().st_size // 3
    assert Image.open(io.BytesIO(fitting.data)).size == (400, 300)


async def test_what_compresses_well_stays_lossless(tmp_path: Path) -> None:
    path = tmp_path / "flat.png"
    image = Image.new("RGBA", (600, 600), (10, 20, 30, 40))
    path.write_bytes(encoded(image, "PNG", compress_level=0))
    fitting = await shrunk(path, path.stat().st_size // 10)
    assert fitting is not None
    assert Image.open(io.BytesIO(fitting.data)).convert("RGBA").getpixel((5, 5)) == (10, 20, 30, 40)


async def test_a_tiny_limit_is_met_by_size_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(encoded(noise((400, 300)), "PNG"))
    small = await shrunk(path, 9_000)
    assert small is not None
    assert Image.open(io.BytesIO(small.data)).width < 400
    assert await shrunk(path, 10) is None


async def test_an_animation_stays_one(tmp_path: Path) -> None:
    frames = [noise((120, 80)).rotate(90 * n) for n in range(4)]
    path = tmp_path / "moving.gif"
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=70)
    fitting = await shrunk(path, path.stat().st_size - 1)
    assert fitting is not None
    assert getattr(Image.open(io.BytesIO(fitting.data)), "n_frames", 1) == 4


async def test_what_is_no_picture_cannot_be_made_smaller(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"nothing of the kind")
    assert await shrunk(path, 5) is None


async def test_previews_are_small_jpegs() -> None:
    ready = encoded(noise((64, 64)), "JPEG")
    assert await preview(ready) is ready
    for data in (encoded(noise((900, 900)), "JPEG", quality=95), encoded(noise((300, 300), "RGBA"), "PNG")):
        small = await preview(data)
        assert small is not None
        assert len(small) <= PREVIEW_BYTES
        assert small.startswith(b"\xff\xd8")
    assert await preview(b"\x89PNG broken") is None
