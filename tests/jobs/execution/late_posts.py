"""A POST that is given up before it arrives."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import pytest

from bot.comfy import ComfyClient, Submission, Unreachable


class LatePost:
    """Holds a client's first POST back, and says at once that no answer came; it arrives when a test lets it."""

    def __init__(self, client: ComfyClient, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prompt_id = ""
        self._submit = client.submit
        self._held: Callable[[], Awaitable[Submission]] | None = None
        monkeypatch.setattr(client, "submit", self._post)

    async def _post(self, graph: Mapping[str, Any], *, prompt_id: str, **options: Any) -> Submission:
        if self.prompt_id:
            return await self._submit(graph, prompt_id=prompt_id, **options)
        self.prompt_id = prompt_id
        self._held = partial(self._submit, graph, prompt_id=prompt_id, **options)
        raise Unreachable("no answer in time")

    async def arrive(self) -> None:
        """Let the server have it, once; does nothing before it was sent."""
        held, self._held = self._held, None
        if held is not None:
            await held()
