"""Finding the files of weights a graph loads: models, LoRAs on them, encoders, upscalers."""

from bot.workflows.collect import Finds
from bot.workflows.graph import is_link
from bot.workflows.sampling import Sampler
from bot.workflows.schema import looks_like_model_file
from bot.workflows.trace import Tracer

_MODEL_TYPES = ("MODEL",)


class WeightFinder:
    """Finds files of weights."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer
        self._loaders: set[str] = set()
        self.chains: list[list[str]] = []
        """For each sampler, the nodes its model comes through, the loader last."""

    def model(self, sampler: Sampler) -> None:
        for part in sampler.parts:
            for _, (start, _slot) in self.tracer.links_of(part, *_MODEL_TYPES):
                chain = self.tracer.upstream(start, *_MODEL_TYPES)
                if chain not in self.chains:
                    self.chains.append(chain)
                for node_id in chain:
                    self._model_node(node_id)
            for name in self.tracer.inputs(part):
                if self.tracer.type_of(part, name) in _MODEL_TYPES:
                    for node_id in self.tracer.every_branch(part, name, *_MODEL_TYPES):
                        self._loras_of(node_id)

    def _model_node(self, node_id: str) -> None:
        linked = any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES))
        files = weight_inputs(self.tracer, node_id)
        if linked:
            self._loras_of(node_id)
        elif files:
            self._loaders.add(node_id)
            self.found.add("model", node_id, files[0])

    def _loras_of(self, node_id: str) -> None:
        if not any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES)):
            return
        for name in weight_inputs(self.tracer, node_id):
            if "lora" in name.lower() and self.found.add("lora", node_id, name, group="lora"):
                for strength in self.tracer.inputs(node_id):
                    if strength.startswith("strength"):
                        self.found.add("lora_strength", node_id, strength, group="lora_strength")

    def others(self) -> None:
        """Find the other weights: VAE, text encoders, upscalers, ControlNets."""
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


def weight_inputs(tracer: Tracer, node_id: str) -> list[str]:
    """Return the inputs of a node that name a file of weights."""
    found: list[str] = []
    for name, value in tracer.inputs(node_id).items():
        known = tracer.input(node_id, name)
        if is_link(value) and tracer.literal(node_id, name) is None:
            continue
        if known is not None and known.choices is None:
            continue
        if looks_like_model_file(value) or (known is not None and known.offers_models):
            found.append(name)
    return found
