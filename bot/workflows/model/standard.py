"""The standard parameters: their names, what they are called, and the order to show them in."""

from collections.abc import Mapping

from bot.workflows.model.values import LocalText

NEGATIVE = "negative_prompt"
"""The parameter that says what is not wanted."""

_TITLES = {
    "prompt": ("Prompt", "提示词", "提示詞"),
    NEGATIVE: ("Negative prompt", "反向提示词", "反向提示詞"),
    "tags": ("Tags", "标签", "標籤"),
    "lyrics": ("Lyrics", "歌词", "歌詞"),
    "image": ("Image", "图片", "圖片"),
    "mask": ("Mask", "遮罩", "遮罩"),
    "control_image": ("Control image", "控制图", "控制圖"),
    "video": ("Video", "视频", "影片"),
    "audio": ("Audio", "音频", "音訊"),
    "aspect": ("Aspect", "宽高比", "寬高比"),
    "megapixels": ("Megapixels", "百万像素", "百萬像素"),
    "width": ("Width", "宽度", "寬度"),
    "height": ("Height", "高度", "高度"),
    "length": ("Frames", "帧数", "影格數"),
    "seconds": ("Seconds", "秒数", "秒數"),
    "fps": ("Frames per second", "帧率", "影格率"),
    "batch": ("Pictures at once", "每批数量", "每批數量"),
    "seed": ("Seed", "种子", "種子"),
    "steps": ("Steps", "步数", "步數"),
    "cfg": ("CFG", "CFG", "CFG"),
    "guidance": ("Guidance", "引导强度", "引導強度"),
    "sampler": ("Sampler", "采样器", "取樣器"),
    "scheduler": ("Scheduler", "调度器", "排程器"),
    "denoise": ("Denoise", "重绘幅度", "重繪幅度"),
    "model": ("Model", "模型", "模型"),
    "lora": ("LoRA", "LoRA", "LoRA"),
    "lora_strength": ("LoRA strength", "LoRA 强度", "LoRA 強度"),
    "control_strength": ("Control strength", "控制强度", "控制強度"),
    "control_model": ("Control model", "控制模型", "控制模型"),
    "upscale_model": ("Upscale model", "放大模型", "放大模型"),
    "vae": ("VAE", "VAE", "VAE"),
    "text_encoder": ("Text encoder", "文本编码器", "文本編碼器"),
}
_ORDER = {name: index for index, name in enumerate(_TITLES)}


def split_name(name: str) -> tuple[str, int]:
    """Split `image2` into `image` and 2; a name without a number is the first."""
    base = name.rstrip("0123456789")
    number = name[len(base) :]
    return (base, int(number)) if base and number and len(number) < 6 else (name, 1)


def wanted_and_not(values: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Return the texts among values: those that say what is wanted, and those that say what is not."""
    wanted, unwanted = list[str](), list[str]()
    for name, value in values.items():
        if isinstance(value, str):
            (unwanted if split_name(name)[0] == NEGATIVE else wanted).append(value)
    return wanted, unwanted


def standard_title(name: str) -> LocalText:
    """Return what a standard parameter is called, numbered if it is not the first; empty for other names."""
    base, number = split_name(name)
    if base not in _TITLES:
        return LocalText()
    titles = dict(zip(("en", "zh-CN", "zh-TW"), _TITLES[base], strict=True))
    return LocalText({
        code: title if number == 1 else f"{title} {number}" for code, title in titles.items()
    })  # fmt: skip


def standard_order(name: str) -> tuple[int, int]:
    """Return a sort key: standard names in their order, all others after them."""
    base, number = split_name(name)
    return _ORDER.get(base, len(_ORDER)), number


_MATTERING = (
    "prompt", "tags", "lyrics", "", "negative_prompt", "image", "mask", "control_image", "video", "audio", "aspect",
    "seed", "steps", "model", "lora", "lora_strength", "cfg", "guidance", "denoise", "sampler", "scheduler",
    "width", "height", "length", "seconds", "fps", "batch",
)  # fmt: skip
"""What people set most comes first; the empty name stands for a workflow's very own parameters."""


def importance(name: str) -> tuple[int, int]:
    """Return a sort key for where room is short: what people set most first, a manifest's own parameters early."""
    base, number = split_name(name)
    if base in _MATTERING:
        return _MATTERING.index(base), number
    return (len(_MATTERING) if base in _TITLES else _MATTERING.index("")), number
