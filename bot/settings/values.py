"""Read single values as an operator types them: lists, addresses, headers, paths.

Every complaint says what is expected and never repeats the value, which may be a secret.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast
from urllib.parse import urlsplit

SNOWFLAKE_LIMIT = 2**64
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
DATABASE_DRIVERS = ("sqlite+aiosqlite://", "postgresql+asyncpg://")


def split_list(value: object) -> object:
    """Split a comma-separated text; anything already split passes."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def strip_text(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def upper_text(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def lower_text(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def home_path(value: Path) -> Path:
    """Let ~ mean the home directory; a user without one keeps the text as it stands."""
    try:
        return value.expanduser()
    except RuntimeError:
        return value


def check_addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses without a trailing slash; each must be a usable one, and none may come twice."""
    cleaned = tuple(check_address(address) for address in addresses)
    if not cleaned:
        raise ValueError("names no server")
    if len(set(cleaned)) != len(cleaned):
        raise ValueError("names the same server twice")
    return cleaned


def check_address(address: str) -> str:
    """Return an http or https address without its trailing slash."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("is not a valid address") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("has to start with http:// or https://")
    if not parts.hostname or port == 0 or re.search(r"\s", address):
        raise ValueError("is not a valid address")
    if parts.query or parts.fragment or "@" in parts.path:
        raise ValueError(
            "has to end with the path; in a password write @ as %40, # as %23, ? as %3F, / as %2F"
        )
    return address.rstrip("/")


def check_public_address(address: str | None) -> str | None:
    """Return an address that may be shown to everybody."""
    if address is None:
        return None
    address = check_address(address)
    if urlsplit(address).username is not None:
        raise ValueError("is shown to people, so it must hold no user name and password")
    return address


def check_headers(value: object) -> Mapping[str, str]:
    """Read a JSON object of header names and texts."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("is not valid JSON") from None
    if not isinstance(value, Mapping):
        raise ValueError("is not a JSON object")
    headers = cast("Mapping[object, object]", value)
    checked: dict[str, str] = {}
    for name, text in headers.items():
        if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):
            raise ValueError("holds a name that is no HTTP header name")
        if not isinstance(text, str) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
            raise ValueError("holds a value that is not one line of text in quotes")
        checked[name] = text
    return MappingProxyType(checked)


def check_database(url: str) -> str:
    """Return an address of one of the two databases, with its asynchronous driver; nothing stands for the default."""
    if url and not url.startswith(DATABASE_DRIVERS):
        raise ValueError("has to start with sqlite+aiosqlite:// or postgresql+asyncpg://")
    return url


def check_name(name: str) -> str:
    """Return a workflow's name, which is a file name without folder and ending."""
    if not name or "/" in name or "\\" in name:
        raise ValueError("has to be a name, not a path")
    return name.removesuffix(".json")
