"""Discord's own description of its interface, to check every request body the simulated Discord is sent."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs

DESCRIPTION = Path(__file__).parents[2] / "shared" / "data" / "discord-openapi.json"

ROUTES = (
    (
        "POST",
        r"/interactions/\d+/[^/]+/callback",
        "/interactions/{interaction_id}/{interaction_token}/callback",
    ),
    (
        "PATCH",
        r"/webhooks/\d+/[^/]+/messages/@original",
        "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
    ),
    (
        "PATCH",
        r"/webhooks/\d+/[^/]+/messages/\d+",
        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
    ),
    ("POST", r"/webhooks/\d+/[^/]+", "/webhooks/{webhook_id}/{webhook_token}"),
    ("POST", r"/channels/\d+/messages", "/channels/{channel_id}/messages"),
    ("PATCH", r"/channels/\d+/messages/\d+", "/channels/{channel_id}/messages/{message_id}"),
    ("PUT", r"/applications/\d+/commands", "/applications/{application_id}/commands"),
    (
        "PUT",
        r"/applications/\d+/guilds/\d+/commands",
        "/applications/{application_id}/guilds/{guild_id}/commands",
    ),
)


@cache
def registry() -> jsonschema_rs.Registry | None:
    """Return the description, or None in a clone that stands alone."""
    if not DESCRIPTION.is_file():
        return None
    return jsonschema_rs.Registry([("urn:discord", json.loads(DESCRIPTION.read_text("utf-8")))])


@cache
def validator(method: str, template: str) -> jsonschema_rs.Draft202012Validator | None:
    known = registry()
    if known is None:
        return None
    path = quote(template.replace("~", "~0").replace("/", "~1"), safe="~")
    place = f"#/paths/{path}/{method.lower()}/requestBody/content/application~1json/schema"
    return jsonschema_rs.Draft202012Validator({"$ref": f"urn:discord{place}"}, registry=known)


def problems(method: str, path: str, body: Any) -> list[str]:
    """Return what Discord's description does not allow in this body; nothing for routes we do not use."""
    for known, pattern, template in ROUTES:
        if known == method and re.fullmatch(pattern, path) and body is not None:
            checker = validator(method, template)
            return (
                [] if checker is None else [_told(error, path) for error in checker.iter_errors(_plain(body))]
            )
    return []


def _plain(body: Any) -> Any:
    """Write ids as text, as the description has them; discord.py sends some as numbers, and Discord takes both."""
    if isinstance(body, list):
        return [_plain(item) for item in body]
    if not isinstance(body, dict):
        return body
    plain = {key: _plain(value) for key, value in body.items()}
    if isinstance(plain.get("attachments"), list):
        plain["attachments"] = [{**item, "id": str(item["id"])} for item in plain["attachments"]]
    allowed = plain.get("allowed_mentions")
    if isinstance(allowed, dict):
        plain["allowed_mentions"] = {
            key: [str(item) for item in value] if isinstance(value, list) else value
            for key, value in allowed.items()
        }
    reference = plain.get("message_reference")
    if isinstance(reference, dict):
        plain["message_reference"] = {
            key: str(value) if key.endswith("_id") else value for key, value in reference.items()
        }
    return plain


def _told(error: jsonschema_rs.ValidationError, path: str) -> str:
    """Say what is wrong with the alternative that comes nearest: one of the same type, if there is any."""
    while branches := [branch for branch in getattr(error.kind, "context", ()) if branch]:
        same = [branch for branch in branches if all(each.instance_path[-1:] != ["type"] for each in branch)]
        error = max((same or branches)[0], key=lambda inner: len(inner.instance_path))
    return f"{path}: {'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
