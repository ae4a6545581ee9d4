import pytest
from PIL import Image

from bot.demo.comfyui.caption import NOTICE, add_caption, shown_prompt
from bot.demo.comfyui.motifs import MOTIFS, WORDS, draw_motif, motif_for
from bot.demo.comfyui.painter import Brief, paint
from bot.demo.comfyui.plan import Cache
from bot.demo.comfyui.values import Latent, Outcome


def test_the_caption_says_that_no_model_made_it_and_never_draws_boxes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "not an AI model" in NOTICE
    assert shown_prompt("a cat\n on  a hill") == "a cat on a hill"
    assert shown_prompt("🎨 cat") == ""
    monkeypatch.setattr("bot.demo.comfyui.caption.cjk_font_file", lambda: None)
    assert shown_prompt("一只猫") == ""
    tiny = Image.new("RGB", (64, 64), (255, 255, 255))
    add_caption(tiny, "一只猫")
    colours = tiny.getcolors(100_000)
    assert colours is not None
    assert len(colours) > 3


def test_words_and_seed_change_the_painting_and_nothing_else_does() -> None:
    brief = Brief("a cat", "", 1, "m", 20, "")
    assert paint(brief, 128, 128).tobytes() == paint(brief, 128, 128).tobytes()
    assert paint(brief, 128, 128).tobytes() != paint(Brief("a cat", "", 2, "m", 20, ""), 128, 128).tobytes()
    assert paint(brief, 128, 128, moment=0.5).tobytes() != paint(brief, 128, 128).tobytes()


def test_the_cache_keeps_the_newest_pictures_that_fit() -> None:
    cache = Cache(keep=250_000)
    for name in "abc":
        cache.known[name] = Outcome(([Image.new("RGB", (300, 300))],))
    cache.trim({"a"})
    assert set(cache.known) == {"a", "b", "c"}
    cache.known["d"] = Outcome((Latent(300, 300, pictures=(Image.new("RGB", (300, 300)),)),))
    cache.trim({"a"})
    assert set(cache.known) == {"a", "c", "d"}


@pytest.mark.parametrize("motif", sorted(MOTIFS))
def test_every_motif_is_visible_and_found_by_its_words(motif: str) -> None:
    canvas = Image.new("RGB", (120, 120))
    draw_motif(canvas, motif, (60, 100), 40, (250, 10, 10))
    assert canvas.getbbox() is not None
    assert {motif_for(f"the {word} again") for word in WORDS[motif]} == {motif}
    assert motif_for("quark") is None
