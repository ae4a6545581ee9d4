"""Small silhouettes that show which words were asked for: a cat for "cat" and for 猫."""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from bot.demo.comfyui.pixels import Resampling, resize

Point = tuple[float, float]
Colour = tuple[int, int, int]
Motif = Callable[[ImageDraw.ImageDraw, float, Colour], None]
# Silhouettes are drawn in a square of this many times its final size, then shrunk: smooth edges.
FINE = 3


def cat(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a sitting cat."""
    draw.ellipse((u * 0.9, u * 1.4, u * 2.1, u * 3.0), fill=ink)
    draw.ellipse((u * 1.0, u * 0.7, u * 2.0, u * 1.6), fill=ink)
    draw.polygon([(u * 1.02, u * 1.1), (u * 1.05, u * 0.4), (u * 1.45, u * 0.8)], fill=ink)
    draw.polygon([(u * 1.98, u * 1.1), (u * 1.95, u * 0.4), (u * 1.55, u * 0.8)], fill=ink)
    draw.arc((u * 1.7, u * 1.7, u * 2.7, u * 3.0), 250, 90, fill=ink, width=max(1, int(u * 0.2)))
    eye = (255, 225, 120) if sum(ink) < 380 else (40, 40, 60)
    for x in (1.25, 1.65):
        draw.ellipse((u * x, u * 1.02, u * (x + 0.14), u * 1.2), fill=eye)


def dog(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a standing dog."""
    draw.rounded_rectangle((u * 0.6, u * 1.6, u * 2.2, u * 2.3), u * 0.3, fill=ink)
    for x in (0.7, 1.0, 1.75, 2.0):
        draw.rectangle((u * x, u * 2.1, u * (x + 0.17), u * 3.0), fill=ink)
    draw.ellipse((u * 1.8, u * 0.9, u * 2.6, u * 1.7), fill=ink)
    draw.rounded_rectangle((u * 2.2, u * 1.2, u * 2.9, u * 1.6), u * 0.15, fill=ink)
    draw.ellipse((u * 1.75, u * 0.95, u * 2.05, u * 1.75), fill=ink)
    draw.line([(u * 0.7, u * 1.8), (u * 0.25, u * 1.2)], fill=ink, width=max(1, int(u * 0.16)))


def tree(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a broad tree."""
    draw.polygon([(u * 1.35, u * 3), (u * 1.45, u * 1.5), (u * 1.6, u * 1.5), (u * 1.7, u * 3)], fill=ink)
    for x, y, r in ((1.5, 0.9, 0.75), (0.95, 1.35, 0.55), (2.05, 1.3, 0.6), (1.5, 1.5, 0.6)):
        draw.ellipse((u * (x - r), u * (y - r), u * (x + r), u * (y + r)), fill=ink)


def house(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a house with a lit window."""
    draw.rectangle((u * 0.7, u * 1.6, u * 2.3, u * 3), fill=ink)
    draw.polygon([(u * 0.45, u * 1.65), (u * 1.5, u * 0.7), (u * 2.55, u * 1.65)], fill=ink)
    draw.rectangle((u * 1.95, u * 0.7, u * 2.2, u * 1.4), fill=ink)
    draw.rectangle((u * 1.05, u * 2.0, u * 1.5, u * 2.4), fill=(255, 220, 130))
    draw.rectangle((u * 1.75, u * 2.2, u * 2.05, u * 3), fill=(255, 200, 110))


def boat(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a sailing boat."""
    draw.polygon([(u * 0.3, u * 2.4), (u * 2.7, u * 2.4), (u * 2.2, u * 3.0), (u * 0.7, u * 3.0)], fill=ink)
    draw.rectangle((u * 1.42, u * 0.4, u * 1.52, u * 2.4), fill=ink)
    draw.polygon([(u * 1.6, u * 0.5), (u * 1.6, u * 2.2), (u * 2.6, u * 2.2)], fill=(250, 245, 235))
    draw.polygon([(u * 1.34, u * 0.8), (u * 1.34, u * 2.2), (u * 0.6, u * 2.2)], fill=(235, 225, 215))


def flower(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw a flower with eight petals."""
    draw.line([(u * 1.5, u * 1.2), (u * 1.5, u * 3)], fill=ink, width=max(1, int(u * 0.12)))
    draw.ellipse((u * 1.5, u * 2.1, u * 2.2, u * 2.4), fill=ink)
    for petal in range(8):
        angle = petal * math.tau / 8
        x, y = u * (1.5 + 0.55 * math.cos(angle)), u * (1.1 + 0.55 * math.sin(angle))
        draw.ellipse((x - u * 0.3, y - u * 0.3, x + u * 0.3, y + u * 0.3), fill=(250, 150 + petal * 8, 190))
    draw.ellipse((u * 1.15, u * 0.75, u * 1.85, u * 1.45), fill=(255, 215, 90))


def mountain(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw two peaks with snow."""
    draw.polygon([(u * 0.0, u * 3), (u * 1.2, u * 0.6), (u * 2.4, u * 3)], fill=ink)
    draw.polygon([(u * 1.2, u * 3), (u * 2.1, u * 1.3), (u * 3.0, u * 3)], fill=ink)
    draw.polygon(
        [(u * 0.92, u * 1.16), (u * 1.2, u * 0.6), (u * 1.48, u * 1.16), (u * 1.2, u * 1.0)], fill=(255,) * 3
    )


def bird(draw: ImageDraw.ImageDraw, u: float, ink: Colour) -> None:
    """Draw three birds in flight."""
    for x, y, size in ((1.5, 0.9, 1.0), (0.8, 0.4, 0.6), (2.3, 0.3, 0.55)):
        for side in (-1, 1):
            left = x + (side - 1) * size * 0.35
            box = (u * left, u * y, u * (left + size * 0.7), u * (y + size * 0.7))
            draw.arc(box, 190, 350, fill=ink, width=max(1, int(u * 0.12 * size)))


MOTIFS: dict[str, Motif] = {
    "cat": cat, "dog": dog, "tree": tree, "house": house,
    "boat": boat, "flower": flower, "mountain": mountain, "bird": bird,
}  # fmt: skip
WORDS = {
    "cat": ("cat", "kitten", "猫", "貓", "喵"),
    "dog": ("dog", "puppy", "fox", "wolf", "狗", "犬", "狐"),
    "tree": ("tree", "forest", "wood", "树", "樹", "森", "林"),
    "house": ("house", "castle", "city", "home", "hut", "房", "屋", "城", "家"),
    "boat": ("boat", "ship", "sea", "lake", "harbour", "harbor", "船", "海", "湖"),
    "flower": ("flower", "rose", "garden", "花", "玫瑰"),
    "mountain": ("mountain", "alps", "hill", "peak", "山", "峰"),
    "bird": ("bird", "dragon", "eagle", "sky", "鸟", "鳥", "龙", "龍"),
}


def motif_for(prompt: str) -> str | None:
    """Return the motif of the first known word in the prompt."""
    lowered = prompt.lower()
    found = [(lowered.find(word), name) for name, words in WORDS.items() for word in words if word in lowered]
    return min(found)[1] if found else None


def draw_motif(canvas: Image.Image, name: str, at: Point, unit: float, ink: Colour) -> None:
    """Draw a silhouette standing at a point, about three units wide and high."""
    side = max(6, int(unit * 2))
    layer = Image.new("RGBA", (side * FINE, side * FINE), (0, 0, 0, 0))
    MOTIFS[name](ImageDraw.Draw(layer), side * FINE / 3, ink)
    layer = resize(layer, (side, side), Resampling.LANCZOS)
    canvas.paste(layer, (int(at[0] - side / 2), int(at[1] - side * 0.9)), layer)
