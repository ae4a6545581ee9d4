"""Lists and look-ups as drawn: what they say, and that Discord can always show them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.comfy import Device, QueueItem, QueueSnapshot, SystemStats
from bot.comfy.listener import LinkState
from bot.i18n import LANGUAGES, language_for
from bot.jobs.job import JobState, MessageRef
from bot.jobs.progress import Snapshot
from bot.jobs.request import JobId
from bot.ui.listing.history import HistoryPage, Where, history_view, title_of, with_way_back
from bot.ui.listing.models import Found, files_view, folders_view, matching
from bot.ui.listing.nodes import classes_view, node_view
from bot.ui.listing.queue import Whose, board_of, queue_view
from bot.ui.listing.sheet import Sheet, button, clamp, pager
from bot.ui.listing.status import ServerStatus, Status, status_view
from bot.ui.listing.workflow import WorkflowPage, workflow_view
from bot.ui.listing.workflows import SIZE, Listed, WorkflowsPage, workflows_view
from bot.workflows.bind import BindLimits
from bot.workflows.needs import Need
from bot.workflows.parameter import Choice, Parameter, ParameterType
from bot.workflows.problem import caution, fault
from bot.workflows.schema import InputSchema, NodeSchema
from bot.workflows.values import LocalText, english
from bot.workflows.workflow import Workflow
from tests.ui.jobs import file_output, make_job, with_runs

ENGLISH = language_for("en-US")
LONG = "長*い@here " * 60
GUILD = 8


def parts(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    def walk(components: Any) -> Iterator[dict[str, Any]]:
        for component in components:
            yield component
            yield from walk(component.get("components", []))
            if "accessory" in component:
                yield from walk([component["accessory"]])

    return list(walk(view.to_components()))


def text(view: discord.ui.LayoutView) -> str:
    return "\n".join(str(part["content"]) for part in parts(view) if "content" in part)


def ids(view: discord.ui.LayoutView) -> list[str]:
    return [str(part["custom_id"]) for part in parts(view) if "custom_id" in part]


def fits(view: discord.ui.LayoutView) -> bool:
    found = parts(view)
    texts = [str(part["content"]) for part in found if "content" in part]
    return (
        len(found) <= 40
        and all(texts)
        and sum(map(len, texts)) <= 4000
        and sum(len(each.encode()) + 12 for each in texts) <= 10_170
        and len(ids(view)) == len(set(ids(view)))
        and all(len(each) <= 100 for each in ids(view))
    )


def test_a_sheet_refuses_what_no_longer_fits() -> None:
    sheet = Sheet("Title")
    assert sheet.text("x" * 3000)
    assert not sheet.text("y" * 600)
    assert not sheet.picture("y" * 600, "a.webp", "")
    assert sheet.lines(["z" * 100] * 20) == 4
    sheet.note("end " * 200)
    assert fits(sheet.view())
    many = Sheet("Title")
    assert sum(many.text("line") for _ in range(60)) == 31
    many.rule()
    many.note("end")
    many.row(button("Go", "go:on"), None)
    assert fits(many.view())


def test_a_button_that_cannot_remember_its_list_is_left_out() -> None:
    assert pager(ENGLISH, "models", 1, 3, "x" * 100) == (None, None)
    assert pager(ENGLISH, "models", 0, 1) == (None, None)
    assert clamp(99, 41, 20) == 2
    assert clamp(-3, 0, 20) == 0


def queued(number: int, **changes: Any) -> Any:
    return make_job(id=JobId(f"{number:032x}"), number=number, **changes)


def item(prompt_id: str) -> QueueItem:
    return QueueItem(1, prompt_id, None, {}, {})


def test_the_queue_tells_ours_from_others() -> None:
    ours = with_runs(queued(1, state=JobState.RUNNING), 1)
    private = queued(2)
    private = replace(private, request=replace(private.request, private=True))
    elsewhere = queued(3)
    requester = replace(elsewhere.request.requester, guild_id=99)
    elsewhere = replace(elsewhere, request=replace(elsewhere.request, requester=requester))
    ended = with_runs(queued(4, state=JobState.CANCELLED), 1)
    queue = QueueSnapshot((item("p0"),), (item("stranger"), item("ended")))
    board = board_of(
        [queue, None], [ours, private, elsewhere], ended={"ended": ended}, viewer=1, guild_id=GUILD
    )
    assert [line.whose for line in board.running] == [Whose.OURS]
    assert [line.whose for line in board.waiting] == [
        Whose.EXTERNAL,
        Whose.OURS,
        Whose.PRIVATE,
        Whose.ELSEWHERE,
    ]
    assert board.unreachable == 1
    snapshots = {
        ours.id: Snapshot(job=ours, fraction=0.42),
        ended.id: Snapshot(job=ended, wait=75.0),
    }
    said = text(queue_view(board, snapshots, 0, ENGLISH))
    assert "▶️ #1 · Text to image · <@7> · 42%" in said
    assert "in about 1 min 15 s" in said
    assert "One image server is not answering" in said


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_longest_queue_fits(code: str) -> None:
    jobs = [queued(number, workflow_title=LONG) for number in range(1, 60)]
    board = board_of([QueueSnapshot((), ()), None, None], jobs, viewer=7, guild_id=GUILD, paused=True)
    snapshots = {job.id: Snapshot(job=job, wait=100.0) for job in jobs}
    for page in (0, 2, 77):
        view = queue_view(board, snapshots, page, LANGUAGES[code])
        assert fits(view)
        assert len([line for line in text(view).splitlines() if "<@7>" in line]) >= 11


def history(count: int, **changes: Any) -> HistoryPage:
    jobs = tuple(queued(number, **changes) for number in range(1, count + 1))
    names = {job.id: f"{job.id}.webp" for job in jobs}
    return HistoryPage(where=Where(user_id=7, page=1), viewer=8, total=99, jobs=jobs, thumbnails=names)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_longest_history_fits(code: str) -> None:
    page = history(5, state=JobState.FAILED, workflow_title=LONG, values={"prompt": LONG * 10})
    view = history_view(page, LANGUAGES[code])
    assert fits(view)
    assert sum("media" in part for part in parts(view)) == 5
    assert r"\@here" in text(view)
    assert all(len(option["label"]) <= 100 for part in parts(view) for option in part.get("options", []))


def test_history_hides_what_is_not_for_this_channel() -> None:
    page = history(2)
    hidden = replace(page, hidden=frozenset(job.id for job in page.jobs), thumbnails={})
    view = history_view(hidden, ENGLISH)
    assert "a red fox" not in str(view.to_components())
    assert "a red fox" in title_of(page.jobs[0], ENGLISH)


def test_a_job_with_several_files_says_how_many() -> None:
    job = with_runs(make_job(JobState.SUCCEEDED), 1)
    job = replace(job, runs=(replace(job.runs[0], outputs=(file_output("a.png"), file_output("b.png", 1))),))
    page = HistoryPage(where=Where(user_id=7), viewer=7, total=1, jobs=(job,))
    assert "2 files" in text(history_view(page, ENGLISH))


def test_only_a_message_that_others_can_open_is_linked() -> None:
    def links(message: MessageRef | None) -> list[str]:
        view = with_way_back(discord.ui.LayoutView(), make_job(message=message), Where(user_id=7), ENGLISH)
        return [str(part["url"]) for part in parts(view) if "url" in part]

    assert links(MessageRef(9, 10)) == [f"https://discord.com/channels/{GUILD}/9/10"]
    assert links(MessageRef(9, 10, ephemeral=True)) == links(MessageRef(9)) == links(None) == []


def test_models_are_searched_word_by_word_and_always_fit() -> None:
    found = [Found("loras", f"style/{number} {LONG}") for number in range(60)]
    assert len(matching(found, "STYLE 49")) == 1
    for page in range(3):
        view = files_view(found, "", "style", page, ENGLISH)
        assert fits(view)
        assert len([line for line in text(view).splitlines() if line.startswith("- ")]) >= 18
    assert "The image server has no model folders." in text(folders_view((), 0, ENGLISH))
    many = folders_view([f"folder {number}" for number in range(60)] + [LONG], 2, ENGLISH)
    assert fits(many)
    assert "models:page:1" in ids(many)


def test_a_node_shows_bounds_choices_and_what_it_costs() -> None:
    inputs = [
        InputSchema(name="low", type="INT", required=True, minimum=1),
        InputSchema(name="high", type="FLOAT", maximum=0.5, step=0.01),
        InputSchema(name="none", type="COMBO", choices=()),
        InputSchema(name="few", type="COMBO", choices=("a", "b"), default="a"),
        InputSchema(name="many", type="COMBO", choices=tuple("abcdefgh")),
    ]
    node = NodeSchema("Paid", "Paid *node*", {each.name: each for each in inputs}, (), True, "api", True)
    view = node_view(node, 0, ENGLISH)
    said = text(view)
    assert r"Paid \*node\*" in said
    assert "- **low** · INT · at least 1" in said
    assert "- **high** · FLOAT · optional · at most 0.5 · in steps of 0.01" in said
    assert "the server has nothing to choose from" in said
    assert "default a · one of: a, b" in said
    assert "one of 8: a, b, c, d, e, f …" in said
    assert "costs money" in said
    assert "It gives nothing on to other nodes." in said
    assert "It takes nothing." in text(node_view(replace(node, inputs={}), 0, ENGLISH))


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_largest_node_fits(code: str) -> None:
    wide = InputSchema(name=LONG, type=LONG, choices=(LONG,) * 50, default=LONG, minimum=-1, maximum=2)
    node = NodeSchema("C" * 90, LONG, {str(number): wide for number in range(70)}, ((LONG, LONG),) * 40)
    assert fits(node_view(node, 3, LANGUAGES[code]))
    assert fits(classes_view([f"{number}{LONG}" for number in range(90)], 4, LANGUAGES[code]))


def server(**changes: Any) -> ServerStatus:
    return replace(ServerStatus(label=None, link=LinkState.UP, since=3.0), **changes)


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        (LinkState.UP, "🟢 Live connection for 3 s"),
        (LinkState.DOWN, "🟠 Live connection lost 3 s ago"),
        (LinkState.REFUSED, "🔴 Live connection refused"),
        (LinkState.STARTING, "🟠 Live connection is being made"),
    ],
)
def test_the_link_of_each_server_is_told(link: LinkState, sentence: str) -> None:
    said = text(status_view(Status(servers=(server(link=link),), active=2, paused=True), ENGLISH))
    assert sentence in said
    assert "It is not answering." in said
    assert "2 jobs of this bot are on their way." in said
    assert "paused" in said


def test_many_servers_with_many_devices_fit() -> None:
    device = Device("cuda:0 NVIDIA RTX 4090 : cudaMallocAsync", "cuda", 24 * 1024**3, 6 * 1024**3)
    stats = SystemStats("0.38.0", "3.12.1 (main)", "2.6.0", "posix", 0, 0, (device,) * 12)
    servers = (server(stats=stats, label=LONG),) * 12
    view = status_view(Status(servers=servers, active=0), ENGLISH)
    assert fits(view)
    assert "cuda:0 NVIDIA RTX 4090: 6 GB of 24 GB free" in text(view).replace("\\", "")
    assert "cudaMallocAsync" not in text(view)


def one(workflow: Workflow) -> WorkflowPage:
    return WorkflowPage(workflow=workflow, limits=BindLimits(), problems=True)


def several(workflows: list[Workflow], page: int) -> WorkflowsPage:
    needs = (Need(LONG, 0, 2),) * 9
    here = [Listed(each, needs) for each in workflows]
    return WorkflowsPage(here=here, page=page, total=30 if here else 0, broken=3)


def test_a_workflow_in_each_language() -> None:
    style = Parameter(
        name="style",
        type=ParameterType.CHOICE,
        choices=tuple(Choice(str(n), LocalText({"en": f"look {n}", "zh-CN": f"风格{n}"})) for n in range(8)),
        default=0.5,
        required=True,
    )
    width = Parameter(name="width", type=ParameterType.INTEGER, minimum=16, maximum=4096)
    few = replace(
        style, name="few", choices=style.choices[:2], required=False, description=english("How it looks")
    )
    steps = Parameter(name="steps", type=ParameterType.INTEGER, minimum=1, maximum=150)
    workflow = Workflow(
        name="portrait",
        title=LocalText({"en": "Portrait", "zh-CN": "人像"}),
        description=english("A *studio*"),
        parameters={each.name: each for each in (style, width, steps, few)},
        nsfw=True,
        problems=(fault("It needs {file}.", file="a.safetensors"), caution("Slow.")),
    )
    said = text(workflow_view(one(workflow), ENGLISH))
    assert "- **width** · whole number · at most 2,200,000 pixels in all" in said
    assert "- **steps** · whole number · 1 to 60" in said
    assert "one of 8: look 0, look 1" in said
    assert "one of: look 0, look 1 · default 0.5 · How it looks" in said
    assert "🔴 Error: It needs a.safetensors." in said
    assert "age-restricted" in said
    chinese = text(workflow_view(replace(one(workflow), problems=False), LANGUAGES["zh-CN"]))
    assert "人像" in chinese
    assert "风格0" in chinese
    assert "- **width** · 宽度 · 整数" in chinese
    assert "a.safetensors" not in chinese
    listed = text(workflows_view(several([workflow], 0), ENGLISH))
    assert "It needs a.safetensors." in listed
    assert r"A \*studio\*" in listed
    assert "🔞 age-restricted" in listed
    assert "cannot be used at present" in listed
    assert "There are no workflows yet." in text(workflows_view(several([], 0), ENGLISH))


def test_long_workflows_fit() -> None:
    wordy = Parameter(name=LONG, type=ParameterType.TEXT, default=LONG, description=english(LONG))
    workflow = Workflow(
        name="w" * 120,
        title=english(LONG),
        description=english(LONG),
        parameters={str(number): wordy for number in range(80)},
        problems=(fault(LONG),) * 40,
    )
    whole = replace(one(workflow), operator=True, needs=(Need(LONG, 0, 2),) * 30)
    assert fits(workflow_view(whole.with_picture("graph.png", "x", wanting=True), ENGLISH))
    listed = workflows_view(several([replace(workflow, name=f"{n}{LONG}") for n in range(SIZE)], 2), ENGLISH)
    assert fits(listed)
    assert all(f"**{number}長" in text(listed) for number in range(SIZE))


def test_what_is_needed_is_said_in_words() -> None:
    needs = (
        Need("big.safetensors", 0, 1),
        Need("CoolNode", 1, 2, is_class=True),
        Need("model", 0, 1, any_file=True),
        Need("a.safetensors", 2, 2),
        Need("b.safetensors", 0, 0),
    )
    said = text(workflow_view(replace(one(Workflow(name="w")), needs=needs), ENGLISH))
    assert "❌ big.safetensors (missing)" in said
    assert "🟠 node class CoolNode (on 1 of 2 servers)" in said
    assert "❌ a file for model (missing)" in said
    assert "✅ a.safetensors, b.safetensors" in said


def test_rules_of_a_workflow_are_told() -> None:
    workflow = Workflow(name="w", roles=(7, "@everyone"), cost=2.5, timeout=90, command="portrait")
    said = text(workflow_view(one(workflow), ENGLISH))
    assert r"Only for: <@&7>, \@everyone" in said
    assert "Counts as 2.5 jobs." in said
    assert "`/portrait`" in said
    assert "90 s" in said or "1 min" in said
