"""Which workflow a request goes to where nobody named one: by what was given, and by what the person may use."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.workflows.model.workflow import Workflow, WorkflowKind

MEANT = frozenset({"prompt", "image", "image2", "mask", "model", "lora"})
"""What decides about what comes out: without one of these the result would not be what was asked for."""
_CONTENT = frozenset({"prompt", "image", "image2", "mask"})


@dataclass(frozen=True, slots=True)
class Pick:
    """The workflow a request goes to, and the options given that are left out because it does not take them."""

    workflow: Workflow
    ignored: tuple[str, ...] = ()


def default_of(enabled: Sequence[Workflow], configured: Workflow | None) -> Workflow:
    """Return the configured default, or what serves in its place while it cannot be used; raises `UserError`.

    That is the first that makes the same kind of thing, then the first text-to-image one, then any.
    """
    if configured is not None and configured.enabled:
        return configured
    kinds = [WorkflowKind.TEXT_TO_IMAGE]
    if configured is not None and configured.outputs:
        kinds.insert(0, configured.kind)
    alike = [each for kind in kinds for each in enabled if each.kind is kind]
    for each in (*alike, *enabled):
        return each
    raise UserError("No workflow can be used at present; the operator sees why with /workflows list.")


def unnamed(
    given: Collection[str],
    enabled: Sequence[Workflow],
    usable: Collection[Workflow],
    configured: Workflow | None,
) -> Pick:
    """Choose for the options given among the enabled workflows, those first that this person may use here.

    The default if it takes everything; else `inpaint` for a picture with a mask and `img2img` for a picture, and only
    where these cannot be used, another that takes the picture and the prompt. In place of a default that is not for
    this person, one that makes the same kind of thing. One that takes all that is `MEANT` comes first; what else the
    chosen one does not take is left out.
    Where nothing that would do is for this person, what is not for them is returned: refusing it says why.
    """
    suitable = list(_suitable(given, enabled, default_of(enabled, configured)))
    if not suitable and "prompt" in given:
        raise UserError(
            "No workflow that can be used at present makes something of a picture and words. "
            "Leave one of them out, or choose a workflow yourself."
        ).about("workflow")
    if not suitable:
        raise UserError("No workflow that can be used at present takes a picture.").about("workflow")
    theirs = {each.name for each in usable}
    meant = MEANT & set(given)
    chosen = min(
        suitable, key=lambda each: (each.name not in theirs, not all(each.takes(name) for name in meant))
    )
    return Pick(chosen, left_out(chosen, given))


def left_out(workflow: Workflow, given: Collection[str]) -> tuple[str, ...]:
    """Return what a workflow does not take and the meaning stays clear without; the rest is refused when it is bound."""
    return tuple(name for name in given if not workflow.takes(name) and name not in MEANT)


def _suitable(given: Collection[str], enabled: Sequence[Workflow], default: Workflow) -> Iterator[Workflow]:
    """Yield what would do, the best first."""
    content = _CONTENT & set(given)
    with_picture = bool({"image", "mask"} & content)
    if all(default.takes(name) for name in MEANT & set(given)) or not with_picture:
        yield default
        wanted = {*content, "prompt"} if default.takes("prompt") else content
        yield from (each for each in enabled if each.kind is default.kind and _suits(each, wanted))
    if not with_picture:
        return
    usual = "inpaint" if {"image", "mask"} <= content else "img2img"
    yield from (each for each in enabled if each.name.casefold() == usual)
    # What a picture is to become is not left out without a word, and nothing is asked for that was not given.
    able = [each for each in enabled if _suits(each, content)]
    yield from sorted(
        able, key=lambda each: (-sum(each.takes(name) for name in given), not _makes_pictures(each))
    )


def _suits(workflow: Workflow, content: Collection[str]) -> bool:
    files = [each.name for each in workflow.parameters.values() if each.required and each.type.is_file]
    return all(workflow.takes(name) for name in content) and all(name in content for name in files)


def _makes_pictures(workflow: Workflow) -> bool:
    return workflow.kind in {WorkflowKind.IMAGE_TO_IMAGE, WorkflowKind.INPAINT}
