"""The values that travel along the links of a graph, and what a node may ask of its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from PIL import Image

from bot.demo.comfyui.folders import Folders

Pictures = list[Image.Image]
Inputs = dict[str, Any]

# A picture larger than this would need more memory than a small machine has.
MOST_PIXELS = 150_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded checkpoint or diffusion model with its LoRAs: only names, which the painter's colours depend on."""

    name: str
    loras: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """A text encoder."""

    name: str


@dataclass(frozen=True, slots=True)
class Conditioning:
    """The words that steer a picture."""

    texts: tuple[str, ...]
    guidance: float | None = None

    @property
    def text(self) -> str:
        """Return all words in one line."""
        return ", ".join(text for text in self.texts if text)


@dataclass(frozen=True, slots=True)
class Latent:
    """A picture on its way: a size, and pixels once there are some."""

    width: int
    height: int
    batch: int = 1
    video: bool = False
    pictures: tuple[Image.Image, ...] = ()
    mask: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Guider:
    """What a custom sampler is steered by."""

    model: Model
    positive: Conditioning
    negative: Conditioning | None = None
    cfg: float = 1.0


@dataclass(frozen=True, slots=True)
class Sigmas:
    """A schedule: how many steps and how much of the source is painted over."""

    steps: int
    scheduler: str
    denoise: float


@dataclass(frozen=True, slots=True)
class Video:
    """Moving pictures."""

    pictures: tuple[Image.Image, ...]
    fps: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a node gives: one value per output slot, and what its user is shown."""

    values: tuple[Any, ...] = ()
    ui: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a node may use while it runs, all of it callable from the worker thread.

    progress(value, most, preview) reports a step and raises when the job was interrupted; `check` only
    raises; `show` reports a step with a picture at full size, as PNG; `sleep` waits as many steps' time without looking up, like a node that loads a model.
    """

    folders: Folders
    prompt: dict[str, Any]
    extra_pnginfo: dict[str, Any]
    step_seconds: float
    progress: Callable[[int, int, Image.Image | None], None]
    check: Callable[[], None]
    show: Callable[[int, int, Image.Image], None]
    sleep: Callable[[float], None]


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


def need_memory(width: int, height: int, count: int = 1) -> None:
    """Raise the error of a machine without a graphics card when a picture is too big for it."""
    if width * height * count > MOST_PIXELS:
        wanted = width * height * count * 12
        raise RuntimeError(
            f"DefaultCPUAllocator: can't allocate memory: you tried to allocate {wanted} bytes."
        )


def with_lora(model: Model, name: str, strength: float) -> Model:
    """Return the model with one LoRA more."""
    return replace(model, loras=(*model.loras, (name, strength)))
