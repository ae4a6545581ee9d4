"""LoRAs are offered by what they and the model say of themselves, learnt beside the loop."""

from tests.world import World


async def test_loras_are_those_of_the_models_family(world: World) -> None:
    neon, ink = "demo-neon-glow.safetensors", "style/demo-soft-ink.safetensors"
    folders = world.comfyui.folders
    (model, *_) = folders.models["checkpoints"]
    folders.headers |= {
        ("checkpoints", model): {"modelspec.architecture": "stable-diffusion-v1"},
        ("loras", neon): {"ss_base_model_version": "sdxl_base_v1-0"},
        ("loras", ink): {"modelspec.architecture": "stable-diffusion-v1/lora"},
    }
    families = world.app.bot.services.families

    async def offered(model: str) -> list[str]:
        choices = await world.alice.autocomplete(world.channel, "generate", "lora", "", model=model)
        return [choice["value"] for choice in choices]

    assert {neon, ink} <= set(await offered(model)), "nothing is known yet, and nothing is waited for"
    await world.until(lambda: families.of("loras", ink) and families.of("checkpoints", model))
    assert await offered(model) == [ink]
    assert {neon, ink} <= set(await offered("demo-painter-night")), "nobody knows what this model is"
