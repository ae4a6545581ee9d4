"""What somebody asked for, and what becomes of it when it is changed."""

import pytest

from bot.jobs.model.request import InputRef, Origin, OriginKind, Request, Requester
from tests.jobs.samples import a_request


def test_requests_can_be_varied_and_handed_on():
    request = a_request(values={"prompt": "a", "seed": 0})
    assert request.varied(steps=4).values == {"prompt": "a", "seed": 0, "steps": 4}
    assert request.without("seed").values == {"prompt": "a"}
    assert request.by(a_request(2).requester).requester.user_id == 2


def test_nobody_has_a_right_or_wish_that_was_not_given():
    requester = Requester(1, 10, 100)
    request = Request(requester=requester, workflow="txt2img")
    assert (requester.moderator, requester.operator) == (False, False)
    assert (request.count, request.private, request.priority, request.spoiler) == (1, False, False, False)


@pytest.mark.parametrize(
    ("values", "origin", "words"),
    [
        ({"prompt": "a cat"}, None, "a cat"),
        ({"prompt": "a cat"}, "a dog", "a cat"),
        ({"prompt": ""}, "a dog", "a dog"),
        ({}, "a dog", "a dog"),
        ({}, None, ""),
    ],
)
def test_the_words_are_the_prompt_or_that_of_the_picture_it_goes_on_from(
    values: dict[str, str], origin: str | None, words: str
):
    kept = Origin(kind=OriginKind.SEED, words=origin) if origin is not None else None
    assert a_request(values=values, origin=kept).words == words


def test_a_kept_file_is_named_by_what_it_contains():
    assert InputRef("ab12", "png", 3).name == "ab12.png"
