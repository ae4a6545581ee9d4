"""People who submit, cancel, reroll and delete, and strangers who use the same ComfyUI from its own page."""

import asyncio
import io
import itertools
import random
from typing import Any

import aiohttp
from PIL import Image

from tests.campaign.world import World

SMALL = "64"


class Crowd:
    """Everybody who wants something of the bot."""

    def __init__(self, world: World, dice: random.Random, wanted: int) -> None:
        self.world, self.dice, self.wanted = world, dice, wanted
        self.tags = itertools.count(1)
        self.asked = 0
        self.deleted: set[str] = set()
        self.presses = 0
        self._counted, self._waiting = 0.0, 0

    async def live(self) -> None:
        """Act until enough jobs were accepted."""
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / 0.4))
            if self.world.up:
                room = 18 - self._in_line()
                if self.dice.random() < 0.72:
                    if room > 0:
                        self._generate(self.dice.choice(self.world.people))
                elif room > 0 or self.dice.random() < 0.1:
                    self._act(more=room > 0)

    def _in_line(self) -> int:
        """Count the unfinished jobs, now or a moment ago: everybody asks all the time."""
        now = self.world.clock.monotonic()
        if self.world.up and now > self._counted + 0.5:
            self._counted, self._waiting = now, len(self.world.unfinished())
        return self._waiting

    def _generate(self, user: Any) -> None:
        dice = self.dice
        self.asked += 1
        prompt = f"tag-{next(self.tags):06} a fox"
        if dice.random() < 0.04:
            prompt += " forbidden-word"
        options: dict[str, Any] = {"prompt": prompt, "width": 64, "height": 64, "steps": dice.choice((1, 2))}
        if dice.random() < 0.5:
            options["seed"] = dice.randrange(2**53)
        if dice.random() < 0.25:
            options["private"] = True
        if dice.random() < 0.2:
            options["count"] = dice.choice((2, 3, 4, 12))
        if dice.random() < 0.05:
            options["model"] = "no-such-model.safetensors"
        if dice.random() < 0.05:
            del options["width"], options["height"]
            options |= {"image": picture(dice), "denoise": 0.5}
        elif dice.random() < 0.03 and "count" not in options and "model" not in options:
            options |= {"workflow": "wan-video", "extra": "length=5"}
        self.world.type(user, dice.choice(self.world.channels), "generate", **options)

    def _act(self, *, more: bool) -> None:
        user = self.dice.choice((*self.world.people, self.world.mod))
        roll = self.dice.random()
        channel = self.dice.choice(self.world.channels)
        if roll < 0.01:
            self.world.type(user, channel, "cancel", job="all")
        elif roll < 0.015:
            self.world.type(self.world.mod, channel, "cancel", job="everything")
        elif roll < 0.12 and self.world.up and (numbers := self.world.unfinished()):
            self.world.type(user, channel, "cancel", job=str(self.dice.choice(numbers)))
        else:
            self._press(user, more=more)

    def _press(self, user: Any, *, more: bool) -> None:
        cards = self.world.cards(user)
        if not cards:
            return
        message, ids = self.dice.choice(cards)
        if "job:cancel:" in ids[0] and self.dice.random() < 0.8:
            return
        custom_id = self.dice.choice(ids)
        action, job_id = custom_id.split(":")[1:3]
        if (
            action == "edit"
            or (action == "again" and not more)
            or (action == "delete" and self.dice.random() < 0.3)
        ):
            return
        if action == "delete":
            self.deleted.add(job_id)
        self.presses += 1
        self.world.press(user, message, custom_id)


class Strangers:
    """People who post their own graphs; what they have there is none of the bot's business."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.prompts: set[str] = set()

    async def live(self) -> None:
        """Post something now and then."""
        async with aiohttp.ClientSession() as session:
            while True:
                await asyncio.sleep(self.dice.uniform(2.0, 8.0))
                body = {"prompt": graph(self.dice), "client_id": "stranger"}
                try:
                    timeout = aiohttp.ClientTimeout(total=20)
                    url = f"{self.world.url}/prompt"
                    async with session.post(url, json=body, timeout=timeout) as answer:
                        self.prompts.add((await answer.json())["prompt_id"])
                except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, OSError):
                    continue


def graph(dice: random.Random) -> dict[str, Any]:
    """Return a small graph of a stranger's."""
    sampler = {"seed": dice.randrange(2**40), "steps": 1, "cfg": 7.0, "sampler_name": "euler",
               "scheduler": "normal", "denoise": 1.0, "model": ["1", 0], "positive": ["2", 0],
               "negative": ["2", 0], "latent_image": ["3", 0]}  # fmt: skip
    return {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "demo-painter.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a stranger's castle", "clip": ["1", 1]}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "KSampler", "inputs": sampler},
        "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "stranger"}},
    }


def picture(dice: random.Random) -> bytes:
    """Return a small picture to attach."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (dice.randrange(256), dice.randrange(256), 90)).save(buffer, "PNG")
    return buffer.getvalue()
