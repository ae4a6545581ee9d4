"""Each journey enters no more files and functions than are written down here; `python -m tests.journeys` names them."""

import asyncio

import pytest

from tests.journeys.journeys import NAMES, files, measure
from tests.journeys.tracer import Function

BEFORE = {
    "prompt -> POST": (94, 368),
    "frame -> card": (37, 127),
    "file -> upload": (82, 304),
    "error -> sentence": (67, 236),
    "cancel -> interrupt": (42, 124),
}
"""Files and functions at e5e8e3b, before files were sorted into folders by topic."""

MOST = {
    "prompt -> POST": (94, 368),
    "frame -> card": (37, 127),
    "file -> upload": (82, 304),
    "error -> sentence": (67, 236),
    "cancel -> interrupt": (42, 124),
}
"""Files and functions now. A change that takes a journey through fewer lowers them; one that needs more says why."""

INDISPENSABLE = {
    "prompt -> POST": ("cogs/generate.py", "Generate.generate"),
    "frame -> card": ("bot/comfy/listener.py", "Listener._read"),
    "file -> upload": ("bot/comfy/files.py", "Files.fetch_to"),
    "error -> sentence": ("bot/comfy/history.py", "parse_execution_error"),
    "cancel -> interrupt": ("bot/comfy/queue.py", "Queue.cancel"),
}
"""A function that each journey cannot do without."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Function, ...]]:
    return asyncio.run(measure(tmp_path_factory.mktemp("journeys")))


@pytest.mark.parametrize("name", NAMES)
def test_a_journey_enters_no_more_than_is_written_down(
    name: str, measured: dict[str, tuple[Function, ...]]
) -> None:
    functions = measured[name]
    assert INDISPENSABLE[name] in functions
    most_files, most_functions = MOST[name]
    assert len(files(functions)) <= most_files, files(functions)
    assert len(functions) <= most_functions, functions


def test_a_journey_counts_the_tasks_that_serve_it_alone(measured: dict[str, tuple[Function, ...]]) -> None:
    assert not {"bot/ui/cards/card.py", "bot/presence.py"} & set(files(measured["prompt -> POST"]))
    assert "cogs/forms.py" not in files(measured["cancel -> interrupt"]), "it only looks at each interaction"
    for name in ("frame -> card", "file -> upload", "error -> sentence"):
        assert "bot/jobs/execution/health.py" not in files(measured[name])
