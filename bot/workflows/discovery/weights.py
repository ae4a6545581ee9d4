"""Finding the files of weights a graph loads: models, LoRAs on them, encoders, upscalers."""

import re

from bot.workflows.discovery.collect import Finds
from bot.workflows.discovery.sampling import Sampler
from bot.workflows.graph.graph import is_link
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import looks_like_model_file
from bot.workflows.graph.trace import Tracer

_MODEL_TYPES = ("MODEL",)
_MODEL_NAMES = re.compile(r"(ckpt|unet|checkpoint|model)(_?name)?")
LORA_STRENGTH = re.compile(r"strength|_wt|weight")


class WeightFinder:
    """Finds files of weights."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer
        self._loaders: set[str] = set()
        self._seen: set[str] = set()
        self._branched: set[tuple[str, str]] = set()
        self.chains: list[list[str]] = []
        """For each sampler, the nodes its model comes through, the loader last."""

    def model(self, sampler: Sampler) -> None:
        for part in sampler.parts:
            for start in self.tracer.sources(part, *_MODEL_TYPES):
                chain = self.tracer.upstream(start, *_MODEL_TYPES)
                if chain not in self.chains:
                    self.chains.append(chain)
                for node_id in chain:
                    self._model_node(node_id)
            for name in self.tracer.inputs(part):
                if self.tracer.type_of(part, name) in _MODEL_TYPES and (part, name) not in self._branched:
                    self._branched.add((part, name))
                    for node_id in self.tracer.every_branch(part, name, *_MODEL_TYPES):
                        if any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES)):
                            self._loras_of(node_id)

    def _model_node(self, node_id: str) -> None:
        if node_id in self._seen:
            return
        self._seen.add(node_id)
        files = weight_inputs(self.tracer, node_id)
        if not any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES)):
            own = [file for file in files if "lora" not in file.lower()]
            if own:
                self._loaders.add(node_id)
                self.found.add("model", node_id, own[0])
        self._loras_of(node_id)
        for stack in lora_stacks(self.tracer, node_id):
            self._loras_of(stack)

    def _loras_of(self, node_id: str) -> None:
        for name in weight_inputs(self.tracer, node_id):
            if "lora" in name.lower() and self.found.add("lora", node_id, name, group="lora"):
                for strength in lora_strengths(self.tracer, node_id, name):
                    self.found.add("lora_strength", node_id, strength, group="lora_strength")

    def others(self) -> None:
        """Find the other weights: VAE, text encoders, upscalers, ControlNets, and those of packs with own types."""
        self._of_own_types()
        kinds = (("VAE", "vae"), ("CLIP", "text_encoder"), ("CONTROL_NET", "control_model"))
        for node_id in self.tracer.live:
            if node_id in self._loaders or any(
                True for _ in self.tracer.links_of(node_id, "MODEL", "CLIP", "VAE")
            ):
                continue
            files = weight_inputs(self.tracer, node_id)
            for kind, name in kinds:
                if files and self.tracer.makes(node_id, kind):
                    for file in files:
                        self.found.add(name, node_id, file)
                    break
            else:
                if files and self.tracer.makes(node_id, "UPSCALE_MODEL"):
                    has_model = self.found.has("model")
                    self.found.add("upscale_model" if has_model else "model", node_id, files[0])

    def _of_own_types(self) -> None:
        """Where no sampler led to a model, loaders are known by what their input is called."""
        if self.chains:
            return
        for node_id in self.tracer.live:
            if self.tracer.makes(node_id, "UPSCALE_MODEL", "VAE", "CLIP", "CLIP_VISION", "CONTROL_NET"):
                continue
            for name in weight_inputs(self.tracer, node_id):
                if "lora" in name.lower():
                    self._loras_of(node_id)
                elif _MODEL_NAMES.fullmatch(name.lower()) and self._feeds_sampler(node_id):
                    self._loaders.add(node_id)
                    self.found.add("model", node_id, name)

    def _feeds_sampler(self, node_id: str) -> bool:
        """Tell whether what a loader gives is a model, by the type it gives or how its readers call it."""
        readers = self.tracer.readers(node_id)
        return any(
            "model" in name.lower() or "MODEL" in self.tracer.type_of(reader, name)
            for reader, name, _ in readers
        )


def lora_stacks(tracer: Tracer, node_id: str) -> list[str]:
    """Return the nodes whose lists of LoRAs a node puts on its model, the nearest first."""
    order = [node_id]
    seen = set(order)
    for each in order:  # grows while it is walked
        for name in tracer.inputs(each):
            link = tracer.link(each, name)
            if link is not None and "LORA" in tracer.type_of(each, name) and link[0] not in seen:
                seen.add(link[0])
                order.append(link[0])
    return order[1:]


def lora_strengths(tracer: Tracer, node_id: str, name: str) -> list[str]:
    """Return the inputs with the strengths of one LoRA: those of its number where a node takes several."""
    number = re.sub(r"\D", "", name)
    return [
        each
        for each, value in tracer.inputs(node_id).items()
        if LORA_STRENGTH.search(each.lower())
        and re.sub(r"\D", "", each) == number
        and (is_link(value) or isinstance(value, int | float))
    ]


def weight_inputs(tracer: Tracer, node_id: str) -> list[str]:
    """Return the inputs of a node that name a file of weights."""
    found: list[str] = []
    for name, value in tracer.inputs(node_id).items():
        known = tracer.input(node_id, name)
        if is_link(value) and literal(tracer, node_id, name) is None:
            continue
        if known is not None and known.choices is None:
            continue
        if looks_like_model_file(value) or (known is not None and known.offers_models):
            found.append(name)
    return found
