"""Whose turn it is, by table."""

import pytest

from bot.jobs.model.job import Job
from bot.jobs.model.request import Requester
from bot.jobs.queue.scheduler import in_order
from tests.jobs.samples import a_job, a_request


def jobs(spec: str):
    """Make jobs of a text such as `1a 2b! 1c`: user, name, `!` for priority; in the order they came."""
    return [
        a_job(a_request(int(word[0]), priority=word.endswith("!")), number=index, created_at=float(index))
        for index, word in enumerate(spec.split())
    ]


@pytest.mark.parametrize(
    ("waiting", "in_flight", "served", "order"),
    [
        ("", "", {}, []),
        ("1a 1b 1c", "", {}, [0, 1, 2]),
        ("1a 1b 2c", "", {}, [0, 2, 1]),
        ("1a 1b 1c 2d 3e", "", {}, [0, 3, 4, 1, 2]),
        ("1a 2b", "1x", {}, [1, 0]),
        ("1a 2b", "1x 1y 2z", {}, [1, 0]),
        ("1a 2b", "1x 2y", {}, [0, 1]),
        ("1a 2b!", "2x 2y", {}, [1, 0]),
        ("1a 2b! 2c! 3d!", "", {}, [1, 3, 2, 0]),
        ("1a 2b", "", {1: 5.0}, [1, 0]),
        ("1a 2b", "", {1: 5.0, 2: 6.0}, [0, 1]),
    ],
)
def test_order(waiting: str, in_flight: str, served: dict[int, float], order: list[int]):
    assert [job.number for job in in_order(jobs(waiting), jobs(in_flight), served)] == order


def shared(spec: str) -> list[Job]:
    """Make jobs of a text such as `A1 B2! B3!!`: guild, user, `!` for a moderator's priority, `!!` for an operator's."""
    return [
        a_job(
            a_request(priority="!" in word).by(
                Requester(int(word[1]), ord(word[0]), 100, moderator="!" in word, operator="!!" in word)
            ),
            number=index,
            created_at=float(index),
        )
        for index, word in enumerate(spec.split())
    ]


A, B = ord("A"), ord("B")


@pytest.mark.parametrize(
    ("waiting", "in_flight", "served_guilds", "order"),
    [
        # Each guild has its share, however many people another has.
        ("A1 A2 A3 A4 B5", "", {}, "A1 B5 A2 A3 A4"),
        ("A1 A2 A3 B4 B5", "", {}, "A1 B4 A2 B5 A3"),
        ("A1 B2", "A3", {}, "B2 A1"),
        ("A1 B2", "A3 A4 B5", {}, "B2 A1"),
        ("A1 B2", "A3 B4", {}, "A1 B2"),
        ("A1 B2", "", {A: 5.0}, "B2 A1"),
        ("A1 B2", "", {A: 5.0, B: 6.0}, "A1 B2"),
        # A moderator's priority counts within the guild, and does not take another's turn.
        ("A1 B2 B3!", "", {}, "A1 B3! B2"),
        ("A1 A2 A3! B4", "", {}, "A3! B4 A1 A2"),
        ("A1 B2!", "B3", {}, "A1 B2!"),
        ("A1! A2 B3! B4", "", {}, "A1! B3! A2 B4"),
        # Fewest in flight within the guild, then the oldest.
        ("A1 A1 A2 B3", "A1 B4", {}, "A2 B3 A1 A1"),
        # Only an operator's goes before other guilds, and it counts as a turn of its own.
        ("A1 B2 B3!!", "B4 B5", {}, "B3!! A1 B2"),
        ("A1! B2 B3!! A4!!", "", {}, "B3!! A4!! B2 A1!"),
    ],
)
def test_guilds_share_the_servers(
    waiting: str, in_flight: str, served_guilds: dict[int, float], order: str
) -> None:
    words, jobs_ = waiting.split(), shared(waiting)
    found = in_order(jobs_, shared(in_flight), {}, served_guilds)
    assert " ".join(words[job.number] for job in found) == order


def test_no_guild_starves_however_many_moderators_another_has() -> None:
    waiting = shared(" ".join(["A1!", "A2!", "A3!"] * 30) + " B4")
    assert in_order(waiting, [])[1].request.requester.guild_id == B


def test_nobody_is_lost_from_a_long_line() -> None:
    people = [f"{guild}{user}" for guild in "ABCDEFGH" for user in range(1, 10)]
    waiting = shared(" ".join(people * 30))
    order = in_order(waiting, waiting[:50])
    assert sorted(job.number for job in order) == list(range(len(waiting)))


def test_nobody_starves_however_much_somebody_else_asks_for():
    waiting = jobs(" ".join(["1a"] * 50) + " 2b")
    assert in_order(waiting, [])[1].request.requester.user_id == 2
