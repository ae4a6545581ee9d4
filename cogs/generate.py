"""`/generate`, and `/imagine`, its short form: from what was typed to a request."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.ui.forms.suggestions import Suggestions, choices
from bot.ui.interactions.people import locale_of
from bot.ui.requests.command_input import Given
from bot.ui.requests.fixing import carry_out_command
from bot.ui.requests.typed import NOT_ASKED, meant, offer_numbers, typed_so_far
from bot.ui.requests.usable_workflows import usable
from bot.workflows.binding.size import ASPECTS
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM, Value

PROMPT_LENGTH = 4000
"""What an Edit form can hold; Discord would take 6000 in the command."""

Interaction = discord.Interaction[ComfyBot]
Text = app_commands.Range[str, 1, PROMPT_LENGTH]
Short = app_commands.Range[str, 1, 300]
Side = app_commands.Range[int, 16, 16384]


class Generate(commands.Cog):
    """Makes pictures, videos and sounds from words and pictures."""

    def __init__(self, bot: ComfyBot) -> None:
        self.bot = bot
        self.suggestions = Suggestions(bot.services.fleet, bot.services.families)

    @app_commands.command(name="generate", description="Make a picture, video or sound")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(
        prompt="What it should be, in your own words",
        workflow="How it is made",
        image="A picture to start from",
        image2="A second picture",
        mask="What to change in the picture: white is changed, black stays",
        aspect="Shape of the picture",
        negative_prompt="What it should not be",
        model="Which model makes it",
        lora="Styles to add, such as name:0.8, other:0.5",
        seed="The same number with the same settings gives the same picture",
        count="How many",
        steps="More steps take longer and often look better",
        cfg="How closely to follow the prompt",
        sampler="How noise becomes a picture",
        scheduler="How the steps are spread",
        denoise="How much of the picture may change: 0 nothing, 1 everything",
        width="Width in pixels",
        height="Height in pixels",
        priority="Go before others of this server; for moderators",
        private="Show it to you only",
        extra="Any other setting of the workflow, as name=value, …",
    )
    @app_commands.choices(aspect=[app_commands.Choice(name=aspect, value=aspect) for aspect in ASPECTS])
    async def generate(
        self,
        interaction: Interaction,
        prompt: Text | None = None,
        workflow: app_commands.Range[str, 1, 100] | None = None,
        image: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        aspect: str | None = None,
        negative_prompt: Text | None = None,
        model: Short | None = None,
        lora: Short | None = None,
        seed: app_commands.Range[int, 0, DRAWN_SEED_MAXIMUM] | None = None,
        count: app_commands.Range[int, 1, 100] | None = None,
        steps: app_commands.Range[int, 1, 10_000] | None = None,
        cfg: app_commands.Range[float, 0.0, 100.0] | None = None,
        sampler: Short | None = None,
        scheduler: Short | None = None,
        denoise: app_commands.Range[float, 0.0, 1.0] | None = None,
        width: Side | None = None,
        height: Side | None = None,
        priority: bool = False,
        private: bool | None = None,
        extra: Text | None = None,
    ) -> None:
        """Make a job of what was typed."""
        values: dict[str, Value | None] = {
            "prompt": prompt, "aspect": aspect, "negative_prompt": negative_prompt, "model": model, "lora": lora,
            "seed": seed, "steps": steps, "cfg": cfg, "sampler": sampler, "scheduler": scheduler,
            "denoise": denoise, "width": width, "height": height,
        }  # fmt: skip
        files = {"image": image, "image2": image2, "mask": mask}
        given = Given(
            workflow=workflow,
            values={name: value for name, value in values.items() if value is not None},
            files={name: file for name, file in files.items() if file is not None},
            extra=extra or "",
            count=count,
            private=private,
            priority=priority,
        )
        await carry_out_command(interaction, given)

    @app_commands.command(name="imagine", description="Make a picture from your words")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(
        prompt="What it should be, in your own words",
        image="A picture to start from",
        aspect="Shape of the picture",
    )
    @app_commands.choices(aspect=[app_commands.Choice(name=aspect, value=aspect) for aspect in ASPECTS])
    async def imagine(
        self,
        interaction: Interaction,
        prompt: Text,
        image: discord.Attachment | None = None,
        aspect: str | None = None,
    ) -> None:
        """Make a job of what was typed; words pasted behind the command are the prompt, its one required option."""
        values: dict[str, Value] = {"prompt": prompt}
        if aspect is not None:
            values["aspect"] = aspect
        files = {} if image is None else {"image": image}
        await carry_out_command(interaction, Given(values=values, files=files))

    @generate.autocomplete("workflow")
    async def _workflows(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        given = typed_so_far(interaction).keys() - NOT_ASKED
        among = [each for each in await usable(interaction) if all(each.takes(name) for name in given)]
        return choices(self.suggestions.workflows(current, locale_of(interaction), among))

    @generate.autocomplete("model")
    async def _models(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return choices(self.suggestions.values("model", await meant(interaction, "model"), current))

    @generate.autocomplete("lora")
    async def _loras(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        model = typed_so_far(interaction).get("model")
        return choices(self.suggestions.loras(await meant(interaction, "lora"), current, model=model))

    @generate.autocomplete("sampler")
    async def _samplers(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return choices(self.suggestions.values("sampler", await meant(interaction, "sampler"), current))

    @generate.autocomplete("scheduler")
    async def _schedulers(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return choices(self.suggestions.values("scheduler", await meant(interaction, "scheduler"), current))

    @generate.autocomplete("count")
    async def _counts(self, interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
        return await offer_numbers(interaction, "count", current)

    @generate.autocomplete("steps")
    async def _steps(self, interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
        return await offer_numbers(interaction, "steps", current)

    @generate.autocomplete("width")
    async def _widths(self, interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
        return await offer_numbers(interaction, "width", current)

    @generate.autocomplete("height")
    async def _heights(self, interaction: Interaction, current: str) -> list[app_commands.Choice[int]]:
        return await offer_numbers(interaction, "height", current)


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Generate(bot))
