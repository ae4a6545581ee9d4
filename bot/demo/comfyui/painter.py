"""Paints a picture out of words and a seed, for a server that has no model; the same words give the same bytes."""

import colorsys
import hashlib
import math
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.demo.comfyui.motifs import draw_motif, motif_for
from bot.demo.comfyui.pixels import Resampling, remap, resize

Colour = tuple[int, int, int]
SMALLEST, PREVIEW = 64, 512


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a painting depends on."""

    prompt: str
    negative: str
    seed: int
    model: str
    steps: int
    detail: str

    def dice(self, purpose: str) -> random.Random:
        """Return dice for one purpose that fall the same way every time."""
        parts = (
            purpose,
            self.prompt,
            self.negative,
            str(self.seed),
            self.model,
            str(self.steps),
            self.detail,
        )
        return random.Random(hashlib.sha256("\x00".join(parts).encode()).digest())

    def mood(self) -> random.Random:
        """Return dice that depend on the words and the model alone: colours and what is shown."""
        words = "\x00".join((self.prompt, self.model))
        return random.Random(hashlib.sha256(words.encode()).digest())


def paint(brief: Brief, width: int, height: int, *, index: int = 0, moment: float = 0.0) -> Image.Image:
    """Paint one picture: number `index` of a batch, at a `moment` 0..1 of a film that loops."""
    scale = min(1.0, 1024 / max(width, height, 1))
    size = (max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale)))
    mood, dice = brief.mood(), brief.dice(f"scene {index}")
    hue = (mood.random() + dice.uniform(-0.06, 0.06)) % 1.0
    night = "night" in brief.model or mood.random() < 0.3
    canvas = sky(size, hue, night)
    light = (
        int(size[0] * dice.uniform(0.2, 0.8)),
        int(size[1] * (dice.uniform(0.18, 0.4) + 0.03 * wave(moment))),
    )
    canvas = glow(canvas, light, size, colour(0.58 if night else 0.11, 0.12 if night else 0.35, 1.0))
    if night:
        stars(canvas, dice)
    canvas = clouds(canvas, dice, hue, moment)
    waves(canvas, dice, hue, night, moment)
    motif = motif_for(brief.prompt) or mood.choice(["mountain", "tree", "house", "boat", "flower", "bird"])
    spot = (dice.uniform(0.28, 0.72) * size[0], size[1] * 0.72)
    unit = min(size) * dice.uniform(0.16, 0.22)
    draw_motif(canvas, motif, spot, unit, colour(hue + 0.55, 0.6, 0.16 if not night else 0.85))
    return canvas if size == (width, height) else resize(canvas, (width, height))


def colour(hue: float, saturation: float, value: float) -> Colour:
    """Return a colour by hue (wraps), saturation and value, each 0..1."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, min(1.0, saturation), min(1.0, value))
    return int(red * 255), int(green * 255), int(blue * 255)


def wave(moment: float) -> float:
    """Return -1..1, the same at the end of a film as at its start."""
    return math.sin(moment * math.tau)


def sky(size: tuple[int, int], hue: float, night: bool) -> Image.Image:
    """Return a gradient from top to horizon."""
    top = colour(hue, 0.75, 0.25 if night else 0.85)
    low = colour(hue + 0.12, 0.45, 0.55 if night else 1.0)
    ramp = resize(Image.linear_gradient("L"), size)
    return Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, top), ramp)


def glow(canvas: Image.Image, at: tuple[int, int], size: tuple[int, int], tint: Colour) -> Image.Image:
    """Put a sun or moon with a halo into the sky."""
    reach = int(min(size) * 0.9)
    halo = resize(ImageChops.invert(Image.radial_gradient("L")), (reach * 2, reach * 2))
    halo = remap(halo, [int((value / 255) ** 3 * 190) for value in range(256)])
    mask = Image.new("L", size, 0)
    mask.paste(halo, (at[0] - reach, at[1] - reach))
    canvas = Image.composite(Image.new("RGB", size, tint), canvas, mask)
    radius = max(3, min(size) // 11)
    disc = Image.new("L", (radius * 8, radius * 8), 0)
    ImageDraw.Draw(disc).ellipse((4, 4, radius * 8 - 5, radius * 8 - 5), fill=255)
    disc = resize(disc, (radius * 2, radius * 2), Resampling.LANCZOS)
    canvas.paste(colour_mix(tint, (255, 255, 255), 0.6), (at[0] - radius, at[1] - radius), disc)
    return canvas


def colour_mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two."""
    red, green, blue = (int(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def stars(canvas: Image.Image, dice: random.Random) -> None:
    """Scatter stars over the upper half."""
    draw = ImageDraw.Draw(canvas)
    for _ in range(90):
        x, y = dice.random() * canvas.width, dice.random() * canvas.height * 0.55
        radius = dice.choice((0.4, 0.6, 1.0, 1.4)) * canvas.width / 512
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=(255, 250, dice.randint(190, 255))
        )


def clouds(canvas: Image.Image, dice: random.Random, hue: float, moment: float) -> Image.Image:
    """Lay soft blobs over the sky."""
    small = (max(1, canvas.width // 4), max(1, canvas.height // 4))
    mask = Image.new("L", small, 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(dice.randint(3, 6)):
        x, y = dice.random() * small[0] + wave(moment) * small[0] * 0.05, dice.uniform(0.08, 0.45) * small[1]
        for _ in range(5):
            w, h = dice.uniform(0.05, 0.14) * small[0], dice.uniform(0.015, 0.045) * small[1]
            dx, dy = dice.uniform(-0.1, 0.1) * small[0], dice.uniform(-0.02, 0.02) * small[1]
            draw.ellipse((x + dx - w, y + dy - h, x + dx + w, y + dy + h), fill=dice.randint(90, 190))
    mask = resize(mask.filter(ImageFilter.GaussianBlur(small[0] / 90 + 0.8)), canvas.size)
    return Image.composite(Image.new("RGB", canvas.size, colour(hue + 0.1, 0.12, 1.0)), canvas, mask)


def waves(canvas: Image.Image, dice: random.Random, hue: float, night: bool, moment: float) -> None:
    """Draw hills or waves, the nearer the darker."""
    draw = ImageDraw.Draw(canvas)
    width, height, layers = canvas.width, canvas.height, 5
    for layer in range(layers):
        depth = (layer + 1) / layers
        base = height * (0.52 + 0.36 * depth**1.2)
        swings = [(dice.uniform(0.6, 2.6), dice.uniform(0.01, 0.045), dice.random()) for _ in range(3)]
        phase = moment * math.tau * (1 if layer % 2 else -1)
        points = [(0.0, float(height))]
        for x in range(0, width + 8, 4):
            lift = sum(
                size * math.sin(math.tau * (count * x / width + offset) + phase)
                for count, size, offset in swings
            )
            points.append((x, base - lift * height * (1.4 - 0.5 * depth)))
        points.append((float(width + 8), float(height)))
        bright = (0.5 if night else 0.9) - (0.34 if night else 0.5) * depth
        draw.polygon(points, fill=colour(hue + 0.08 + 0.1 * depth, 0.35 + 0.4 * depth, bright))


def emerging(picture: Image.Image, brief: Brief, share: float) -> Image.Image:
    """Return how the picture looks when `share` (0..1) of the steps are done, scaled to fit a preview."""
    ratio = PREVIEW / max(picture.size)
    size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
    blocks = 8 + int((max(size) - 8) * share**2.2 / 2)
    coarse = (max(1, round(size[0] * blocks / max(size))), max(1, round(size[1] * blocks / max(size))))
    rough = resize(picture.convert("RGB"), coarse, Resampling.BOX)
    dice = brief.dice(f"noise {share:.4f}")
    grain = (max(1, size[0] // 8), max(1, size[1] // 8))
    noise = Image.frombytes("RGB", grain, dice.randbytes(grain[0] * grain[1] * 3))
    return Image.blend(
        resize(rough, size),
        resize(noise, size, Resampling.BILINEAR),
        max(0.0, 0.85 * (1 - share) ** 1.3),
    )
