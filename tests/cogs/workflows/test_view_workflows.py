"""Workflows as drawn: what they take and need, in each language."""

from dataclasses import replace

from bot.i18n import LANGUAGES
from bot.workflows.binding.bind import BindLimits
from bot.workflows.library.needs import Need
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.problem import caution, fault
from bot.workflows.model.values import LocalText, english
from bot.workflows.model.workflow import Workflow
from cogs.workflows.view_added import saved_view
from cogs.workflows.view_workflow import WorkflowPage, workflow_view
from cogs.workflows.view_workflows import SIZE, Listed, WorkflowsPage, workflows_view
from tests.cogs.drawn import ENGLISH, LONG, fits, text


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


def test_a_name_cannot_leave_its_code_span() -> None:
    workflow = Workflow(name="a` @everyone `\u202eb", outputs=())
    drawn = text(saved_view(workflow, (), BindLimits(), ENGLISH))
    assert "Use it with `/generate workflow:a' @everyone 'b`." in drawn


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
    workflow = Workflow(name="w", roles=(7, "10:@everyone"), cost=2.5, timeout=90, command="portrait")
    said = text(workflow_view(one(workflow), ENGLISH))
    assert r"Only for: <@&7>, \@everyone" in said
    assert "Each result counts as 2.5 pictures." in said
    assert "`/portrait`" in said
    assert "90 s" in said or "1 min" in said
