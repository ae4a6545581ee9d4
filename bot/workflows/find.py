"""Finding the places of a graph that a person may want to fill, by what they do to its outputs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.workflows.graph import class_of, is_link
from bot.workflows.schema import looks_like_model_file
from bot.workflows.texts import Conditioning, encoder_texts, free_texts, trace_conditioning
from bot.workflows.trace import Place, Tracer

_SAMPLER_INPUTS = frozenset({"seed", "noise_seed", "steps", "cfg", "sampler_name", "sampler", "sigmas"})
_LENGTHS = frozenset({"length", "num_frames", "frames", "video_frames", "video_length", "frame_count"})
_SECONDS = frozenset({"seconds", "seconds_total", "duration"})
_RATES = frozenset({"fps", "frame_rate"})
_SAMPLING_NAMES = {
    "steps": "steps",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "denoise": "denoise",
    "denoise_strength": "denoise",
}
_NUMBERS = frozenset({
    "seed", "steps", "cfg", "guidance", "denoise", "width", "height", "batch", "length", "fps", "seconds",
    "lora_strength", "control_strength",
})  # fmt: skip
_MODEL_TYPES = ("MODEL",)


@dataclass(frozen=True, slots=True)
class Find:
    """One place that does what a standard parameter is for."""

    name: str
    place: Place
    """Where the literal stands."""
    asked: Place
    """The input that takes the value; its class knows type and range."""
    group: object = None
    """Finds of one name with equal groups make one parameter."""
    optional: bool = False
    """Whether it is something another parameter brings along anyway."""


@dataclass(slots=True)
class _Sampler:
    node: str
    guiders: list[str]
    sigmas: list[str]
    noises: list[str]
    conditioning: Conditioning = field(default_factory=Conditioning)

    @property
    def parts(self) -> list[str]:
        return [self.node, *self.guiders, *self.sigmas, *self.noises]


class Finder:
    """Collects the finds of one graph."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.finds: list[Find] = []
        self._placed: dict[Place, str] = {}
        self._loaders: set[str] = set()
        self.model_chains: list[list[str]] = []
        """For each sampler, the nodes its model comes through, the loader last."""

    def run(self) -> list[Find]:
        samplers = [self._sampler(node) for node in reversed(self.tracer.live) if self._is_sampler(node)]
        for sampler in samplers:
            for part in (sampler.node, *sampler.guiders):
                trace_conditioning(self.tracer, part, sampler.conditioning)
        self._texts(samplers)
        spoken = [s for s in samplers if any(encoder_texts(self.tracer, e) for e in s.conditioning.positive)]
        main = spoken or samplers  # a sampler that nobody's words reach is a tool beside the real one
        stops = frozenset(s.node for s in samplers)
        for sampler in main:
            self._sampling(sampler)
            self._model(sampler)
            self._guidance(sampler)
        for sampler in main:
            self._latent(sampler, stops)
        if not any(find.name == "seed" for find in self.finds):
            self._flagged_seeds(self.tracer.live if not samplers else [])
        self._sizes_elsewhere()
        self._uploads()
        self._everywhere()
        self._weights()
        return self.finds

    # --- adding

    def _add(
        self, name: str, node_id: str, input_: str, *, group: object = None, asked: Place | None = None
    ) -> bool:
        place = self.tracer.literal(node_id, input_)
        if place is None:
            return False
        if self._placed.get(place, name) != name:
            return False
        if any(find.name == name and find.place == place for find in self.finds):
            return True
        value = self.tracer.value(place)
        if isinstance(value, bool) or isinstance(value, str) is (name in _NUMBERS):
            return False
        self._placed[place] = name
        self.finds.append(Find(name, place, asked or (node_id, input_), value if group is None else group))
        return True

    # --- samplers

    def _is_sampler(self, node_id: str) -> bool:
        tracer = self.tracer
        if any(True for _ in tracer.links_of(node_id, "GUIDER")):
            return True
        if tracer.makes(node_id, "GUIDER") or not _SAMPLER_INPUTS & tracer.inputs(node_id).keys():
            return False
        return any(True for _ in tracer.links_of(node_id, "CONDITIONING")) and any(
            True for _ in tracer.links_of(node_id, "MODEL")
        )

    def _sampler(self, node_id: str) -> _Sampler:
        def chain(kind: str) -> list[str]:
            starts = [link[0] for _, link in self.tracer.links_of(node_id, kind)]
            return list(dict.fromkeys(each for start in starts for each in self.tracer.upstream(start, kind)))

        return _Sampler(node_id, chain("GUIDER"), chain("SIGMAS"), chain("NOISE") + chain("SAMPLER"))

    def _sampling(self, sampler: _Sampler) -> None:
        noiseless = self.tracer.inputs(sampler.node).get("add_noise") in {"disable", False}
        for part in sampler.parts:
            for name in self.tracer.inputs(part):
                if self._is_seed(part, name):
                    if not noiseless:
                        self._add("seed", part, name, group="seed")
                elif (standard := self._sampling_name(part, name)) is not None:
                    self._add(standard, part, name)
        for encoder in (*sampler.conditioning.positive, *sampler.conditioning.negative):
            self._flagged_seeds([encoder])

    def _sampling_name(self, node_id: str, name: str) -> str | None:
        base = name.rsplit(".", 1)[-1]
        if base.startswith("cfg"):
            return "cfg" if self.tracer.type_of(node_id, name) in {"FLOAT", "INT", "*"} else None
        return _SAMPLING_NAMES.get(base)

    def _is_seed(self, node_id: str, name: str) -> bool:
        known = self.tracer.input(node_id, name)
        if known is not None:
            return known.seed and name != "value"
        return name in {"seed", "noise_seed"}

    def _flagged_seeds(self, nodes: Iterable[str]) -> None:
        for node_id in nodes:
            for name in self.tracer.inputs(node_id):
                if self._is_seed(node_id, name):
                    self._add("seed", node_id, name, group="seed")

    # --- words

    def _texts(self, samplers: list[_Sampler]) -> None:
        for sampler in samplers:
            for encoder in sampler.conditioning.positive:
                self._encoder(encoder, "prompt")
        for sampler in samplers:
            for encoder in sampler.conditioning.negative:
                if encoder not in sampler.conditioning.positive:
                    self._encoder(encoder, "negative_prompt")
        if not any(find.name == "prompt" for find in self.finds):
            for text in free_texts(self.tracer):
                role = "negative_prompt" if "negative" in text.input.lower() else "prompt"
                self._text(role, text.place, text.place)

    def _encoder(self, node_id: str, role: str) -> None:
        for text in encoder_texts(self.tracer, node_id):
            base = text.input.rsplit(".", 1)[-1].lower()
            if base == "lyrics":
                self._text("lyrics", text.place, (node_id, text.input))
            elif "negative" in base:
                self._text("negative_prompt", text.place, (node_id, text.input))
            else:  # every text of one encoder is the same person's text, as Flux's two are
                self._text(role, text.place, (node_id, text.input), encoder=node_id)

    def _text(self, name: str, place: Place, asked: Place, *, encoder: str | None = None) -> None:
        value = self.tracer.value(place)
        if not isinstance(value, str):
            return
        group: object = value
        for find in self.finds:
            if encoder is not None and find.name == name and find.asked[0] == encoder:
                group = find.group
        self._add(name, *place, group=group, asked=asked if place == asked else place)

    def _guidance(self, sampler: _Sampler) -> None:
        for node_id in sampler.conditioning.passed:
            for name in self.tracer.inputs(node_id):
                if name == "guidance":
                    self._add("guidance", node_id, name)
                elif name == "strength" and any(True for _ in self.tracer.links_of(node_id, "CONTROL_NET")):
                    self._add("control_strength", node_id, name)

    # --- the model and what is put on it

    def _model(self, sampler: _Sampler) -> None:
        for part in sampler.parts:
            for _, (start, _slot) in self.tracer.links_of(part, *_MODEL_TYPES):
                chain = self.tracer.upstream(start, *_MODEL_TYPES)
                if chain not in self.model_chains:
                    self.model_chains.append(chain)
                for node_id in chain:
                    self._model_node(node_id)
            for name in self.tracer.inputs(part):
                if self.tracer.type_of(part, name) in _MODEL_TYPES:
                    for node_id in self.tracer.every_branch(part, name, *_MODEL_TYPES):
                        self._loras_of(node_id)

    def _model_node(self, node_id: str) -> None:
        linked = any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES))
        files = self.weight_inputs(node_id)
        if linked:
            self._loras_of(node_id)
        elif files:
            self._loaders.add(node_id)
            self._add("model", node_id, files[0])

    def _loras_of(self, node_id: str) -> None:
        if not any(True for _ in self.tracer.links_of(node_id, *_MODEL_TYPES)):
            return
        for name in self.weight_inputs(node_id):
            if "lora" in name.lower() and self._add("lora", node_id, name, group="lora"):
                for strength in self.tracer.inputs(node_id):
                    if strength.startswith("strength"):
                        self._add("lora_strength", node_id, strength, group="lora_strength")

    def weight_inputs(self, node_id: str) -> list[str]:
        """Return the inputs of a node that name a file of weights."""
        found: list[str] = []
        for name, value in self.tracer.inputs(node_id).items():
            known = self.tracer.input(node_id, name)
            if is_link(value) and self.tracer.literal(node_id, name) is None:
                continue
            if known is not None and known.choices is None:
                continue
            if looks_like_model_file(value) or (known is not None and known.offers_models):
                found.append(name)
        return found

    def _weights(self) -> None:
        """Find the other weights: VAE, text encoders, upscalers, ControlNets."""
        kinds = (("VAE", "vae"), ("CLIP", "text_encoder"), ("CONTROL_NET", "control_model"))
        for node_id in self.tracer.live:
            if node_id in self._loaders or any(
                True for _ in self.tracer.links_of(node_id, "MODEL", "CLIP", "VAE")
            ):
                continue
            files = self.weight_inputs(node_id)
            for kind, name in kinds:
                if files and self.tracer.makes(node_id, kind):
                    for file in files:
                        self._add(name, node_id, file)
                    break
            else:
                if files and self.tracer.makes(node_id, "UPSCALE_MODEL"):
                    has_model = any(find.name == "model" for find in self.finds)
                    self._add("upscale_model" if has_model else "model", node_id, files[0])

    # --- size and length

    def _latent(self, sampler: _Sampler, stops: frozenset[str]) -> None:
        for _, (start, _slot) in self.tracer.links_of(sampler.node, "LATENT"):
            for node_id in self.tracer.upstream(start, "LATENT", stop=stops):
                if node_id not in stops:
                    self._latent_node(node_id)
        for node_id in (n for chain in self.model_chains for n in chain):
            self._same_size(node_id)

    def _latent_node(self, node_id: str) -> None:
        inputs = self.tracer.inputs(node_id)
        if any(True for _ in self.tracer.links_of(node_id, "LATENT")):
            if class_of(self.tracer.graph, node_id) == "RepeatLatentBatch":
                self._add("batch", node_id, "amount")
            return
        self._size(node_id)
        if "batch_size" in inputs:
            self._add("batch", node_id, "batch_size")
        for name in inputs:
            if name in _LENGTHS:
                self._add("length", node_id, name)
            elif name in _SECONDS:
                self._add("seconds", node_id, name)

    def _size(self, node_id: str) -> None:
        width, height = self.tracer.literal(node_id, "width"), self.tracer.literal(node_id, "height")
        pair = tuple(self.tracer.value(each) if each else None for each in (width, height))
        for name, place in (("width", width), ("height", height)):
            if place is not None and _is_size(self.tracer.value(place)):
                self._add(name, node_id, name, group=pair)

    def _same_size(self, node_id: str) -> None:
        """Add a size repeated beside the latent's, as the schedules of some models want it."""
        places = [self.tracer.literal(node_id, name) for name in ("width", "height")]
        pair = tuple(self.tracer.value(each) if each else None for each in places)
        if any(find.name == "width" and find.group == pair for find in self.finds):
            self._size(node_id)

    def _sizes_elsewhere(self) -> None:
        """Where no latent owns the size, the node that resizes the picture does."""
        if any(find.name in {"width", "height"} for find in self.finds):
            return
        for node_id in reversed(self.tracer.live):
            inputs = self.tracer.inputs(node_id)
            if {"width", "height"} <= inputs.keys() and not {"x", "y"} & inputs.keys():
                self._size(node_id)

    # --- files people attach

    def _uploads(self) -> None:
        for node_id in sorted(self.tracer.live, key=list(self.tracer.graph).index):
            for name, value in self.tracer.inputs(node_id).items():
                if not isinstance(value, str):
                    continue
                match self._upload_kind(node_id, name):
                    case "image":
                        self._image(node_id, name)
                    case "video" | "audio" as kind:
                        self._add(kind, node_id, name, group=(node_id, name))
                    case _:
                        pass

    def _upload_kind(self, node_id: str, name: str) -> str | None:
        schema = self.tracer.schema(node_id)
        if schema is not None:
            known = schema.inputs.get(name)
            return known.upload if known else None
        class_type = class_of(self.tracer.graph, node_id).lower()
        if "load" not in class_type:
            return None
        if name in {"image", "video", "audio"} and name in class_type:
            return name
        return "video" if name == "file" and "video" in class_type else None

    def _image(self, node_id: str, name: str) -> None:
        group = (node_id, name)
        mask, image = self._used_as(node_id)
        if image or not mask:
            self._add("image", node_id, name, group=group)
            if self._mask_of_its_own(node_id):  # the same file brings both: its transparency is the mask
                self.finds.append(Find("mask", (node_id, name), (node_id, name), group, optional=True))
        else:
            self._add("mask", node_id, name, group=group)

    def _used_as(self, node_id: str) -> tuple[bool, bool]:
        """Tell whether a loaded picture ends as a mask, and whether it ends as a picture."""
        mask = image = False
        stack, seen = [node_id], {node_id}
        while stack:
            source = stack.pop()
            for reader, name, slot in self.tracer.readers(source):
                if (
                    self.tracer.type_of(reader, name) == "MASK"
                    or self.tracer.output_type((source, slot)) == "MASK"
                ):
                    mask = True
                elif not self._only_reshapes(reader):
                    image = True
                elif not self.tracer.makes(reader, "IMAGE"):
                    mask = True
                elif reader not in seen:
                    seen.add(reader)
                    stack.append(reader)
        return mask, image

    def _mask_of_its_own(self, node_id: str) -> bool:
        readers = self.tracer.readers(node_id)
        return any(self.tracer.output_type((node_id, slot)) == "MASK" for _, _, slot in readers) or any(
            slot == 1 and self.tracer.type_of(reader, name) == "MASK" for reader, name, slot in readers
        )

    def _only_reshapes(self, node_id: str) -> bool:
        """Tell whether a node takes one picture and nothing else, and gives a picture or a mask."""
        links = [name for name in self.tracer.inputs(node_id) if self.tracer.link(node_id, name) is not None]
        schema = self.tracer.schema(node_id)
        kinds = {kind for _, kind in schema.outputs} if schema else set[str]()
        return len(links) == 1 and bool(kinds) and kinds <= {"IMAGE", "MASK"}

    # --- the rest

    def _everywhere(self) -> None:
        order = sorted(self.tracer.live, key=lambda each: not self.tracer.makes(each, "VIDEO"))
        for node_id in order:
            for name in self.tracer.inputs(node_id):
                if name in _RATES:
                    self._add("fps", node_id, name)
        if not any(find.name == "seconds" for find in self.finds):
            for node_id in self.tracer.live:
                for name in _SECONDS & self.tracer.inputs(node_id).keys():
                    self._add("seconds", node_id, name)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
