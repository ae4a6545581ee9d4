"""What `/generate` refuses, and in which words."""

import pytest

from tests.cogs.asking import picture, refused
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"prompt": "x", "workflow": "nonsense"}, "nonsense"),
        ({"prompt": "x", "steps": 5000}, "steps"),
        ({"prompt": "x", "count": 9}, "4"),
        ({"prompt": "x", "width": 8000, "height": 8000}, "2,200,000"),
        ({"prompt": "x", "model": "no-such-model"}, "no-such-model"),
        ({"prompt": "x", "sampler": "no-such-sampler"}, "no-such-sampler"),
        ({"prompt": "x", "extra": "just words"}, "just words"),
        ({"prompt": "x", "extra": "nonsense=1"}, "nonsense"),
        ({"prompt": "x", "seed": 1, "extra": "seed=2"}, "seed"),
        ({"prompt": "x", "priority": True}, "moderator"),
        # A form could ask for the picture, but what was typed would be refused then.
        ({"prompt": "x", "workflow": "upscale"}, "upscale does not take prompt. It takes: image, model."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
async def test_a_refusal_is_one_sentence_that_says_what_is_possible(
    shared: World, options: dict[str, object], names: str
) -> None:
    said = await refused(shared, **options)
    assert names in said, said
    assert "Traceback" not in said


async def test_a_mask_alone_is_refused(shared: World) -> None:
    assert "picture it belongs to" in await refused(shared, prompt="x", mask=("m.png", picture()))


async def test_a_file_that_is_no_picture_is_refused_and_the_card_taken_back(shared: World) -> None:
    result = await shared.alice.slash(
        shared.channel, "generate", prompt="x", image=("cat.png", b"no picture")
    )
    assert result.response is None, "the card should be gone"
    (said,) = result.followups
    assert said.ephemeral
    assert "not a picture" in shared.text(said)
    assert not shared.app.jobs.active()


async def test_a_file_discord_says_is_no_picture_is_refused_at_once(shared: World) -> None:
    assert "not a picture" in await refused(shared, prompt="x", image=("film.mp4", b"\x00\x00\x00 ftypmp42"))
