"""How much a graph makes is read from the graph itself, whatever its parameters are called."""

from typing import Any

import pytest

from bot.workflows.binding.amounts import Amount, amount_of
from tests.workflows.binding.binding import bound, refusal
from tests.workflows.made import basic, node, server, workflow

LATENT: dict[str, Any] = {"width": 512, "height": 512}


def amount(graph: dict[str, Any], *, known: bool = True, toml: str = "", **values: Any) -> Amount:
    info = server()
    made = workflow(graph, toml)
    result = bound(made, **values)
    return amount_of(made, result.graph, result.values, info if known else None)


def latents(batch: Any) -> dict[str, Any]:
    return node("EmptyLatentImage", **LATENT, batch_size=batch)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(
    ("changes", "pieces"),
    [
        ({}, 1),
        ({"n4": latents(3)}, 3),
        ({"n4": latents(["9", 0]), "n9": node("PrimitiveInt", value=3)}, 3),
        ({"n4": latents(2), "n8": node("RepeatLatentBatch", samples=["4", 0], amount=2)}, 4),
        ({"n9": latents(4)}, 1),
        ({"n8": node("SaveImage", filename_prefix="again", images=["6", 0]), "n4": latents(2)}, 2),
    ],
    ids=["one", "batch", "primitive", "repeated", "unused", "saved twice"],
)
def test_pictures_are_counted_along_the_way_they_come(changes: dict[str, Any], pieces: int, known: bool):
    graph = basic(**changes)
    if "n8" in changes and changes["n8"]["class_type"] == "RepeatLatentBatch":
        graph["5"]["inputs"]["latent_image"] = ["8", 0]
    assert amount(graph, known=known).pieces == pieces


def test_what_decides_how_many_is_named():
    graph = basic(n8=node("RepeatLatentBatch", samples=["4", 0], amount=2))
    graph["5"]["inputs"]["latent_image"] = ["8", 0]
    assert amount(graph).places == {("4", "batch_size"), ("8", "amount")}


def film(**latent: Any) -> dict[str, Any]:
    graph = basic(n4=node(**latent))
    graph["7"] = node("SaveAnimatedWEBP", "Save", filename_prefix="x", fps=8.0, lossless=False, quality=80,
                      method="default", images=["6", 0])  # fmt: skip
    return graph


@pytest.mark.parametrize(
    ("latent", "wanted"),
    [
        ({"class_type": "EmptyHunyuanLatentVideo", **LATENT, "length": 49, "batch_size": 1}, (1, 49)),
        ({"class_type": "EmptyLatentImage", **LATENT, "batch_size": 3}, (1, 3)),
        ({"class_type": "PackLatent", **LATENT, "seconds": 5, "batch_size": 1}, (1, 120)),
    ],
    ids=["length", "frames are a batch", "seconds"],
)
def test_a_film_is_one_piece_of_so_many_frames(latent: dict[str, Any], wanted: tuple[int, int]):
    found = amount(film(**latent))
    assert (found.pieces, found.frames) == wanted


def test_a_films_own_frames_are_no_pictures_to_be_capped():
    made = workflow(film(class_type="EmptyLatentImage", **LATENT, batch_size=16))
    assert bound(made).values["batch"] == 16
    assert bound(made, batch=12).values["batch"] == 12
    assert "16" in refusal(made, batch=17)
    assert (
        bound(workflow(film(class_type="EmptyLatentImage", **LATENT, batch_size=2)), batch=4).values["batch"]
        == 4
    )


def test_films_that_have_a_length_are_as_many_as_pictures_may_be():
    latent = {"class_type": "EmptyHunyuanLatentVideo", **LATENT, "length": 49}
    assert bound(workflow(film(**latent, batch_size=16))).values["batch"] == 4


def test_a_graph_of_thousands_of_nodes_is_counted():
    graph = basic()
    for number in range(3000):
        source = ["6", 0] if number == 0 else [f"s{number - 1}", 0]
        graph[f"s{number}"] = node(
            "ImageScale", image=source, **LATENT, upscale_method="area", crop="disabled"
        )
    graph["7"]["inputs"]["images"] = ["s2999", 0]
    graph["4"] = latents(2)
    assert amount(graph).pieces == 2
