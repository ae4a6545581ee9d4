"""What people type and attach, drawn at random: fit, unfit and hostile."""

import io
import zlib
from random import Random
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

WORDS = ("a fox", "红色的狐狸", "*bold*", "@everyone", "<@17>", "`code`", "\u202egnp.exe", "__hair__", "{a|b|{c|d}}",
         "{2$$a|b}", "{a|", "\\{", "<lora:x:0.8>", "<lora:", "//", "/*", "\0", "\ud800", "𝕏", "\u200b", "\n", "e\u0301" * 9,
         "txt2img", "img2img", "nothing", "all", "everything", "-1", "0", "1e999", "nan", "9" * 30, "2:3", "16:9", "0:0",
         "64×64", "a=1", "steps=2, cfg=3", "a=", "=,=,", "steps=\"", "#1", "#2", "1", "2026-01-31", "7d", "../../etc", "..",
         "checkpoints", "auto", "euler", "demo-painter.safetensors", "%s%n", "{0.__class__}", "{}", "🔤" * 30)  # fmt: skip
UNITS = (
    " ",
    "\n",
    ",",
    "a=1\n",
    "a ",
    "{",
    "}",
    "{a|",
    "|",
    "__*__",
    "(",
    ")",
    "\\",
    "<lora:",
    "*",
    "猫",
    "\u0301",
    "9",
    "a, ",
)
SIDES = (64, 64, 64, 72, 8, 1, 0, 4096, 2**31, 2**53 - 1, -5)


class Inputs:
    """Draws with one source of chance, so that a seed repeats a run."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def text(self, most: int = 4000) -> str:
        """Return a text of at most so many characters."""
        match self.random.randrange(10):
            case 0:
                return ""
            case 1:
                unit = self.random.choice(UNITS)
                length = min(most, self.random.choice((10, 100, 1000, 4000, 6000)))
                return (unit * (length // len(unit)) + self.random.choice(("", "!", "a")))[:most]
            case 2:
                return "".join(
                    chr(self.random.randrange(1, 0x3000)) for _ in range(self.random.randrange(60))
                )[:most]
            case _:
                return " ".join(self.random.choices(WORDS, k=self.random.randint(1, 4)))[:most]

    def option(self, option: dict[str, Any], people: list[Any]) -> Any:
        """Return something for an option of a command, mostly of a kind that Discord lets through."""
        if choices := option.get("choices"):
            return self.random.choice(choices)["value"]
        low, high = option.get("min_value"), option.get("max_value")
        match option["type"]:
            case 4 if option["name"] in {"width", "height"}:
                return min(max(self.random.choice(SIDES), low or 0), high or 2**53 - 1)
            case 4:
                few = self.random.choice((0, 1, 2, 3, 4, 60, 2**31, 2**53 - 1, -1))
                return min(max(few, low if low is not None else few), high if high is not None else few)
            case 10:
                some = self.random.choice((0.0, 0.5, 1.0, 7.5, -1.0, 1e308))
                return min(max(some, low if low is not None else some), high if high is not None else some)
            case 5:
                return self.random.random() < 0.3
            case 6:
                return self.random.choice(people)
            case 11:
                return self.file()
            case _:
                return self.text(option.get("max_length") or 6000).ljust(option.get("min_length") or 0, "a")

    def file(self) -> tuple[str, bytes]:
        """Return an attachment: a picture, a broken one, one that claims to be large, or none at all."""
        match self.random.randrange(8):
            case 0:
                return "a.png", b""
            case 1:
                return "a.png", _png(64)[: self.random.randrange(60)]
            case 2:
                return "a.png", _bomb(self.random.choice((3000, 30000)))
            case 3:
                return "b.jpg", self.random.randbytes(self.random.randrange(4000))
            case 4:
                return "workflow.json", self.text().encode(errors="replace")
            case 5:
                return "c.png", _png(64, "x\nSteps: 1, Seed: 1, a" + " " * 5000 + "a")
            case 6:
                return f"{self.text(40) or 'a'}.png", _png(64, "", '{"3": {"class_type": "KSampler"}}')
            case _:
                return "a.png", _png(64)

    def identity(self, known: list[str]) -> str:
        """Return the id of a button, menu or form: one that was seen, changed, or one that never was."""
        base = self.random.choice(known) if known and self.random.random() < 0.8 else self.text(100)
        parts = base.split(":")
        for _ in range(self.random.randrange(3)):
            place = self.random.randrange(len(parts))
            parts[place] = self.random.choice(
                (self.text(30), "9" * 20, "0", "", "-1", "²", parts[place][:-1])
            )
        return (":".join(parts) or "a")[:100]


def _png(side: int, parameters: str = "", prompt: str = "") -> bytes:
    out, info = io.BytesIO(), PngInfo()
    for name, text in (("parameters", parameters), ("prompt", prompt)):
        if text:
            info.add_text(name, text)
    Image.new("RGB", (side, side), "red").save(out, "PNG", pnginfo=info)
    return out.getvalue()


def _bomb(side: int) -> bytes:
    """Return a small PNG that says it has side² pixels and holds a few rows of them."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    rows = zlib.compress(bytes(1 + 3 * side) * 9, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
