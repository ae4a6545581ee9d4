"""Binding values to a workflow, and what is said when they do not fit."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import BindLimits, ObjectInfo, Workflow, bind
from tests.workflows.made import LIMITS, server

GIVEN = {"prompt": "a cat"}


def bound(made: Workflow, info: ObjectInfo | None = None, limits: BindLimits = LIMITS, **values: Any):
    given = GIVEN | values if made.takes("prompt") else values
    return bind(made, given, info or server(), limits=limits)


def refusal(
    made: Workflow, info: ObjectInfo | None = None, limits: BindLimits = LIMITS, **values: Any
) -> str:
    with pytest.raises(UserError) as caught:
        bound(made, info, limits, **values)
    return str(caught.value)
