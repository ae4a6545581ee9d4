import json

from bot.workflows.manifest import read_manifest
from bot.workflows.sources import read_bytes
from tests.workflows.made import basic


def test_attached_bytes_are_a_workflow_called_like_the_file():
    read = read_bytes("portrait.json", json.dumps(basic()).encode())
    assert (read.name, read.format, read.problems) == ("portrait", "api", ())
    assert read.graph == basic()


def test_what_is_wrong_with_attached_bytes_is_said():
    read = read_bytes("portrait.json", b"{", read_manifest(b'title = "Portrait"', "portrait.toml"))
    assert (read.name, read.graph) == ("portrait", {})
    assert "not valid JSON" in read.problems[0].text
    assert str(read.manifest.manifest.title) == "Portrait"
