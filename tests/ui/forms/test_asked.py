"""Every option of `/generate`, alone and in pairs: what goes round through buttons, forms and commands is what was asked."""

import inspect
import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from bot.i18n import LANGUAGES
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import InputRef, Request, Requester
from bot.jobs.queue.plan import Plan
from bot.settings import LimitSettings
from bot.store.records import job_columns, job_of
from bot.ui.actions.command import command_of
from bot.ui.actions.variation import variation
from bot.ui.forms.asked import draft_of, merged, request_of
from bot.ui.forms.extras import parse_extra, typed
from bot.ui.forms.fields import Fields
from bot.ui.forms.formpages import asked_in, field_id, pages
from bot.ui.forms.suggestions import Suggestions
from bot.ui.requests.command_input import still_taken
from bot.users.form_drafts import Draft
from bot.workflows.binding.bind import BindLimits
from bot.workflows.library.library import Library
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow
from cogs.generate import Generate
from tests.ui.jobs import make_job
from tests.workflows.made import raw_info, server, shipped

ME = Requester(user_id=7, guild_id=8, channel_id=9)
FILES = {
    name: InputRef(letter * 64, "png", 1) for name, letter in (("image", "a"), ("image2", "b"), ("mask", "c"))
}
VALUES: dict[str, Any] = {
    "aspect": "16:9",
    "negative_prompt": "rain, fog",
    "model": "photo-inpainting",
    "lora": "detail:0.5, watercolor:0.25",
    "seed": 5,
    "steps": 7,
    "cfg": 3.123456789,
    "sampler": "euler",
    "scheduler": "simple",
    "denoise": 0.75,
    "width": 520,
    "height": 333,
}
OTHERS = ("prompt", "workflow", "count", "priority", "private", "extra")
OPTIONS = (*VALUES, *FILES, *OTHERS)
ONES = [(option,) for option in OPTIONS]
PAIRS = list(itertools.combinations(OPTIONS, 2))


def everything() -> Workflow:
    """A workflow that takes every option there is."""
    plain = shipped("txt2img")
    files = {
        "image": Parameter(name="image", type=ParameterType.IMAGE),
        "image2": Parameter(name="image2", type=ParameterType.IMAGE),
        "mask": Parameter(name="mask", type=ParameterType.MASK),
    }
    return replace(plain, parameters={**plain.parameters, **files})


WORKFLOW = everything()
INFO = server()
LIBRARY = Library(Path(), WORKFLOW.name)
LIBRARY._workflows = {WORKFLOW.name: WORKFLOW}
_SERVER = SimpleNamespace(client=SimpleNamespace(cached_object_info=raw_info()), label="stand-in")
FLEET: Any = SimpleNamespace(servers=[_SERVER], pick=lambda: _SERVER)
FAMILIES: Any = None  # no field of these names a LoRA


def plan() -> Plan:
    return Plan(LIBRARY, LimitSettings(count=8), Random(1))


def asked_for(options: tuple[str, ...]) -> Request:
    """Return what somebody asks for who gives these options; words are always given."""
    values = {"prompt": "a fox\nin {red|blue} snow"} | {
        name: VALUES[name] for name in options if name in VALUES
    }
    if "extra" in options:
        values["batch"] = 2
    return Request(
        requester=ME,
        workflow=WORKFLOW.name,
        values=values,
        inputs={name: FILES[name] for name in options if name in FILES},
        count=2 if "count" in options else 1,
        private="private" in options,
        priority="priority" in options,
    )


def made(request: Request, dice: int = 1) -> Job:
    """Return the job a request becomes, as it is read from the database again."""
    planned = Plan(LIBRARY, LimitSettings(count=8), Random(dice)).accept(request, INFO)
    job = make_job(JobState.SUCCEEDED, request=planned.request, values=planned.values, planned=planned.runs)
    return job_of({**job_columns(job), "number": 17, "weight": job.cost}, ())


def unspoken(request: Request) -> Request:
    return replace(request, spoken=())


def sent_back(fields: Fields, names: list[str]) -> dict[str, dict[str, Any]]:
    """Return what a page comes back with when nothing on it is touched."""
    sent: dict[str, dict[str, Any]] = {}
    for name in names:
        field: Any = fields.label(name).to_component_dict()["component"]
        match field["type"]:
            case 3:
                assert len(field["options"]) <= 25
                assert all(0 < len(each["value"]) <= 100 for each in field["options"])
                values = [each["value"] for each in field["options"] if each.get("default")]
                sent[field["custom_id"]] = {"type": 3, "values": values}
            case 19:
                assert not field.get("required"), "a file that was given before need not be given again"
                sent[field["custom_id"]] = {"type": 19, "values": []}
            case 23:
                sent[field["custom_id"]] = {"type": 23, "value": field.get("default", False)}
            case _:
                sent[field["custom_id"]] = {"type": 4, "value": field.get("value") or ""}
    return sent


def merge(draft: Draft, sent: Mapping[str, Any], names: list[str]) -> Draft:
    texts = {**draft.texts, **merged(WORKFLOW, draft, asked_in([names], sent), sent)}
    return replace(draft, texts={name: text for name, text in texts.items() if text is not None})


def through_the_form(job: Job, most: int) -> Request:
    """Return what *Edit* makes of a job when so many of its pages are sent as they are."""
    draft = draft_of(job, WORKFLOW, draft_id="0", user_id=7, guild_id=8)
    suggestions = Suggestions(FLEET, FAMILIES)
    for number in range(min(most, len(pages(WORKFLOW, draft)))):
        names = pages(WORKFLOW, draft)[number]
        fields = Fields(WORKFLOW, draft, LANGUAGES["en"], suggestions, BindLimits())
        draft = merge(draft, sent_back(fields, names), names)
    return request_of(draft, WORKFLOW, ME)


def typed_again(command: str) -> Request:
    """Return what the command asks for that *Details* shows, read as Discord reads it."""
    known = [
        name
        for name in inspect.signature(Generate.generate.callback).parameters
        if name not in {"self", "interaction"}
    ]
    parts = re.split(rf" ({'|'.join(known)}):", command)
    assert parts[0] == "/generate"
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    extra, count, private, name = (said.pop(each, "") for each in ("extra", "count", "private", "workflow"))
    values = typed(WORKFLOW, {**said, **parse_extra(extra)}, guild_id=8)
    return Request(
        requester=ME, workflow=name, values=values, count=int(count or 1), private=private == "True"
    )


def same_words(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: " ".join(value.split()) if name == "prompt" else value for name, value in values.items()}


ALONE_AND_IN_PAIRS = [pytest.param(options, id="+".join(options)) for options in [*ONES, *PAIRS]]


def test_no_option_is_forgotten() -> None:
    known = set(inspect.signature(Generate.generate.callback).parameters) - {"self", "interaction"}
    assert known == set(OPTIONS)
    assert len(PAIRS) == 210


@pytest.mark.parametrize("options", ALONE_AND_IN_PAIRS)
def test_what_was_asked_for_comes_again(options: tuple[str, ...]) -> None:
    request = asked_for(options)
    job = made(request)
    lasting = replace(unspoken(request), priority=False)
    assert job.seed is not None
    with_seed = lasting.varied(seed=job.seed)
    assert unspoken(job.request) == request, "nothing it was resolved to is taken for asked for"

    again = made(replace(job.request.without("seed"), priority=False), dice=2)
    assert unspoken(again.request) == lasting.without("seed")
    assert again.planned == job.planned
    assert again.seed != job.seed
    drawn = {"seed", "prompt"}
    assert {k: v for k, v in again.values.items() if k not in drawn} == {
        k: v for k, v in job.values.items() if k not in drawn
    }

    for most in (1, 9):
        edited = through_the_form(job, most)
        assert edited == with_seed, f"{most} pages of Edit"
        assert made(edited, dice=3).values == job.values
        assert made(edited, dice=3).planned == job.planned

    command = typed_again(command_of(job, WORKFLOW))
    assert (same_words(command.values), command.count, command.private) == (
        same_words(with_seed.values),
        with_seed.count,
        with_seed.private,
    )

    varied = variation(job, None, LIBRARY, lambda _: 3, may=lambda _: True)
    assert varied.inputs == request.inputs
    assert varied.count == request.count
    assert {**varied.values, "prompt": ""} == {
        **with_seed.values,
        "prompt": "",
        "seed": varied.values["seed"],
    }
    assert varied.values["prompt"] == job.values["prompt"], "choices stay as they fell"
    other = made(replace(lasting, values=varied.values), dice=4)
    assert {**other.values, "seed": 0} == {**job.values, "seed": 0}


def test_an_earlier_request_goes_without_what_its_workflow_takes_no_more() -> None:
    request = asked_for(("aspect", "model", "steps"))
    parameters = {name: each for name, each in WORKFLOW.parameters.items() if name not in {"steps", "width"}}
    without = still_taken(request, replace(WORKFLOW, parameters=parameters))
    assert without == replace(request.without("aspect", "steps"), left_out=("aspect", "steps"))
    assert still_taken(request, WORKFLOW) == request
    parameters.pop("model")
    assert "model" in still_taken(request, replace(WORKFLOW, parameters=parameters)).values, "bind refuses it"


def test_a_long_choice_that_a_menu_shows_cut_is_still_the_whole() -> None:
    long = f"{'folder/' * 20}model.safetensors"
    draft = Draft(id="0", user_id=7, guild_id=8, workflow=WORKFLOW.name, texts={"prompt": "x", "model": long})
    fields = Fields(WORKFLOW, draft, LANGUAGES["en"], Suggestions(FLEET, FAMILIES), BindLimits())
    names = pages(WORKFLOW, draft)[0]
    assert merge(draft, sent_back(fields, names), names).texts["model"] == long


def test_a_text_of_the_workflows_own_can_be_emptied_and_is_kept_where_it_is_not_touched() -> None:
    draft = Draft(id="0", user_id=7, guild_id=8, workflow=WORKFLOW.name, texts={"prompt": "x"})
    names = ["negative_prompt"]
    fields = Fields(WORKFLOW, draft, LANGUAGES["en"], Suggestions(FLEET, FAMILIES), BindLimits())
    sent = sent_back(fields, names)
    (field,) = sent.values()
    assert field["value"] == "blurry, low quality, watermark"
    assert "negative_prompt" not in merge(draft, sent, names).texts
    field["value"] = ""
    emptied = merge(draft, sent, names)
    assert emptied.texts["negative_prompt"] == ""
    assert request_of(emptied, WORKFLOW, ME).values["negative_prompt"] == ""
    fields = Fields(WORKFLOW, emptied, LANGUAGES["en"], Suggestions(FLEET, FAMILIES), BindLimits())
    assert merge(emptied, sent_back(fields, names), names).texts["negative_prompt"] == "", "still empty"


def test_the_shape_and_the_sides_are_one_thing() -> None:
    sides = {"prompt": "x", "width": "512", "height": "256"}
    draft = Draft(id="0", user_id=7, guild_id=8, workflow=WORKFLOW.name, texts=sides)

    def after(name: str, texts: dict[str, str], value: str) -> dict[str, str]:
        now = replace(draft, texts=texts)
        sent = {field_id(name): {"type": 3, "values": [value] if value else []}}
        return dict(merge(now, sent, [name]).texts)

    assert after("aspect", sides, "512×256") == sides
    assert after("aspect", sides, "1:1") == {"prompt": "x", "aspect": "1:1"}
    assert after("aspect", sides, "") == {"prompt": "x"}
    half = {"prompt": "x", "aspect": "16:9", "width": "512"}
    assert after("aspect", half, "16:9") == half
    assert after("height", half, "256") == sides, "both sides say the shape"
    assert after("width", half, "640") == {**half, "width": "640"}
