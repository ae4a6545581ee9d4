"""The sums behind a video that fits."""

import pytest

from bot.media.encoding.plan import planned

MIB = 1024**2
TIERS = {"no boosts, direct message": 10, "level 2": 50, "level 3": 100}


@pytest.mark.parametrize("limit", TIERS.values(), ids=TIERS)
@pytest.mark.parametrize("seconds", [2, 60, 600, 1200])
@pytest.mark.parametrize(
    ("width", "height", "fps"), [(1920, 1080, 30), (3840, 2160, 60), (832, 480, 16), (480, 832, 24)]
)
def test_a_plan_fills_the_limit_and_no_more(
    limit: int, seconds: float, width: int, height: int, fps: float
) -> None:
    plan = planned(seconds=seconds, width=width, height=height, fps=fps, sound=True, limit=limit * MIB)
    assert plan is not None
    size = (plan.bits + plan.sound_bits) * seconds / 8
    assert 0.7 * limit * MIB < size <= limit * MIB
    assert plan.width % 2 == plan.height % 2 == 0
    assert max(plan.width, plan.height) <= 1920
    assert min(plan.width, plan.height) >= 96
    assert abs(plan.width / plan.height - width / height) < 0.05
    assert 1 <= plan.fps <= fps
    assert 20_000 <= plan.sound_bits <= 128_000


@pytest.mark.parametrize(
    ("seconds", "limit", "size", "fps"),
    [
        (20, 10, (1920, 1080), 30),
        (60, 10, (1180, 664), 30),
        (600, 10, (530, 298), 15),
        (600, 100, (1178, 662), 30),
    ],
)
def test_longer_films_become_smaller_and_then_slower(
    seconds: float, limit: int, size: tuple[int, int], fps: float
) -> None:
    plan = planned(seconds=seconds, width=1920, height=1080, fps=30, sound=True, limit=limit * MIB)
    assert plan is not None
    assert abs(plan.width - size[0]) <= size[0] * 0.1
    assert plan.fps == fps


def test_what_would_only_be_mush_is_not_planned() -> None:
    assert planned(seconds=3600, width=640, height=480, fps=24, sound=True, limit=10 * MIB) is None


def test_what_an_earlier_attempt_taught_counts() -> None:
    def plan(rate: float = 1.0, size: float = 1.0):
        return planned(
            seconds=10, width=640, height=480, fps=24, sound=False, limit=MIB, rate=rate, size=size
        )

    first, tighter, smaller = plan(), plan(rate=0.5), plan(size=0.5)
    assert first is not None
    assert tighter is not None
    assert smaller is not None
    assert tighter.bits < first.bits * 0.6
    assert (smaller.width, smaller.height) == (320, 240)
