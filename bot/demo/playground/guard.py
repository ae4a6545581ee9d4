"""Keeps other sites out of the playground: it acts as anybody, so only its own page may speak to it.

A foreign page can point its own name at 127.0.0.1 (DNS rebinding) or send a form here. The first is told by the
`Host` header (a name instead of an address), the second by `Origin` or `Sec-Fetch-Site`.
"""

import ipaddress
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def guard(host: str) -> web.Application:
    """Return an empty application that answers nobody but its own page, reached by address or by this host name."""

    @web.middleware
    async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_ours(request.host, host) or _is_foreign(request):
            raise web.HTTPForbidden(text="This page only answers on its own address.")
        return await handler(request)

    app = web.Application(middlewares=[own_page_only], client_max_size=128 * 1024 * 1024)
    app.on_response_prepare.append(_harden)
    return app


async def _harden(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")


def _is_ours(header: str, host: str) -> bool:
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if name in {"localhost", host.lower()}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_foreign(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return True
    site = request.headers.get("Sec-Fetch-Site", "none")
    entering = request.method == "GET" and request.path == "/"
    return site not in {"same-origin", "none"} and not entering
