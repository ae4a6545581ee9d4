"""Nothing on a card is told by colour or emoji alone, everything shown is described, and nobody is pinged by it."""

import re
from dataclasses import replace
from typing import Any

import pytest
from simcord.components import walk_components

from bot.errors import UserError
from bot.i18n import LANGUAGES, Language
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import JobState
from bot.ui.cards.card import card, further_card
from bot.ui.cards.shown import Shown
from bot.ui.messages.message_api import NOBODY
from cogs.history.view import title_of
from tests.ui.jobs import NOW, STATES, file_output, make_job, make_snapshot, with_outputs

LOUD = "@everyone <@1> <@&2> <#3> a red fox"
SHOWN = Shown(gallery=("a.png", "b.mp4"), files=("c.flac",), preview="preview.jpg", texts=(LOUD,))
LANGS = pytest.mark.parametrize("lang", LANGUAGES.values(), ids=LANGUAGES)


def cards(lang: Language, shown: Shown = SHOWN) -> dict[JobState, list[dict[str, Any]]]:
    """Draw the card of one job in every state."""
    drawn: dict[JobState, list[dict[str, Any]]] = {}
    for state in STATES:
        failure = Failure.of(Reason.WORKFLOW, UserError("This file is no longer on the image server."))
        job = make_job(state, failure=failure if state in {JobState.FAILED, JobState.LOST} else None)
        requester = replace(job.request.requester, name=LOUD)
        job = replace(job, request=replace(job.request, requester=requester))
        job = with_outputs(replace(job, values={**job.values, "prompt": LOUD}), file_output("a.png"))
        snapshot = make_snapshot(job=job, fraction=0.42, step=8, steps=20, node_title="Sampler", wait=90.0)
        drawn[state] = card(snapshot, lang, shown, now=NOW).to_components()
    return drawn


def words(text: str) -> str:
    """Return only what is written in letters and digits of some language."""
    return " ".join(re.findall(r"\w+", text))


def texts(components: list[dict[str, Any]]) -> list[str]:
    return [str(part["content"]) for part in walk_components(components) if "content" in part]


@LANGS
def test_each_state_is_told_in_words(lang: Language) -> None:
    told = {state: words(texts(drawn)[1].splitlines()[0]) for state, drawn in cards(lang).items()}
    assert all(told.values()), told
    assert len(set(told.values())) == len(STATES), told


@LANGS
def test_how_far_it_is_is_told_in_numbers(lang: Language) -> None:
    said = "\n".join(texts(cards(lang)[JobState.RUNNING]))
    assert "42 %" in said
    assert {"8", "20"} <= set(words(said).split())


@LANGS
def test_everything_pressed_is_called_something(lang: Language) -> None:
    shown = [*cards(lang).values(), further_card(make_job(), lang, SHOWN, page=2, pages=3).to_components()]
    for components in shown:
        labels = [part["label"] for part in walk_components(components) if part["type"] == 2]
        assert labels
        assert all(words(label) for label in labels)
        assert len(set(labels)) == len(labels), "no two buttons sound alike"


@LANGS
def test_everything_shown_is_described(lang: Language) -> None:
    further = further_card(with_outputs(make_job(), file_output("a.png")), lang, SHOWN, page=2, pages=3)
    for components in (*cards(lang).values(), further.to_components()):
        items = [item for part in walk_components(components) if part["type"] == 12 for item in part["items"]]
        assert len(items) == 3
        assert all("a red fox" in item["description"] for item in items)


@LANGS
def test_nobody_is_pinged_by_what_somebody_wrote(lang: Language) -> None:
    for components in cards(lang).values():
        for said in texts(components):
            assert not re.search(r"(?<!\\)(<[@#]|@everyone)", said), said
    assert NOBODY.to_dict() == {"parse": []}


@LANGS
def test_the_history_tells_states_in_words_too(lang: Language) -> None:
    titles = {words(title_of(make_job(state), lang)) for state in STATES}
    assert len(titles) == len(STATES), titles
