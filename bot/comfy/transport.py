"""HTTP and WebSocket to one ComfyUI server, and nothing else: the only place that meets aiohttp and its errors."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp

from bot.comfy import raw
from bot.comfy.address import ServerAddress
from bot.comfy.errors import NotFound, NotSupported, ProtocolError, Rejected, TooLarge, Unreachable
from bot.comfy.problems import parse_problems, summary

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes of JSON that are read at most; the node classes of a server with very many packs are some 20 MB."""

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes of one message on the live connection; beyond, the connection is given up."""

LARGEST_REFUSAL = 4 * 1024 * 1024
"""Bytes of an error's body that are read at most."""

LARGE_JSON = 256 * 1024
"""Bytes of JSON from which on it is decoded outside the event loop."""

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0

_GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524})
"""What a proxy answers when it does not reach the server: as good as no answer."""

Method = Literal["GET", "POST", "HEAD"]


async def decode_json(body: bytes) -> Any:
    """Decode an answer, outside the event loop when it is large; raise ProtocolError when it is no JSON."""
    try:
        return raw.decode(body) if len(body) < LARGE_JSON else await asyncio.to_thread(raw.decode, body)
    except ValueError:
        raise ProtocolError("the answer is not JSON") from None


class Socket:
    """An open live connection, seen as its frames."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Send a text frame; raise Unreachable when the connection is gone."""
        try:
            await self._connection.send_str(text)
        except (aiohttp.ClientError, OSError, RuntimeError):
            raise Unreachable("the live connection closed") from None

    async def frames(self) -> AsyncIterator[str | bytes]:
        """Give each frame as it comes, until the connection ends for whatever reason."""
        while True:
            message = await self._connection.receive()
            if message.type is aiohttp.WSMsgType.TEXT or message.type is aiohttp.WSMsgType.BINARY:
                yield message.data
            else:
                return


class Transport:
    """Sends requests to one server. Never repeats one, never follows a redirect (it would carry our login along)."""

    def __init__(
        self, session: aiohttp.ClientSession, address: ServerAddress, *, patience: float = 30.0
    ) -> None:
        self.address = address
        self.patience = patience
        self._session = session
        self._headers = address.request_headers

    async def json(
        self, method: Method, path: str, *, params: Mapping[str, str] | None = None, body: Any = None,
        form: aiohttp.FormData | None = None, graph: Mapping[str, Any] = raw.NOTHING, patience: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the decoded answer; raise Unreachable, Rejected or ProtocolError.

        `graph` is what a refusal is about, so that its problems can be given the nodes' titles.
        """
        limit = aiohttp.ClientTimeout(total=patience or self.patience, sock_connect=CONNECT_SECONDS)
        async with self._open(method, path, params, body, form, limit, graph) as response:
            content = await _content(response, LARGEST_ANSWER)
        return await decode_json(content)

    async def content(self, path: str) -> bytes:
        """Return the bytes of an answer that is JSON of considerable size."""
        limit = aiohttp.ClientTimeout(total=self.patience, sock_connect=CONNECT_SECONDS)
        async with self._open("GET", path, None, None, None, limit) as response:
            return await _content(response, LARGEST_ANSWER)

    async def send(
        self, method: Method, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> None:
        """Make a request whose answer says nothing but that it was taken."""
        limit = aiohttp.ClientTimeout(total=self.patience, sock_connect=CONNECT_SECONDS)
        async with self._open(method, path, params, body, None, limit):
            pass

    async def chunks(
        self, path: str, params: Mapping[str, str], max_bytes: int, *, never: Container[str] = ()
    ) -> AsyncGenerator[bytes]:
        """Give the answer piece by piece; raise TooLarge as soon as it is known to exceed the cap.

        An answer of a content type in `never` is something else than what was asked for: ProtocolError.
        """
        limit = aiohttp.ClientTimeout(
            total=self.patience * 40, sock_connect=CONNECT_SECONDS, sock_read=self.patience
        )
        async with self._open("GET", path, params, None, None, limit) as response:
            if response.content_type in never:
                response.close()
                raise ProtocolError(f"{path} answered with {response.content_type}")
            size = response.content_length
            if size is not None and size > max_bytes:
                response.close()
                raise TooLarge(max_bytes, size)
            received = 0
            async for chunk in response.content.iter_chunked(CHUNK):
                received += len(chunk)
                if received > max_bytes:
                    response.close()
                    raise TooLarge(max_bytes)
                yield chunk

    @asynccontextmanager
    async def connect(self, client_id: str, *, api: bool, heartbeat: float) -> AsyncGenerator[Socket]:
        """Open the live connection; raise Unreachable or Rejected when the server does not let us in."""
        url = self.address.ws(client_id, api=api)
        closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS)  # pyright: ignore[reportCallIssue] - made by attrs
        async with self._translated():
            async with asyncio.timeout(self.patience):
                connection = await self._session.ws_connect(
                    url,
                    headers=self._headers,
                    heartbeat=heartbeat,
                    max_msg_size=LARGEST_MESSAGE,
                    timeout=closing,
                )
        try:
            yield Socket(connection)
        finally:
            await connection.close()

    @asynccontextmanager
    async def _open(
        self, method: Method, path: str, params: Mapping[str, str] | None, body: Any, form: aiohttp.FormData | None,
        limit: aiohttp.ClientTimeout, graph: Mapping[str, Any] = raw.NOTHING,
    ) -> AsyncGenerator[aiohttp.ClientResponse]:  # fmt: skip
        url = self.address.http(path)
        if params:
            url = url.with_query({name: raw.text(value) or "" for name, value in params.items()})
        content: dict[str, Any] = (
            {"data": form} if form is not None else {} if body is None else {"json": body}
        )
        async with (
            self._translated(),
            self._session.request(
                method, url, headers=self._headers, timeout=limit, allow_redirects=False, **content
            ) as response,
        ):
            if response.status >= 300:
                await _refused(response, graph)
            yield response

    @asynccontextmanager
    async def _translated(self) -> AsyncGenerator[None]:
        """Turn what aiohttp raises into our errors, without its texts: they may name more than people should see."""
        if self._session.closed:
            raise Unreachable("the connection to the server is shut down")
        try:
            yield
        except aiohttp.WSServerHandshakeError as error:
            raise _rejection(error.status, "it does not open a live connection") from None
        except aiohttp.ClientResponseError:
            raise ProtocolError(f"{self.address.label} does not answer in proper HTTP") from None
        except (
            aiohttp.ClientError,
            TimeoutError,
            OSError,
            UnicodeError,
        ) as error:  # the last: of odd host names
            raise Unreachable(f"{self.address.label} {_why(error)}") from None


async def _content(response: aiohttp.ClientResponse, limit: int) -> bytes:
    parts = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        parts += chunk
        if len(parts) > limit:
            response.close()
            raise ProtocolError(f"the answer is larger than {limit // 1024**2} MB")
    return bytes(parts)


async def _refused(response: aiohttp.ClientResponse, graph: Mapping[str, Any]) -> None:
    """Raise what a status that is no success means; the body of an error may be JSON, text, or nothing."""
    try:
        body = await decode_json(await _content(response, LARGEST_REFUSAL))
    except (ProtocolError, aiohttp.ClientPayloadError):
        body = None
    problems = parse_problems(body, graph)
    text = summary(body) or (problems[0].reason if problems else "")
    raise _rejection(response.status, text or raw.sentence(response.reason), problems)


def _rejection(status: int, text: str, problems: tuple[Any, ...] = ()) -> Exception:
    if status in _GATEWAY:
        return Unreachable(f"the server does not answer the proxy in front of it (HTTP {status})")
    if 300 <= status < 400:
        return Rejected(status, "the address leads elsewhere; give the address it leads to")
    if status == 404:
        return NotFound(text)
    if status in (405, 501):
        return NotSupported(text, status)
    return Rejected(status, text, problems)


def _why(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "does not answer in time"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return "has no certificate we can trust"
        case aiohttp.ClientConnectorError() | UnicodeError():
            return "cannot be connected to"
        case aiohttp.ClientPayloadError():
            return "broke off in the middle of an answer"
        case _:
            return "closed the connection"
