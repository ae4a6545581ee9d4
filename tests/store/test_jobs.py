"""Jobs survive the database as they were, and nobody gets past a limit or sees what is private."""

import asyncio
from dataclasses import replace
from itertools import product

import pytest

from bot.errors import OptionName, UserError
from bot.i18n import language_for
from bot.jobs.model.estimate import Usual
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import Job, JobState, MessageRef
from bot.jobs.model.ports import HistoryQuery, Standing
from bot.jobs.model.request import InputRef, JobId, Origin, OriginKind
from bot.jobs.model.visibility import Viewer, sees
from bot.store import Database, SqlJobStore
from tests.jobs.samples import a_job, a_request, a_run, an_output


def anything_goes(_: Standing) -> None:
    pass


async def test_a_job_comes_back_as_it_was_stored(database: Database):
    store = SqlJobStore(database)
    request = a_request(
        values={"prompt": "一只猫", "seed": 2**64 - 1, "cfg": 7.5, "hd": True},
        inputs={"image": InputRef("ab" * 32, "png", 17)},
        count=2,
        spoken=({"prompt": "一只黑猫", "lora": "x:1"}, {"prompt": "一只白猫"}),
        private=True,
        priority=True,
        spoiler=True,
        origin=Origin(
            kind=OriginKind.UPSCALE, job=3, ordinal=2, address="https://example.org/1", words="a fox"
        ),
    )
    job = await store.accept(a_job(request, planned=2), anything_goes)
    assert job.number > 0
    run = a_run(seed=2**64 - 1, submitted_at=5.0).to(JobState.SUBMITTED)
    run = run.to(JobState.SUCCEEDED, outputs=(replace(an_output(), kept=InputRef("cd" * 32, "png", 9)),))
    job = job.to(JobState.SUBMITTING).with_run(run).with_run(a_run(1)).to(JobState.SUBMITTED)
    job = replace(
        job,
        values={"seed": 2**64 - 1, "model": "x.safetensors"},
        message=MessageRef(100, 5, "token", 99.5, True, 7),
        parts={2: MessageRef(100, 6), 3: MessageRef(101, 7, "token", 99.5, True, 7)},
        astray=frozenset({1, 3}),
        unreached=True,
        notice=Failure(
            reason=Reason.WORKFLOW, message="Oh {x}", arguments={"x": 1}, node="Save", reference="r"
        ),
        cancel_requested_by=2**63 - 1,
    )
    await store.save(job)
    assert await store.get(job.id) == job
    assert await store.by_number(job.number) == job
    assert await store.by_prompt_ids((run.prompt_id, "unknown")) == {run.prompt_id: job}
    assert await store.by_prompt_ids(()) == {}
    made, given, nobodys = "cd" * 32, "ab" * 32, "ef" * 32
    assert await store.in_use({made, given, nobodys}) == {made, given}
    assert await store.get(JobId("0" * 32)) is None
    assert await store.by_number(0) is None


async def test_numbers_grow_and_are_never_given_twice(database: Database):
    store = SqlJobStore(database)
    first = await store.accept(a_job(), anything_goes)
    second = await store.accept(a_job(), anything_goes)
    await store.forget(second.id)
    third = await store.accept(a_job(), anything_goes)
    assert first.number < second.number < third.number
    assert await store.get(second.id) is None


async def test_saving_what_was_never_accepted_is_a_mistake(database: Database):
    with pytest.raises(LookupError):
        await SqlJobStore(database).save(a_job())


async def test_two_at_once_at_the_cap_and_one_gets_in(database: Database):
    store = SqlJobStore(database)

    def one_each(standing: Standing) -> None:
        if standing.active >= 1:
            raise UserError("Full.")

    results = await asyncio.gather(
        *(store.accept(a_job(), one_each) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, UserError) for result in results) == 7
    assert len(await store.unfinished()) == 1


async def test_the_standing_counts_jobs_and_pictures_of_the_right_ones(database: Database):
    store = SqlJobStore(database)
    day = 86_400.0
    seen: list[Standing] = []
    yesterday = await store.accept(a_job(created_at=day * 3 - 1), anything_goes)
    await store.save(yesterday.to(JobState.FAILED))
    await store.accept(a_job(a_request(count=3), planned=3, created_at=day * 3 + 1), anything_goes)
    withdrawn = await store.accept(a_job(created_at=day * 3 + 2), anything_goes)
    await store.save(withdrawn.to(JobState.CANCELLED))
    await store.accept(a_job(a_request(2, workflow="flux"), created_at=day * 3 + 3), anything_goes)
    await store.accept(a_job(created_at=day * 3 + 10), seen.append)
    assert seen == [
        Standing(active=1, queued=2, today=3, last_at=day * 3 + 1, waiting={"txt2img": 3, "flux": 1})
    ]


async def test_unfinished_undelivered_and_active(database: Database):
    store = SqlJobStore(database)
    waiting = await store.accept(a_job(), anything_goes)
    other = await store.accept(a_job(a_request(2)), anything_goes)
    ended = await store.accept(a_job(), anything_goes)
    ended = ended.to(JobState.FAILED, finished_at=1.0)
    await store.save(ended)
    told = (await store.accept(a_job(), anything_goes)).to(JobState.CANCELLED, delivered_at=2.0)
    await store.save(told)
    assert await store.unfinished() == (waiting, other)
    assert await store.undelivered() == (ended,)
    assert await store.active_of(1) == (waiting,)


async def test_history_is_paged_and_keeps_private_jobs_private(database: Database):
    store = SqlJobStore(database)
    mine = await store.accept(a_job(a_request(1, private=True)), anything_goes)
    theirs = await store.accept(a_job(a_request(2, private=True)), anything_goes)
    shared = await store.accept(a_job(a_request(2, values={"prompt": "50% Grün"})), anything_goes)
    elsewhere = await store.accept(a_job(a_request(1, guild=11)), anything_goes)
    direct = await store.accept(a_job(a_request(1, guild=None)), anything_goes)
    await store.accept(a_job(a_request(2, guild=None)), anything_goes)

    def numbers(page):
        return [job.number for job in page.jobs]

    room = frozenset({100})
    everything = await store.listed(HistoryQuery(viewer=1, guild_id=10, channels=room))
    assert numbers(everything) == [shared.number, mine.number]
    assert everything.total == 2
    assert numbers(await store.listed(HistoryQuery(viewer=2, guild_id=10, user_id=2))) == [
        shared.number,
        theirs.number,
    ]
    assert numbers(
        await store.listed(HistoryQuery(viewer=1, guild_id=10, channels=room, offset=1, limit=1))
    ) == [mine.number]
    assert numbers(await store.listed(HistoryQuery(viewer=1, guild_id=10, channels=room, text="% GRÜN"))) == [
        shared.number
    ]
    assert numbers(await store.listed(HistoryQuery(viewer=1, guild_id=11))) == [elsewhere.number]
    assert numbers(await store.listed(HistoryQuery(viewer=1, guild_id=None))) == [direct.number]


async def test_the_query_shows_just_what_the_rule_lets_somebody_see(database: Database) -> None:
    store = SqlJobStore(database)
    jobs: list[Job] = []
    for user, guild, channel, private in product((1, 2), (10, 11, None), (100, 101), (False, True)):
        request = a_request(user, guild=guild, private=private)
        request = request.by(replace(request.requester, channel_id=channel))
        jobs.append(await store.accept(a_job(request), anything_goes))
    rooms = (frozenset[int](), frozenset({100}), frozenset({100, 101}))
    for user, guild, channels, everything in product((1, 2, 3), (10, 11, None), rooms, (False, True)):
        viewer = Viewer(user_id=user, guild_id=guild, channels=channels, everything=everything)
        query = HistoryQuery(
            viewer=user, guild_id=guild, channels=channels, everything=everything, limit=len(jobs)
        )
        page = await store.listed(query)
        expected = {job.id for job in jobs if job.request.requester.guild_id == guild and sees(viewer, job)}
        assert {job.id for job in page.jobs} == expected, viewer
        assert page.total == len(expected), "nor does the count tell more"
    assert await store.channels_of(10) == {100, 101}


async def test_timings_average_what_recent_runs_took(database: Database):
    store = SqlJobStore(database)
    for seconds, steps in ((2.0, 10), (4.0, 30)):
        job = await store.accept(a_job(values={"steps": steps, "prompt": "a cat"}), anything_goes)
        run = a_run(state=JobState.SUCCEEDED, started_at=10.0, finished_at=10.0 + seconds)
        await store.save(
            job.with_run(run).with_run(a_run(1, state=JobState.FAILED, started_at=1.0, finished_at=99.0))
        )
    assert await store.timings() == {"txt2img": Usual(seconds=3.0, work=20.0)}


async def test_options_in_a_stored_sentence_are_still_told_in_the_persons_language(
    database: Database,
) -> None:
    store = SqlJobStore(database)
    sentence = UserError("{name} must be at least {minimum}.", name=OptionName("steps"), minimum=1)
    job = await store.accept(a_job(), lambda standing: None)
    failure = Failure.of(Reason.REJECTED, sentence, reference="REF")
    await store.save(job.to(JobState.FAILED, failure=failure))
    stored = await store.get(job.id)
    assert stored is not None
    assert stored.failure == failure
    assert stored.failure is not None
    assert "步数" in language_for("zh-CN").error(stored.failure.sentence)
