"""What a running job is doing, in the person's language."""

import json

from bot.i18n import LANGUAGES
from bot.ui.cards.stages import stage
from tests.world import ROOT


def test_every_node_of_the_shipped_workflows_has_a_chinese_name() -> None:
    for file in (ROOT / "workflows").glob("*.json"):
        for node in json.loads(file.read_text()).values():
            title = node["_meta"]["title"]
            assert stage(title, LANGUAGES["en"]) == title
            assert stage(title, LANGUAGES["zh-CN"]) != title, title


def test_a_title_that_somebody_gave_stays_as_it_is() -> None:
    assert stage("My {own} node", LANGUAGES["zh-CN"]) == "My {own} node"
