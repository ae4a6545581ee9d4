"""The line under the bot's name counts what is in the queue, in the servers' common language."""

from bot.i18n import LANGUAGES
from bot.jobs.model.job import JobState
from bot.presence import presence, shared_language
from tests.jobs.samples import a_job

STATES = (JobState.RUNNING, JobState.QUEUED, JobState.SUBMITTED)


def test_the_queue_is_counted_in_words() -> None:
    jobs = [a_job(state=state) for state in STATES]
    assert presence([], LANGUAGES["en"]) == "Ready: /imagine"
    assert presence(jobs, LANGUAGES["en"]) == "1 running, 2 waiting"
    assert presence(jobs, LANGUAGES["zh-CN"]) == "1 个进行中，2 个等待"


def test_servers_that_differ_are_shown_english() -> None:
    assert shared_language([]).code == "en"
    assert shared_language(["zh-TW", "zh-TW"]).code == "zh-TW"
    assert shared_language(["zh-CN", "zh-TW"]).code == "en"
    assert shared_language(["de", "en-US"]).code == "en"
