from bot.comfy import OutputKind
from bot.workflows import LocalText, OutputNode, Workflow, WorkflowKind
from bot.workflows.model.standard import split_name, standard_order, standard_title
from tests.workflows.made import basic, node, shipped, workflow


def test_kinds():
    kinds = {
        name: shipped(name).kind for name in ("txt2img", "flux", "img2img", "upscale", "inpaint", "wan-video")
    }
    assert kinds == {
        "txt2img": WorkflowKind.TEXT_TO_IMAGE, "flux": WorkflowKind.TEXT_TO_IMAGE,
        "img2img": WorkflowKind.IMAGE_TO_IMAGE, "upscale": WorkflowKind.IMAGE_TO_IMAGE,
        "inpaint": WorkflowKind.INPAINT, "wan-video": WorkflowKind.VIDEO,
    }  # fmt: skip
    for kind in (OutputKind.TEXT, OutputKind.AUDIO, OutputKind.THREE_D):
        assert Workflow(name="x", outputs=(OutputNode("1", kind),)).kind == kind.value


def test_previews_count_only_where_nothing_is_kept():
    graph = basic(n20=node("PreviewAny", source="hello"))
    assert workflow(graph).output_kinds == (OutputKind.IMAGE,)
    del graph["7"]
    assert workflow(graph).output_kinds == (OutputKind.TEXT,)


def test_texts_in_the_language_asked_for():
    text = LocalText({"en": "Size", "zh-CN": "尺寸"})
    assert [text.in_(code) for code in ("zh-CN", "zh-TW", "zh", "en-GB", "fr")] == ["尺寸"] * 3 + ["Size"] * 2
    assert LocalText({"zh-CN": "尺寸"}).in_("en") == "尺寸"
    assert LocalText().in_("en") == ""
    assert not LocalText()
    assert text


def test_standard_names():
    assert split_name("image2") == ("image", 2)
    assert split_name("image") == ("image", 1)
    assert split_name("42") == ("42", 1)
    assert str(standard_title("image2")) == "Image 2"
    assert not standard_title("style")
    assert (
        standard_order("prompt") < standard_order("image") < standard_order("image2") < standard_order("zzz")
    )


def test_what_is_shipped_is_in_all_our_languages():
    ours = {"en", "zh-CN", "zh-TW"}
    for name in ("txt2img", "flux", "img2img", "upscale", "inpaint", "wan-video"):
        made = shipped(name)
        for text in (made.title, made.description, *(p.title for p in made.parameters.values())):
            assert set(text.texts) >= ours
        for parameter in made.parameters.values():
            assert set(parameter.description.texts) in (ours, set())
