"""What a running job is doing, in the person's language: the titles of common nodes."""

from bot.i18n import N_, Language

_KNOWN = frozenset(
    (
        N_("Batch"),
        N_("Checkpoint"),
        N_("Decode"),
        N_("Encode"),
        N_("Fit to one megapixel"),
        N_("Guidance"),
        N_("Guider"),
        N_("Image"),
        N_("Inpainting"),
        N_("Mask"),
        N_("Model"),
        N_("Negative prompt"),
        N_("Prompt"),
        N_("Sampler"),
        N_("Sampling"),
        N_("Save"),
        N_("Scheduler"),
        N_("Seed"),
        N_("Shift"),
        N_("Size"),
        N_("Size and length"),
        N_("Text encoder"),
        N_("Text encoders"),
        N_("Upscale"),
        N_("Upscale model"),
        N_("VAE"),
        N_("Video"),
        N_("KSampler"),
        N_("KSampler (Advanced)"),
        N_("SamplerCustomAdvanced"),
        N_("Load Checkpoint"),
        N_("Load Diffusion Model"),
        N_("Load LoRA"),
        N_("Load VAE"),
        N_("Load Image"),
        N_("CLIP Text Encode (Prompt)"),
        N_("VAE Decode"),
        N_("VAE Encode"),
        N_("Save Image"),
        N_("Save Video"),
        N_("Preview Image"),
        N_("Empty Latent Image"),
    )
)
"""Titles in the shipped workflows, and those that ComfyUI itself gives its commonest nodes."""


def stage(title: str, lang: Language) -> str:
    """Return the title of a node as the person reads it; one that somebody gave stays as it is."""
    return lang.t(title) if title in _KNOWN else title
