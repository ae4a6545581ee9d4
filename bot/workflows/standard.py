"""The standard parameters: their names, what they are called, and the order to show them in."""

from bot.workflows.values import LocalText

_TITLES = {
    "prompt": ("Prompt", "提示词"),
    "negative_prompt": ("Negative prompt", "反向提示词"),
    "tags": ("Tags", "标签"),
    "lyrics": ("Lyrics", "歌词"),
    "image": ("Image", "图片"),
    "mask": ("Mask", "遮罩"),
    "control_image": ("Control image", "控制图"),
    "video": ("Video", "视频"),
    "audio": ("Audio", "音频"),
    "aspect": ("Aspect", "宽高比"),
    "megapixels": ("Megapixels", "百万像素"),
    "width": ("Width", "宽度"),
    "height": ("Height", "高度"),
    "length": ("Frames", "帧数"),
    "seconds": ("Seconds", "秒数"),
    "fps": ("Frames per second", "帧率"),
    "batch": ("Pictures at once", "每批数量"),
    "seed": ("Seed", "种子"),
    "steps": ("Steps", "步数"),
    "cfg": ("CFG", "CFG"),
    "guidance": ("Guidance", "引导强度"),
    "sampler": ("Sampler", "采样器"),
    "scheduler": ("Scheduler", "调度器"),
    "denoise": ("Denoise", "重绘幅度"),
    "model": ("Model", "模型"),
    "lora": ("LoRA", "LoRA"),
    "lora_strength": ("LoRA strength", "LoRA 强度"),
    "control_strength": ("Control strength", "控制强度"),
    "control_model": ("Control model", "控制模型"),
    "upscale_model": ("Upscale model", "放大模型"),
    "vae": ("VAE", "VAE"),
    "text_encoder": ("Text encoder", "文本编码器"),
}
_ORDER = {name: index for index, name in enumerate(_TITLES)}


def split_name(name: str) -> tuple[str, int]:
    """Split `image2` into `image` and 2; a name without a number is the first."""
    base = name.rstrip("0123456789")
    number = name[len(base) :]
    return (base, int(number)) if base and number and len(number) < 6 else (name, 1)


def standard_title(name: str) -> LocalText:
    """Return what a standard parameter is called, numbered if it is not the first; empty for other names."""
    base, number = split_name(name)
    if base not in _TITLES:
        return LocalText()
    english, chinese = _TITLES[base]
    return LocalText({
        "en": english if number == 1 else f"{english} {number}",
        "zh-CN": chinese if number == 1 else f"{chinese} {number}",
    })  # fmt: skip


def standard_order(name: str) -> tuple[int, int]:
    """Return a sort key: standard names in their order, all others after them."""
    base, number = split_name(name)
    return _ORDER.get(base, len(_ORDER)), number
