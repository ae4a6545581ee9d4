"""A file is asked for again only where it is the file that is wrong."""

import pytest

from bot.errors import LaterError, UserError
from bot.ui.files.attachments import no_room, not_a_picture
from bot.ui.requests.attached import UnusableFileError, given_for


def test_a_file_that_is_wrong_is_asked_for_again() -> None:
    with pytest.raises(UnusableFileError) as caught, given_for("image"):
        raise not_a_picture("cat.png")
    assert caught.value.option == "image"


@pytest.mark.parametrize("error", [no_room(), LaterError("Please try again.")])
def test_a_file_that_only_came_at_the_wrong_time_stays(error: UserError) -> None:
    with pytest.raises(LaterError) as caught, given_for("image"):
        raise error
    assert not isinstance(caught.value, UnusableFileError)
    assert caught.value.mendable, "the form can be sent again"
