"""What can go wrong between us and a ComfyUI server; nothing else ever leaves this package.

ComfyError
├── Unreachable     no answer (or half of one): the request may or may not have arrived
├── ProtocolError   an answer that is not what ComfyUI says
├── TooLarge        a file over the cap given
└── Rejected        the server refused
    ├── NotFound        404
    └── NotSupported    this server has no such endpoint
"""

from bot.comfy.problems import Problem


class ComfyError(Exception):
    """A ComfyUI server did not do what was asked; the text holds no credentials, paths or tracebacks."""


class Unreachable(ComfyError):  # noqa: N818 - named after what is the case
    """The server gave no whole answer. Whether the request arrived is unknown."""


class ProtocolError(ComfyError):
    """The server answered with something that is not ComfyUI's protocol."""


class TooLarge(ComfyError):  # noqa: N818 - named after what is the case
    """A file holds more bytes than the caller allows."""

    def __init__(self, limit: int, size: int | None = None) -> None:
        super().__init__(f"the file is larger than {limit} bytes")
        self.limit = limit
        self.size = size
        """Its size in bytes, where the server told it."""


class Rejected(ComfyError):  # noqa: N818 - named after what is the case
    """The server refused the request; `problems` says what is wrong with a submitted graph."""

    def __init__(self, status: int, text: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(f"HTTP {status}: {text}" if text else f"HTTP {status}")
        self.status = status
        self.text = text
        self.problems = problems


class NotFound(Rejected):
    """The server has no such file, folder or job."""

    def __init__(self, text: str = "") -> None:
        super().__init__(404, text)


class NotSupported(Rejected):
    """The server is of a version that has no such endpoint."""

    def __init__(self, text: str = "", status: int = 405) -> None:
        super().__init__(status, text)
