"""Where a ComfyUI server is, and how to be let in."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from yarl import URL

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server's address. What is secret (user, password, extra headers) is never part of its text forms."""

    base: str
    """Scheme, host, port and base path, without credentials and without a slash at the end."""
    label: str
    """Host, port and base path: what logs and people see."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Extra headers for every request, WebSocket included."""
    auth: str | None = field(default=None, repr=False)
    """Value of the Authorization header made from user:password, if any."""

    @classmethod
    def parse(cls, url: str, headers: Mapping[str, str] | None = None) -> "ServerAddress":
        """Read an address such as `https://user:password@host/base`; a missing scheme means http.

        Raises ValueError with a sentence that never repeats the address, which may hold a password.
        """
        parsed = _parse(url)
        scheme = _SCHEMES.get(parsed.scheme)
        if scheme is None:
            raise ValueError("the address of a ComfyUI server must begin with http:// or https://")
        host = parsed.raw_host
        if not host or not parsed.port:
            raise ValueError("the address of a ComfyUI server must name a host")
        if parsed.raw_query_string or parsed.raw_fragment:
            raise ValueError(
                "the address of a ComfyUI server ends before '?' or '#'; use extra headers for a token"
            )
        if "@" in parsed.path:
            raise ValueError("the address of a ComfyUI server needs '/' in a password written as %2F")
        host = f"[{host}]" if ":" in host else host
        port = (
            parsed.port
            if parsed.explicit_port or scheme == parsed.scheme
            else {"http": 80, "https": 443}[scheme]
        )
        path = parsed.raw_path.rstrip("/")
        auth = None
        if parsed.user is not None or parsed.password is not None:
            pair = f"{parsed.user or ''}:{parsed.password or ''}".encode("utf-8", "replace")
            auth = "Basic " + base64.b64encode(pair).decode("ascii")
        return cls(f"{scheme}://{host}:{port}{path}", f"{host}:{port}{path}", _checked(headers or {}), auth)

    @property
    def request_headers(self) -> dict[str, str]:
        """Headers to send with every request; an Authorization among the extra headers wins over the URL's."""
        given = {name.lower() for name in self.headers}
        login = {"Authorization": self.auth} if self.auth and "authorization" not in given else {}
        return {**login, **self.headers}

    def http(self, path: str) -> URL:
        """Return the address of an already percent-encoded path that begins with a slash."""
        return URL(self.base + path, encoded=True)

    def ws(self, client_id: str, *, api: bool = False) -> URL:
        """Return the address of the live connection."""
        url = self.http("/api/ws" if api else "/ws").with_query(clientId=client_id)
        return url.with_scheme("wss" if url.scheme == "https" else "ws")


def _parse(url: str) -> URL:
    url = url.strip()
    if "://" not in url:
        url = f"http://{url}"
    try:
        parsed = URL(url)
        _ = parsed.port
    except (ValueError, TypeError, UnicodeError):
        raise ValueError("the address of a ComfyUI server cannot be read") from None
    return parsed


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError("an extra header has a name that HTTP does not allow")
        if any(ord(letter) < 32 and letter != "\t" for letter in value):
            raise ValueError(f"the extra header {name} has a value that HTTP does not allow")
    return MappingProxyType(dict(headers))
