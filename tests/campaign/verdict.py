"""What must hold of every accepted job, looked at from three sides: database, messages seen, server's log."""

import hashlib
import re
from collections import Counter, defaultdict
from typing import Any

from bot.jobs.model.job import Job, JobState
from bot.ui.actions.picker import SHEET
from bot.ui.messages.media import file_name
from tests.campaign.figures import Figures
from tests.campaign.people import Crowd, Strangers
from tests.campaign.witness import Sight, Witness
from tests.campaign.world import World

ENDINGS = ("succeeded", "failed", "cancelled", "lost")
SAYS = {
    JobState.SUCCEEDED: "✅", JobState.FAILED: "❌", JobState.CANCELLED: "🚫", JobState.LOST: "❓",
}  # fmt: skip
STOPPED = re.compile(r"/api/jobs/([0-9a-f-]{36})/cancel")


class Judge:
    """Holds what was accepted against what came of it."""

    def __init__(
        self,
        world: World,
        witness: Witness,
        crowd: Crowd,
        strangers: Strangers,
        *,
        database_only: bool = False,
    ) -> None:
        self.database_only = database_only
        self.world, self.witness, self.crowd, self.strangers = world, witness, crowd, strangers
        self.figures = Figures()
        self.by_job: defaultdict[str, list[Sight]] = defaultdict(list)
        self.by_stem: defaultdict[str, list[tuple[Sight, str]]] = defaultdict(list)
        self.claimed: set[tuple[int, str]] = set()

    def judge(self, jobs: dict[str, Job], log: dict[str, list[str]]) -> Figures:
        """Return the figures for these jobs and this log of the database."""
        self.witness.settle()
        for sight in self.witness.seen.values():
            for job_id in sight.jobs:
                self.by_job[job_id].append(sight)
            for name in sight.files:
                self.by_stem[name.rsplit(".", 1)[0]].append((sight, name))
        for job_id, states in log.items():
            self._from_the_database(job_id, states, jobs.get(job_id))
        self.figures.endings.update(str(job.state) for job in jobs.values())
        if not self.database_only:
            for job in jobs.values():
                self._from_the_messages(job)
            self._from_the_server(jobs)
            self._strays(jobs)
        self.figures.jobs = len(log)
        self.figures.lives = self.world.lives
        self.figures.strangers = len(self.strangers.prompts)
        return self.figures

    def _from_the_database(self, job_id: str, states: list[str], job: Job | None) -> None:
        if job is None:
            if job_id not in self.crowd.deleted:
                self.figures.lost.append(f"job {job_id} is no longer in the database")
            return
        endings = [state for state in states if state in ENDINGS]
        if not job.state.is_final or (job.delivered_at is None and job.deletion is None):
            self.figures.stuck.append(f"{_name(job)} is {job.state}, delivered: {job.delivered_at}")
        elif len(endings) != 1 or states[-1] != job.state:
            self.figures.doubled.append(f"{_name(job)} ended more than once: {states}")

    def _from_the_messages(self, job: Job) -> None:
        if not job.state.is_final or job.deletion is not None:
            return
        self._told(job)
        self._not_put_back(job)
        for ordinal, made in enumerate(job.outputs, start=1):
            if made.output.file is None:
                continue
            stem = file_name(job, made, ordinal, "x").rsplit(".", 1)[0]
            # Workflows without a seed give all their files the same names.
            places = [
                (sight, name) for sight, name in self.by_stem[stem] if job.id in (sight.jobs or {job.id})
            ]
            self.claimed.update((sight.message_id, name) for sight, name in places)
            self._delivered_once(job, stem, made.output.file.filename, places)
            for sight, name in places:
                self._to_the_right_person(job, sight, name)
                if name.endswith(made.output.file.extension):
                    self._unharmed(job, sight, name, made.output.file.filename, made.output.file.subfolder)

    def _told(self, job: Job) -> None:
        cards = self.by_job[job.id]
        mark = SAYS[job.state]
        if any(mark in sight.text for sight in cards):
            stale = [sight for sight in cards if not sight.deleted and _promises(sight, job)]
            if stale and not self._out_of_reach(stale):
                self.figures.untold.append(f"{_name(job)}: a card still says that it goes on")
        elif self._may_wait(job):
            self.figures.waiting_in_history += 1
        elif not (_knows(job) and self._out_of_reach(cards)):
            texts = [(sight.deleted, sight.channel_id, sight.text[-60:]) for sight in cards]
            self.figures.untold.append(f"{_name(job)} {job.message}: {texts}")

    def _not_put_back(self, job: Job) -> None:
        """Look for the job in its channel after somebody deleted its card there while it went on."""
        since = self.world.deleted_cards.get(job.id)
        home = job.request.requester.channel_id
        again = [
            sight
            for sight in self.by_job[job.id]
            if since is not None
            and sight.channel_id == home
            and sight.message_id > since
            # A choice of its pictures is shown to whoever asks for it.
            and not sight.ephemeral
        ]
        if again:
            texts = [sight.text[:120] for sight in again]
            self.figures.put_back.append(f"{_name(job)} in {home}: {texts}")

    def _out_of_reach(self, cards: list[Sight]) -> bool:
        """Whether the bot could not change these any more: deleted, or token dead."""
        return all(sight.deleted or sight.ephemeral for sight in cards)

    def _may_wait(self, job: Job) -> bool:
        """Whether every way to the person was closed: only then may a result wait in the history."""
        if _knows(job):  # is not written to elsewhere
            return job.request.requester.channel_id in self.world.touched
        return any(job.id.startswith(nonce.partition("-")[2]) for nonce in self.world.faults.refused_direct)

    def _delivered_once(self, job: Job, stem: str, filename: str, places: list[tuple[Sight, str]]) -> None:
        alive = [sight for sight, _ in places if not sight.deleted]
        if len(alive) > 1:
            where = [(sight.message_id, sight.channel_id, sight.text[:200]) for sight in alive]
            self.figures.doubled.append(f"{_name(job)}: {stem} stands in {where}")
        elif not (places or self._may_wait(job) or self._gone(job, filename) or self._told_where(job)):
            ways = [(sight.deleted, sight.text[-80:]) for sight in self.by_job[job.id]]
            self.figures.lost.append(f"{_name(job)}: {stem} was delivered to nobody: {ways}")

    def _told_where(self, job: Job) -> bool:
        """Whether the person was told to look in the history: nobody could say whether a private card has the files."""
        return job.request.private and any(
            "the message that only you see" in sight.text and not sight.deleted
            for sight in self.by_job[job.id]
        )

    def _gone(self, job: Job, filename: str) -> bool:
        """Whether the file was deleted on the server, or nobody expects it: cancelled half-way, and the card is gone."""
        cards = self.by_job[job.id]
        if job.state is not JobState.SUCCEEDED and all(sight.deleted for sight in cards):
            return True
        return filename in self.world.removed

    def _to_the_right_person(self, job: Job, sight: Sight, name: str) -> None:
        requester = job.request.requester
        direct = self.world.backend.dm_channels.get(requester.user_id)
        if sight.channel_id == direct:
            return
        right_place = sight.channel_id == requester.channel_id
        right_person = "(part " in sight.text or requester.user_id in {sight.owner, *sight.mentioned}
        shut = sight.ephemeral if job.request.private else True
        if not (right_place and right_person and shut):
            self.figures.wrong_person.append(f"{_name(job)}: {name} in {sight.channel_id} for {sight.owner}")

    def _unharmed(self, job: Job, sight: Sight, name: str, filename: str, subfolder: str) -> None:
        path = self.world.folder / "comfyui" / "output" / subfolder / filename
        if path.name in self.world.grown:
            return  # it had to be made smaller
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != sight.files[name]:
            self.figures.wrong_person.append(f"{_name(job)}: {name} is not what the server made")

    def _strays(self, jobs: dict[str, Job]) -> None:
        """Look for pictures that belong to no job."""
        for stem, places in self.by_stem.items():
            for sight, name in places:
                if name == SHEET:
                    self._choice(sight, jobs)
                    continue
                gone = sight.jobs and not sight.jobs & jobs.keys()
                claimed = gone or (sight.message_id, name) in self.claimed
                if not claimed and name != "preview.jpg" and not self.crowd.deleted:
                    self.figures.wrong_person.append(f"{stem} in {sight.channel_id} belongs to no job")

    def _choice(self, sight: Sight, jobs: dict[str, Job]) -> None:
        """Judge small pictures to choose from: only whoever asked may see them, and not those of a private job."""
        asked = [jobs[job_id] for job_id in sight.jobs if job_id in jobs]
        private = [job for job in asked if job.request.private]
        if not (sight.jobs and sight.ephemeral) or any(
            sight.owner not in {job.request.requester.user_id, None} for job in private
        ):
            self.figures.wrong_person.append(f"a choice of pictures in {sight.channel_id} for {sight.owner}")

    def _from_the_server(self, jobs: dict[str, Job]) -> None:
        server = self.world.comfyui
        owner = {run.prompt_id: (job, run) for job in jobs.values() for run in job.runs}
        ours = {prompt for prompt in server.submitted if prompt not in self.strangers.prompts}
        for prompt, times in Counter(server.submitted).items():
            if times > 1:
                self.figures.doubled.append(f"prompt {prompt} was submitted {times} times")
        for prompt, times in Counter(server.executed).items():
            if times > 1 and prompt in ours:
                self.figures.doubled.append(f"prompt {prompt} was worked on {times} times")
        worked: Counter[tuple[str, int]] = Counter()
        for prompt in set(server.executed):
            if prompt in owner:
                worked[owner[prompt][0].id, owner[prompt][1].index] += 1
        self.figures.worked_twice = sum(times > 1 for times in worked.values())
        for prompt in self._stopped():
            if prompt is None or prompt in self.strangers.prompts:
                self.figures.wrong_cancel.append(f"a stranger's prompt {prompt} was stopped")
            elif prompt in owner and not _to_be_stopped(*owner[prompt]):
                job, run = owner[prompt]
                self.figures.wrong_cancel.append(f"{_name(job)}: {prompt} ({run.state}) was stopped")

    def _stopped(self) -> list[str | None]:
        """Return every prompt the server was asked to stop; None for whatever runs."""
        found: list[str | None] = []
        for method, path, body in self.world.comfyui.requests:
            if method != "POST":
                continue
            if match := STOPPED.fullmatch(path):
                found.append(match[1])
            elif path == "/interrupt":
                found.append((body or {}).get("prompt_id"))
            elif path == "/queue":
                found += [None] if (body or {}).get("clear") else (body or {}).get("delete", [])
        return found


def _promises(sight: Sight, job: Job) -> bool:
    return f"job:cancel:{job.id}" in sight.controls


def _to_be_stopped(job: Job, run: Any) -> bool:
    """Whether there was a reason to stop this run: somebody's wish, our patience, or another attempt in its place."""
    watchdog = job.failure is not None and job.failure.reason in {
        "stalled",
        "timeout",
        "lost",
        "server",
        "internal",
    }
    return job.cancel_requested_by is not None or watchdog or run.state is JobState.LOST


def _knows(job: Job) -> bool:
    """Whether the person ended the job, and so needs no new message to learn that."""
    return job.state is JobState.CANCELLED and job.cancel_requested_by == job.request.requester.user_id


def _name(job: Job) -> str:
    return f"#{job.number} ({job.state}{', private' if job.request.private else ''})"
