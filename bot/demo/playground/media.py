"""Keeps what is uploaded in the playground: bytes by address, sizes of pictures, and forgets replaced previews."""

import io
from collections import deque
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError
from simcord.backend.cdn import CDN_BASE, CdnStore

_KEPT_AFTER_REPLACEMENT = 200


class LiveCdn(CdnStore):
    """A simulated CDN that gives pictures a width and height, as Discord does, and does not grow with every edit."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, tuple[int, int]] = {}
        self._kinds: dict[str, str] = {}
        self._replaced: deque[str] = deque()

    def store_attachment(
        self, attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        stored = super().store_attachment(attachment_id, channel_id, filename, data, description)
        self._kinds[stored["url"]] = str(stored["content_type"])
        if str(stored["content_type"]).startswith("image/") and (size := _picture_size(data)) is not None:
            self.sizes[stored["url"]] = size
            stored["width"], stored["height"] = size
        return stored

    def kind(self, url: str) -> str:
        """Return the media type the file was stored with."""
        return self._kinds.get(url, "application/octet-stream")

    def replaced(self, urls: set[str]) -> None:
        """Forget files that no message shows any more; the last ones stay, as somebody may be loading them."""
        self._replaced.extend(urls)
        while len(self._replaced) > _KEPT_AFTER_REPLACEMENT:
            url = self._replaced.popleft()
            self._blobs.pop(url, None)
            self.sizes.pop(url, None)
            self._kinds.pop(url, None)


def page_address(url: str) -> str:
    """Return where the page finds a file of the simulated CDN; any other address is returned as it is."""
    return "/cdn" + quote(url.removeprefix(CDN_BASE)) if url.startswith(CDN_BASE + "/") else url


def cdn_address(path: str) -> str:
    """Return the simulated CDN's address of a path below the page's `/cdn/`."""
    return f"{CDN_BASE}/{path}"


def _picture_size(data: bytes) -> tuple[int, int] | None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
