"""What autocompletion offers: from memory alone, so that it answers at once even when the image server hangs."""

from collections.abc import Iterable, Sequence

from discord import app_commands
from rapidfuzz import fuzz, process, utils

from bot.comfy import Fleet
from bot.errors import UserError
from bot.jobs.families import Families
from bot.ui.cards.words import named
from bot.workflows.binding.models import resolve_model
from bot.workflows.graph.families import family_encoded, family_named
from bot.workflows.graph.files import match_file, offered_files
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.model.parameter import AUTO, Parameter
from bot.workflows.model.workflow import Workflow

MOST = 25
LONGEST = 100
LORAS = "loras"
FOLDERS = {"ckpt_name": "checkpoints", "unet_name": "diffusion_models"}
"""In which folder the files lie that an input names."""

Offer = tuple[str, str]
"""What is shown, and what is sent."""


def choices(offers: Iterable[Offer]) -> list[app_commands.Choice[str]]:
    """Turn offers into what Discord takes: at most 25, each at most 100 characters; longer values are left out."""
    found: dict[str, app_commands.Choice[str]] = {}
    for shown, value in offers:
        if 0 < len(value) <= LONGEST and value not in found and len(found) < MOST:
            found[value] = app_commands.Choice(name=middle_cut(named(shown, value)), value=value)
    return list(found.values())


def middle_cut(text: str, limit: int = LONGEST) -> str:
    """Shorten a file name in its middle: folders and endings tell files apart."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def ranked(query: str, texts: Sequence[str], limit: int = MOST) -> list[str]:
    """Return the texts that fit best what was typed so far; with nothing typed, the first ones."""
    query = query.strip()
    if not query:
        return list(texts[:limit])
    folded = query.casefold()
    exact = [text for text in texts if folded in text.casefold()]
    exact.sort(key=lambda text: _closeness(folded, text.casefold()))
    if len(exact) >= limit:
        return exact[:limit]
    near = process.extract(
        query, texts, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=55
    )
    return list(dict.fromkeys([*exact, *(text for text, _score, _index in near)]))[:limit]


def fitting(typed: str, offers: Iterable[Offer]) -> list[app_commands.Choice[str]]:
    """Return choices for the offers that fit best what was typed so far, by what is shown or what is sent."""
    by_text = {shown: (shown, value) for shown, value in offers}
    texts = ranked(typed, list(by_text))
    folded = typed.strip().casefold()
    texts += [text for text, (_, value) in by_text.items() if folded and folded in value.casefold()]
    return choices(by_text[text] for text in texts)


def _closeness(query: str, text: str) -> tuple[int, int, int]:
    """Sort those beginning with it first, then those with a part of the path beginning with it, then the rest."""
    place = text.find(query)
    if place == 0:
        return (0, 0, len(text))
    return (1 if text[place - 1] in "/\\" else 2, place, len(text))


class Suggestions:
    """Looks into the workflows loaded and the node classes last heard of; never waits for a server."""

    def __init__(self, fleet: Fleet, families: Families) -> None:
        self._fleet = fleet
        self._families = families
        self._info = ObjectInfo({})

    @property
    def info(self) -> ObjectInfo:
        """The node classes of the server the next job would go to."""
        info = known_nodes(self._fleet)
        if info is not None and info.raw is not self._info.raw:
            self._info = info
        return self._info

    def workflows(self, typed: str, locale: str, among: Iterable[Workflow]) -> list[Offer]:
        """Offer workflows by name, title or description in the person's language."""
        shown = {_label(workflow, locale): workflow.name for workflow in among}
        return [(label, shown[label]) for label in ranked(typed, list(shown))]

    def values(self, name: str, workflow: Workflow | None, typed: str) -> list[Offer]:
        """Offer values of a parameter that the workflow takes."""
        if workflow is None or not workflow.takes(name) or name not in workflow.parameters:
            return []
        offered = self._offered(workflow, workflow.parameters[name])
        return [(label, offered[label]) for label in ranked(typed, list(offered))]

    def loras(self, workflow: Workflow | None, typed: str, *, model: str | None = None) -> list[Offer]:
        """Offer LoRAs for the last one being typed, keeping those before it; only such as fit the model where known."""
        if workflow is None or not workflow.takes("lora"):
            return []
        before, comma, last = typed.rpartition(",")
        kept = f"{before.strip()}, " if comma and before.strip() else ""
        name, colon, strength = last.strip().rpartition(":")
        query = name if colon and _is_number(strength) else last.strip()
        suffix = f":{strength}" if colon and _is_number(strength) else ""
        offers = [f"{kept}{match}{suffix}" for match in ranked(query, self._loras(workflow, model))]
        if suffix:
            offers.insert(0, f"{kept}{last.strip()}")
        return [(offer, offer) for offer in offers]

    def _offered(self, workflow: Workflow, parameter: Parameter) -> dict[str, str]:
        if parameter.closed:
            return {str(choice.label) or str(choice.value): str(choice.value) for choice in parameter.choices}
        return {file: file for file in offered_files(parameter, workflow, self.info) or ()}

    def _loras(self, workflow: Workflow, model: str | None) -> list[str]:
        """Return the LoRAs there are, those that certainly fit the model first, without those that certainly do not."""
        files = list(self._offered(workflow, workflow.parameters["lora"]))
        self._families.learn(LORAS, files)
        wanted = self._family(workflow, model)
        if wanted is None:
            return files
        families = {file: self._families.of(LORAS, file) for file in files}
        fitting = [file for file in files if families[file] == wanted]
        return [*fitting, *(file for file in files if families[file] is None)]

    def _family(self, workflow: Workflow, model: str | None) -> str | None:
        """Return the family of the model that would be used; None where nobody knows."""
        parameter = workflow.parameters.get("model")
        if parameter is None:
            return family_encoded(workflow.graph)
        file = self._model(workflow, parameter, model)
        folders = {folder for _, name in parameter.targets if (folder := FOLDERS.get(name)) is not None}
        told = None
        for folder in folders if file else ():
            self._families.learn(folder, [file])
            told = told or self._families.of(folder, file)
        return told or family_named(file) or family_encoded(workflow.graph)

    def _model(self, workflow: Workflow, parameter: Parameter, model: str | None) -> str:
        automatic = model is not None and model.strip().casefold() == AUTO
        if model and not automatic:
            return match_file(model, offered_files(parameter, workflow, self.info) or ()) or model
        try:
            auto = automatic or str(parameter.default).casefold() == AUTO
            return resolve_model(workflow, parameter, self.info, auto=auto) or ""
        except UserError:
            return ""


def _label(workflow: Workflow, locale: str) -> str:
    title = workflow.title.in_(locale)
    return f"{workflow.name} · {title}" if title and title != workflow.name else workflow.name


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
