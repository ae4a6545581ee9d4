"""What a job's workflow is called in the language of whoever looks."""

from dataclasses import replace

from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.workflows.library.library import Library


def titled(job: Job, library: Library, lang: Language) -> Job:
    """Return the job with its workflow's title in this language; as it was called then, if it is gone."""
    workflow = library.find(job.request.workflow)
    title = workflow.title.in_(lang.code) if workflow is not None else ""
    return replace(job, workflow_title=title) if title else job
