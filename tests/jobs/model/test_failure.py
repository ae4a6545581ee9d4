"""A sentence for the person that can be stored and told again."""

from bot.errors import UserError
from bot.jobs.model.failure import Failure, Reason


def test_a_failure_gives_the_sentence_it_was_made_of():
    failure = Failure.of(
        Reason.SERVER, UserError("{a} of {b}: {c}", a=1, b=2.5, c=["x"]), node="Sampler", reference="R"
    )
    assert (failure.arguments, failure.node, failure.reference) == (
        {"a": 1, "b": 2.5, "c": "['x']"},
        "Sampler",
        "R",
    )
    assert str(failure.sentence) == str(UserError("{a} of {b}: {c}", a=1, b=2.5, c="['x']"))
