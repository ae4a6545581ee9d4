import pytest

from bot.comfy import ServerAddress


@pytest.mark.parametrize(
    ("url", "label", "http", "ws"),
    [
        ("http://127.0.0.1:8188", "127.0.0.1:8188", "http://127.0.0.1:8188/x", "ws://127.0.0.1:8188/ws?clientId=c"),
        ("127.0.0.1:8188/", "127.0.0.1:8188", "http://127.0.0.1:8188/x", "ws://127.0.0.1:8188/ws?clientId=c"),
        ("https://gpu.example/a/b/", "gpu.example:443/a/b", "https://gpu.example/a/b/x",
         "wss://gpu.example/a/b/ws?clientId=c"),
        ("wss://gpu.example", "gpu.example:443", "https://gpu.example/x", "wss://gpu.example/ws?clientId=c"),
        ("http://münchen.example", "xn--mnchen-3ya.example:80", "http://xn--mnchen-3ya.example/x",
         "ws://xn--mnchen-3ya.example/ws?clientId=c"),
        ("http://[::1]:8188", "[::1]:8188", "http://[::1]:8188/x", "ws://[::1]:8188/ws?clientId=c"),
    ],
)  # fmt: skip
def test_one_address_serves_http_and_websocket(url: str, label: str, http: str, ws: str) -> None:
    address = ServerAddress.parse(url)
    assert address.label == label
    assert str(address.http("/x")).replace(":443/", "/") == http
    assert str(address.ws("c")).replace(":443/", "/") == ws
    assert "/api/ws" in str(address.ws("c", api=True))


def test_login_and_headers_are_sent_but_never_shown() -> None:
    address = ServerAddress.parse("http://me%40home:p%20w%3A@h:1/b", {"X-Key": "hidden"})
    assert address.request_headers == {"Authorization": "Basic bWVAaG9tZTpwIHc6", "X-Key": "hidden"}
    shown = f"{address} {address!r} {address.label} {address.http('/x')} {address.ws('c')}"
    for secret in ("me@home", "me%40home", "p w", "p%20w", "hidden", "bWVA"):
        assert secret not in shown


def test_an_authorization_header_wins_over_the_login_in_the_address() -> None:
    address = ServerAddress.parse("http://a:b@h", {"authorization": "Bearer t"})
    assert address.request_headers == {"authorization": "Bearer t"}


@pytest.mark.parametrize(
    "url",
    ["", "http://", "ftp://user:sesame@host", "http://user:sesame@host:99999", "http://user:sesame@[::1", "://",
     "http://host/?token=sesame", "http://host/#sesame", "http://user:12/sesame@host", "http://user:12?sesame@host",
     "http://user:sesame/x@host", "http://host:port"],
)  # fmt: skip
def test_an_unreadable_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="address of a ComfyUI server") as caught:
        ServerAddress.parse(url)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("headers", [{"X Y": "1"}, {"": "1"}, {"X": "sesame\r\nEvil: 1"}])
def test_headers_that_http_does_not_allow_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="extra header") as caught:
        ServerAddress.parse("http://h", headers)
    assert "sesame" not in str(caught.value)


def test_a_password_may_hold_an_at_sign() -> None:
    address = ServerAddress.parse("http://me:p@ss@h:1")
    assert (address.label, address.auth) == ("h:1", "Basic bWU6cEBzcw==")
