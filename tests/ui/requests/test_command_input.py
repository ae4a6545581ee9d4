"""What is said beside a wish."""

from bot.i18n import LANGUAGES
from bot.jobs.model.request import Request
from bot.ui.requests.command_input import JobInput, unsuitable_defaults
from bot.workflows.model.workflow import Workflow
from tests.ui.jobs import make_job


def test_a_workflows_name_formats_nothing() -> None:
    request: Request = make_job().request
    wish = JobInput(request=request, unsuitable=("model",))
    said = unsuitable_defaults(wish, Workflow(name="*wan2.1*_<@17>"), LANGUAGES["en"])
    assert r"“\*wan2.1\*\_\<\@17\>”" in said
    assert unsuitable_defaults(JobInput(request=request), Workflow(name="x"), LANGUAGES["en"]) == ""
