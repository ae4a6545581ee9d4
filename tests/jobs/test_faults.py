"""What servers do wrong, and what the person is told: every job ends once, with a sentence."""

import logging

import pytest

from bot.demo.comfyui import HttpFault, unreliable
from bot.errors import UserError
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import Job, JobState
from tests.jobs.conftest import World
from tests.jobs.samples import eventually

PLAIN = {"prompt": "a cat", "steps": 3, "width": 64, "height": 64}


def failure(job: Job, state: JobState, reason: Reason) -> str:
    assert (job.state, job.failure and job.failure.reason) == (state, reason)
    assert job.failure is not None
    assert job.failure.reference
    return str(job.failure.sentence)


async def test_polling_alone_finishes_a_job(world: World):
    world.listening = False
    await world.restart()
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)


async def test_a_deaf_socket_does_not_keep_a_job(world: World):
    world.comfyui.faults.deaf = True
    await world.restart()
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED


async def test_a_half_open_socket_does_not_keep_a_job(world: World):
    world.comfyui.faults.half_open = True
    world.comfyui.drop_sockets()
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED


async def test_sockets_that_break_again_and_again_do_not_matter(world: World):
    world.comfyui.step_seconds = 0.05
    jobs = [await world.submit() for _ in range(3)]
    listener, broken = world.server.listener, set[str | None]({None})
    for _ in range(5):
        await eventually(lambda: listener.client_id not in broken)
        broken.add(listener.client_id)
        world.comfyui.drop_sockets()
    for job in jobs:
        assert (await world.ended(job)).state is JobState.SUCCEEDED
    assert world.posts() == 3


@pytest.mark.parametrize("seed", range(3))
async def test_frames_lost_doubled_swapped_and_garbled(world: World, seed: int):
    world.comfyui.faults.frames = unreliable(seed, lose=0.3, duplicate=0.2, reorder=0.2, garble=0.2)
    for job in [await world.submit() for _ in range(3)]:
        ended = await world.ended(job)
        assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)


@pytest.mark.parametrize("action", ["lose_answer", "half_body", "garbage"])
async def test_a_post_whose_answer_is_lost_is_never_repeated(world: World, action: str):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), action))
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.runs), world.posts()) == (JobState.SUCCEEDED, 1, 1)


@pytest.mark.parametrize("action", ["reset", "status"])
async def test_a_post_that_did_not_arrive_is_repeated_under_a_new_id(world: World, action: str):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), action))
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.runs), world.posts()) == (JobState.SUCCEEDED, 2, 1)
    assert len({run.prompt_id for run in ended.runs}) == 2


async def test_a_server_that_never_takes_it_is_told(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "status", times=None))
    ended = await world.ended(await world.submit())
    assert "did not take" in failure(ended, JobState.FAILED, Reason.SERVER)
    assert [run.attempt for run in ended.runs] == [1, 2, 3]


async def test_uploads_that_always_fail_are_told(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "/upload/image"), "status", times=None))
    ref = await world.content.put(b"x", "png")
    job = await world.submit(workflow="upscale", inputs={"image": ref}, values={})
    assert "keeps answering with errors" in failure(
        await world.ended(job, 20), JobState.FAILED, Reason.SERVER
    )
    assert world.posts() == 0


async def test_a_server_that_hangs_for_a_while_is_waited_for(world: World):
    world.comfyui.faults.http.append(HttpFault(("*", "*"), "reset", times=6))
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED


async def test_out_of_memory_says_what_to_lower(world: World):
    world.comfyui.faults.out_of_memory = 1
    message = failure(await world.ended(await world.submit()), JobState.FAILED, Reason.OUT_OF_MEMORY)
    assert "smaller size" in message


async def test_neither_chat_nor_log_has_paths_secrets_or_prompts_of_a_failure(
    world: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    refusal = (
        '{"error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",'
        ' "details": "", "extra_info": {}}, "node_errors": {"1": {"errors": [{"type": "exception_during_validation",'
        ' "message": "Exception: /srv/private/models/x.ckpt api_key=abc123", "details": "/srv/private/x.py",'
        ' "extra_info": {"input_name": "text", "received_value": "my secret prompt",'
        ' "traceback": ["File /srv/private/x.py"]}}], "dependent_outputs": ["9"], "class_type": "C"}}}'
    )
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "status", status=400, text=refusal))
    job = await world.ended(await world.submit())
    said = failure(job, JobState.FAILED, Reason.REJECTED)
    assert job.failure is not None
    assert job.failure.reference in caplog.text
    for text in (said, caplog.text):
        assert "private" not in text
        assert "abc123" not in text
        assert "my secret prompt" not in text


async def test_success_without_outputs_is_told(world: World):
    world.comfyui.faults.blocked = 1
    assert "without making" in failure(
        await world.ended(await world.submit()), JobState.FAILED, Reason.NO_OUTPUT
    )


async def test_a_refused_graph_is_told_with_what_there_is(world: World):
    refusal = (
        '{"error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",'
        ' "details": "", "extra_info": {}}, "node_errors": {"4": {"errors": [{"type": "value_not_in_list",'
        ' "message": "Value not in list", "details": "ckpt_name: \'x\' not in [\'a\']", "extra_info":'
        ' {"input_name": "ckpt_name", "received_value": "x", "input_config": [["a.safetensors"], {}]}}],'
        ' "dependent_outputs": ["9"], "class_type": "CheckpointLoaderSimple"}}}'
    )
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "status", status=400, text=refusal))
    message = failure(await world.ended(await world.submit()), JobState.FAILED, Reason.REJECTED)
    assert "a.safetensors" in message
    assert "“x”" in message


async def test_a_history_that_was_cleared_is_a_loss_told(world: World):
    world.comfyui.faults.forget_history = True
    message = failure(await world.ended(await world.submit()), JobState.LOST, Reason.LOST)
    assert "no longer knows" in message


async def test_a_job_that_certainly_never_started_is_sent_again_after_a_server_restart(world: World):
    world.comfyui.hold()
    first, second = await world.submit(), await world.submit()
    await world.until(second, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    await world.running(first)
    await world.comfyui.restart()
    world.comfyui.release()
    failure(await world.ended(first), JobState.LOST, Reason.LOST)
    ended = await world.ended(second)
    assert ended.state is JobState.SUCCEEDED
    assert [run.state for run in ended.runs] == [JobState.LOST, JobState.SUCCEEDED]


async def test_a_job_taken_out_by_somebody_else_is_not_sent_again(world: World):
    world.comfyui.hold()
    first, second = await world.submit(), await world.submit()
    await world.until(second, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    await world.server.client.clear_pending()
    failure(await world.ended(second), JobState.LOST, Reason.LOST)
    world.comfyui.release()
    assert (await world.ended(first)).state is JobState.SUCCEEDED
    assert world.posts() == 2


async def test_a_dead_worker_is_given_up_and_not_fed_until_the_server_is_restarted(world: World):
    world.limits |= {"stall": 0.8, "job_timeout": 20}
    await world.restart()
    world.comfyui.faults.dead_worker = True
    stuck = await world.submit()
    message = failure(await world.ended(stuck), JobState.CANCELLED, Reason.STALLED)
    assert "no progress" in message
    world.comfyui.faults.dead_worker = False
    waiting = await world.submit()
    await world.looks_about("GET", "/queue")
    assert (await world.jobs.get(waiting.id)).state is JobState.QUEUED
    assert world.posts() == 1
    await world.comfyui.restart()
    assert (await world.ended(waiting)).state is JobState.SUCCEEDED


async def test_what_takes_too_long_is_stopped_with_that_reason(world: World):
    world.limits["job_timeout"] = 1.5
    await world.restart()
    world.comfyui.hold()
    job = await world.submit()
    assert "longer than" in failure(await world.ended(job), JobState.CANCELLED, Reason.TIMEOUT)
    world.comfyui.release()
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED


async def test_a_server_that_falls_silent_for_good_is_a_loss_told(world: World):
    world.limits["job_timeout"] = 1.5
    await world.restart()
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    world.comfyui.faults.http.append(HttpFault(("*", "*"), "reset", times=None))
    assert "stopped answering" in failure(await world.ended(job), JobState.LOST, Reason.LOST)
    world.comfyui.faults.http.clear()


async def test_outputs_are_shown_as_they_finish(world: World):
    world.comfyui.hold(after=1)
    job = await world.submit(workflow="single", count=2, values=PLAIN)
    snapshot = await world.until(job, lambda snapshot: snapshot.run == 1 and snapshot.outputs != ())
    assert not snapshot.job.state.is_final
    assert snapshot.fraction is not None
    assert snapshot.fraction >= 0.5
    world.comfyui.release()
    assert len((await world.ended(job)).outputs) == 2


async def test_a_mistake_of_ours_ends_the_job_too(world: World, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("bot.jobs.execution.sending.Sender.new_run", broken)
    message = failure(await world.ended(await world.submit()), JobState.FAILED, Reason.INTERNAL)
    assert "our side" in message


async def test_a_branch_the_server_leaves_out_is_told_and_the_rest_delivered(world: World):
    world.comfyui.faults.left_out = 1
    ended = await world.ended(await world.submit())
    assert (ended.state, ended.failure, len(ended.outputs)) == (JobState.SUCCEEDED, None, 1)
    assert ended.notice is not None
    assert "gone.pth" in str(ended.notice.sentence)


async def test_workflows_that_are_always_the_same_run_once(world: World):
    ref = await world.content.put(b"x", "png")
    with pytest.raises(UserError, match="can only be 1"):
        await world.submit(workflow="upscale", inputs={"image": ref}, values={}, count=2)
