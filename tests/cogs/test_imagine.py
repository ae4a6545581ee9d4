"""`/imagine`: the short way, on the same path as `/generate`."""

import pytest

from tests.cogs.asking import picture
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_words_become_a_picture(shared: World) -> None:
    result = await shared.alice.slash(shared.channel, "imagine", prompt="a fox in the snow")
    await shared.done(result.response)
    said = shared.text(result.response)
    assert "a fox in the snow" in said
    assert shared.gallery(result.response)


async def test_a_shape_and_a_picture_go_with_the_words(shared: World) -> None:
    result = await shared.alice.slash(shared.channel, "imagine", prompt="a fox", aspect="16:9")
    await shared.done(result.response)
    job = (await shared.app.jobs.find("2")) or pytest.fail("no such job")
    assert (job.request.workflow, job.request.values["aspect"]) == ("txt2img", "16:9")
    result = await shared.alice.slash(
        shared.channel, "imagine", prompt="as a winter night", image=("photo.png", picture())
    )
    await shared.done(result.response)
    assert "Image to image" in shared.text(result.response)


async def test_it_obeys_what_generate_obeys(shared: World) -> None:
    result = await shared.alice.slash(
        shared.channel, "imagine", prompt="x", image=("film.mp4", b"no picture")
    )
    assert result.response.ephemeral
    assert "not a picture" in shared.text(result.response)
    result = await shared.alice.slash(shared.channel, "imagine", prompt=" ")
    assert result.modal is not None, "words that say nothing are asked for again"
