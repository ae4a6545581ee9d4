"""Jobs as rows and rows as jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

from bot.comfy import FileRef, Output, OutputKind
from bot.errors import OptionName
from bot.jobs.model.failure import Argument, Failure, Reason
from bot.jobs.model.job import Deletion, Job, JobOutput, JobState, MessageRef, Run
from bot.jobs.model.request import InputRef, JobId, Origin, OriginKind, Request, Requester


def job_columns(job: Job) -> dict[str, Any]:
    """Return everything of a job but its number and its runs."""
    request = job.request
    return {
        "id": job.id,
        "state": job.state.value,
        "user_id": request.requester.user_id,
        "guild_id": request.requester.guild_id,
        "channel_id": request.requester.channel_id,
        "private": request.private,
        "workflow": request.workflow,
        "workflow_title": job.workflow_title,
        "prompt": searchable(_texts(request)),
        "cost": job.cost,
        "planned": job.planned,
        "request": _request_record(request),
        "resolved": dict(job.values),
        "message": _message_record(job.message),
        "delivery": _delivery_record(job),
        "deletion": None if job.deletion is None else asdict(job.deletion),
        "failure": _failure_record(job.failure),
        "notice": _failure_record(job.notice),
        "cancel_requested_by": job.cancel_requested_by,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "delivered_at": job.delivered_at,
    }


def run_columns(run: Run) -> dict[str, Any]:
    """Return everything of a run but the job it belongs to."""
    return {
        "prompt_id": run.prompt_id,
        "index": run.index,
        "attempt": run.attempt,
        "state": run.state.value,
        "server": run.server,
        "client_id": run.client_id,
        "seed": None if run.seed is None else str(run.seed),
        "outputs": [_output_record(output) for output in run.outputs],
        "submitted_at": run.submitted_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def _texts(request: Request) -> list[str]:
    texts = [value for value in request.values.values() if isinstance(value, str)]
    return texts if request.words in texts else [*texts, request.words]


def searchable(texts: Iterable[str]) -> str:
    """Return texts in the form they are searched in."""
    return "\n".join(texts).casefold()


def job_of(row: Mapping[str, Any], runs: Iterable[Mapping[str, Any]]) -> Job:
    """Return the job a row and the rows of its runs (in the order they were sent) describe."""
    return Job(
        id=JobId(row["id"]),
        number=row["number"],
        request=_request_of(row),
        workflow_title=row["workflow_title"],
        created_at=row["created_at"],
        state=JobState(row["state"]),
        values=row["resolved"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        delivered_at=row["delivered_at"],
        runs=tuple(_run_of(run) for run in runs),
        planned=row["planned"],
        cost=row["weight"],
        message=None if row["message"] is None else MessageRef(**row["message"]),
        parts=_parts_of(_delivery(row)),
        card_deleted=_delivery(row).get("card_deleted", False),
        astray=frozenset(_delivery(row).get("astray", ())),
        unreached=_delivery(row).get("unreached", False),
        failure=_failure_of(row["failure"]),
        notice=_failure_of(row["notice"]),
        cancel_requested_by=row["cancel_requested_by"],
        deletion=None if row["deletion"] is None else Deletion(**row["deletion"]),
    )


def _delivery(row: Mapping[str, Any]) -> dict[str, Any]:
    return row["delivery"] or {}


def _request_record(request: Request) -> dict[str, Any]:
    return {
        "channel_id": request.requester.channel_id,
        "locale": request.requester.locale,
        "moderator": request.requester.moderator,
        **({"name": request.requester.name} if request.requester.name else {}),
        **({"operator": True} if request.requester.operator else {}),
        "values": dict(request.values),
        "inputs": {name: _input_record(ref) for name, ref in request.inputs.items()},
        "count": request.count,
        **({"spoken": [dict(each) for each in request.spoken]} if request.spoken else {}),
        **({"left_out": list(request.left_out)} if request.left_out else {}),
        **({"grows": list(request.grows)} if request.grows else {}),
        "priority": request.priority,
        **({"spoiler": True} if request.spoiler else {}),
        **({"origin": asdict(request.origin)} if request.origin is not None else {}),
    }


def _grows_of(sides: list[int] | None) -> tuple[int, int, int, int] | None:
    return (sides[0], sides[1], sides[2], sides[3]) if sides else None


def _request_of(row: Mapping[str, Any]) -> Request:
    record = row["request"]
    return Request(
        requester=Requester(
            user_id=row["user_id"],
            guild_id=row["guild_id"],
            channel_id=record["channel_id"],
            locale=record["locale"],
            moderator=record["moderator"],
            name=record.get("name", ""),
            operator=record.get("operator", False),
        ),
        workflow=row["workflow"],
        values=record["values"],
        inputs={name: InputRef(**ref) for name, ref in record["inputs"].items()},
        count=record["count"],
        spoken=tuple(record.get("spoken", ())),
        left_out=tuple(record.get("left_out", ())),
        grows=_grows_of(record.get("grows")),
        private=row["private"],
        priority=record["priority"],
        origin=_origin_of(record.get("origin")),
        spoiler=record.get("spoiler", False),
    )


def _origin_of(record: Mapping[str, Any] | None) -> Origin | None:
    if record is None:
        return None
    return Origin(
        kind=OriginKind(record["kind"]),
        job=record["job"],
        ordinal=record["ordinal"],
        address=record["address"],
        words=record.get("words", ""),
    )


def _run_of(row: Mapping[str, Any]) -> Run:
    return Run(
        index=row["run_index"],
        attempt=row["attempt"],
        prompt_id=row["prompt_id"],
        client_id=row["client_id"],
        server=row["server"],
        seed=None if row["seed"] is None else int(row["seed"]),
        state=JobState(row["state"]),
        outputs=tuple(_output_of(row["run_index"], record) for record in row["outputs"]),
        submitted_at=row["submitted_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def _input_record(ref: InputRef) -> dict[str, Any]:
    return {"sha256": ref.sha256, "extension": ref.extension, "size": ref.size}


def _output_record(made: JobOutput) -> dict[str, Any]:
    output = made.output
    record: dict[str, Any] = {"index": made.index, "node": output.node, "kind": output.kind.value}
    if output.file is not None:
        record["file"] = [output.file.filename, output.file.subfolder, output.file.type]
    if output.text is not None:
        record["text"] = output.text
    if output.animated:
        record["animated"] = True
    if made.kept is not None:
        record["kept"] = _input_record(made.kept)
    return record


def _output_of(run: int, record: Mapping[str, Any]) -> JobOutput:
    file = record.get("file")
    kept = record.get("kept")
    output = Output(
        record["node"],
        OutputKind(record["kind"]),
        FileRef(*file) if file is not None else None,
        record.get("text"),
        record.get("animated", False),
    )
    return JobOutput(run, record["index"], output, InputRef(**kept) if kept is not None else None)


def _message_record(message: MessageRef | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {
        "channel_id": message.channel_id,
        "message_id": message.message_id,
        "token": message.token,
        "token_expires": message.token_expires,
        "ephemeral": message.ephemeral,
        "application_id": message.application_id,
        "size_limit": message.size_limit,
    }


def _delivery_record(job: Job) -> dict[str, Any] | None:
    record: dict[str, Any] = {}
    if job.parts:
        record["parts"] = {str(number): _message_record(ref) for number, ref in job.parts.items()}
    if job.card_deleted:
        record["card_deleted"] = True
    if job.astray:
        record["astray"] = sorted(job.astray)
    if job.unreached:
        record["unreached"] = True
    return record or None


def _parts_of(record: Mapping[str, Any]) -> dict[int, MessageRef]:
    return {int(number): MessageRef(**ref) for number, ref in record.get("parts", {}).items()}


def _failure_record(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "reason": failure.reason.value,
        "message": failure.message,
        "arguments": {name: _argument_record(value) for name, value in failure.arguments.items()},
        "node": failure.node,
        "reference": failure.reference,
    }


def _failure_of(record: Mapping[str, Any] | None) -> Failure | None:
    if record is None:
        return None
    return Failure(
        reason=Reason(record["reason"]),
        message=record["message"],
        arguments={name: _argument_of(value) for name, value in record["arguments"].items()},
        node=record["node"],
        reference=record["reference"],
    )


def _argument_record(value: Argument) -> Argument | dict[str, str]:
    return {"option": str(value)} if isinstance(value, OptionName) else value


def _argument_of(record: Any) -> Argument:
    return OptionName(cast("dict[str, str]", record)["option"]) if isinstance(record, dict) else record
