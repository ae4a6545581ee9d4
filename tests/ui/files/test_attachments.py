"""What may be attached, by what Discord says of it."""

import pytest

from bot.errors import UserError
from bot.ui.files import attachments
from bot.ui.files.attachments import check_declared
from tests.ui.receiving import attachment


def test_size_and_kind_are_checked_before_a_byte_is_read() -> None:
    with pytest.raises(UserError, match="too large"):
        check_declared(attachment(b"", size=attachments.MAX_BYTES + 1))
    with pytest.raises(UserError, match="not a picture"):
        check_declared(attachment(b"", content_type="video/mp4"))
    check_declared(attachment(b"", content_type=None))
