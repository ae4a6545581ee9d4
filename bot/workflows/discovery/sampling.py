"""Finding samplers, and what they are told: words, seeds, steps, scales."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.workflows.discovery.collect import Finds
from bot.workflows.discovery.texts import (
    Conditioning,
    EncoderText,
    encoder_texts,
    free_texts,
    trace_conditioning,
    twins,
)
from bot.workflows.graph.graph import upstream
from bot.workflows.graph.trace import Place

_SAMPLER_INPUTS = frozenset({"seed", "noise_seed", "steps", "cfg", "sampler_name", "sampler", "sigmas"})
_LONGEST_CHAIN = 50
_MOST_SAMPLERS = 200
"""Samplers looked at; a workflow shows no more parameters than it would have by then."""
_SEED_NAME = re.compile(r"(\w+_)?seed", re.IGNORECASE)
_SAMPLING_NAMES = {
    "steps": "steps",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "denoise": "denoise",
    "denoise_strength": "denoise",
}


@dataclass(slots=True)
class Sampler:
    """A sampler with the nodes that hold its settings."""

    node: str
    guiders: list[str]
    sigmas: list[str]
    noises: list[str]
    conditioning: Conditioning = field(default_factory=Conditioning)

    @property
    def parts(self) -> list[str]:
        return [self.node, *self.guiders, *self.sigmas, *self.noises]


class SamplingFinder:
    """Finds what samplers are told."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer
        self._encoders: dict[str, list[EncoderText]] = {}
        self._told: set[tuple[str, str]] = set()

    def samplers(self) -> list[Sampler]:
        """Return the samplers that will run, the first to run first."""
        live = list(reversed(self.tracer.live))
        found = [self._sampler(node) for node in [n for n in live if self._is_sampler(n)][:_MOST_SAMPLERS]]
        if not found:  # packs with types of their own, and services that sample elsewhere
            alike = [node for node in live if self._looks_like_sampler(node)]
            found = [self._sampler(node) for node in alike[:_MOST_SAMPLERS]]
        for sampler in found:
            for part in (sampler.node, *sampler.guiders):
                trace_conditioning(self.tracer, part, sampler.conditioning)
        return found

    def spoken_to(self, sampler: Sampler) -> bool:
        """Tell whether anybody's words reach a sampler; one without is a tool beside the real one."""
        return any(self._texts_of(encoder) for encoder in sampler.conditioning.positive)

    def _texts_of(self, encoder: str) -> list[EncoderText]:
        if encoder not in self._encoders:
            self._encoders[encoder] = encoder_texts(self.tracer, encoder)
        return self._encoders[encoder]

    def main(self, samplers: list[Sampler]) -> list[Sampler]:
        """Return the samplers people steer: those they speak to, and those that go on with what these made."""
        spoken = [sampler.node for sampler in samplers if self.spoken_to(sampler)]
        if not spoken:
            return samplers
        before = set(upstream(self.tracer.graph, spoken)) - set(spoken)
        return [sampler for sampler in samplers if sampler.node not in before]

    def texts(self, samplers: list[Sampler]) -> None:
        for sampler in samplers:
            for encoder in sampler.conditioning.positive:
                self._encoder(encoder, "prompt")
        for sampler in samplers:
            for encoder in sampler.conditioning.negative:
                if encoder not in sampler.conditioning.positive:
                    self._encoder(encoder, "negative_prompt")
        if not self.found.has("prompt"):
            for text in free_texts(self.tracer):
                role = "negative_prompt" if "negative" in text.input.lower() else "prompt"
                self._text(role, text.place, text.place)

    def _encoder(self, node_id: str, role: str) -> None:
        if (node_id, role) in self._told:
            return
        self._told.add((node_id, role))
        for text in self._texts_of(node_id):
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
        for find in self.found.finds:
            if encoder is not None and find.name == name and find.asked[0] == encoder:
                group = find.group
        if self.found.add(name, *place, group=group, asked=asked if place == asked else place):
            self.found.words |= {place, asked}
        for twin in twins(self.tracer, place):
            if self.found.add(name, *twin, group=group):
                self.found.words.add(twin)

    def settings(self, sampler: Sampler) -> None:
        adds = self.tracer.inputs(sampler.node).get("add_noise")
        noiseless = adds == "disable" or adds is False
        for part in sampler.parts:
            for name in self.tracer.inputs(part):
                if self._is_seed(part, name):
                    if not noiseless:
                        self.found.add("seed", part, name, group="seed")
                elif (standard := self._sampling_name(part, name)) is not None:
                    self.found.add(standard, part, name)
        for encoder in (*sampler.conditioning.positive, *sampler.conditioning.negative):
            self.flagged_seeds([encoder])

    def _sampling_name(self, node_id: str, name: str) -> str | None:
        base = name.rsplit(".", 1)[-1]
        if base.startswith("cfg"):
            return "cfg" if self.tracer.type_of(node_id, name) in {"FLOAT", "INT", "*"} else None
        if base in {"guidance", "guidance_scale"}:
            return "guidance"
        return _SAMPLING_NAMES.get(base)

    def guidance(self, sampler: Sampler) -> None:
        for node_id in sampler.conditioning.passed:
            for name in self.tracer.inputs(node_id):
                if name == "guidance":
                    self.found.add("guidance", node_id, name)
                elif name == "strength" and any(True for _ in self.tracer.links_of(node_id, "CONTROL_NET")):
                    self.found.add("control_strength", node_id, name)

    def _is_seed(self, node_id: str, name: str) -> bool:
        known = self.tracer.input(node_id, name)
        if known is not None:
            return known.seed and name != "value"
        return name in {"seed", "noise_seed"}

    def flagged_seeds(self, nodes: Iterable[str]) -> None:
        for node_id in nodes:
            for name in self.tracer.inputs(node_id):
                if self._is_seed(node_id, name):
                    self.found.add("seed", node_id, name, group="seed")

    def named_seeds(self) -> None:
        """Find seeds by name alone, where no class marks any: some services write `Seed` or `model_seed`."""
        for node_id in self.tracer.live:
            for name in self.tracer.inputs(node_id):
                if _SEED_NAME.fullmatch(name) and self.tracer.type_of(node_id, name) == "INT":
                    self.found.add("seed", node_id, name, group="seed")

    def _is_sampler(self, node_id: str) -> bool:
        tracer = self.tracer
        if any(True for _ in tracer.links_of(node_id, "GUIDER")):
            return True
        if tracer.makes(node_id, "GUIDER") or not _SAMPLER_INPUTS & tracer.inputs(node_id).keys():
            return False
        if tracer.bundles(node_id) and {"steps", "cfg"} <= tracer.inputs(node_id).keys():
            return True
        return any(True for _ in tracer.links_of(node_id, "CONDITIONING")) and any(
            True for _ in tracer.links_of(node_id, "MODEL")
        )

    def _looks_like_sampler(self, node_id: str) -> bool:
        inputs = self.tracer.inputs(node_id)
        return "steps" in inputs and any(self._is_seed(node_id, name) for name in inputs)

    def _sampler(self, node_id: str) -> Sampler:
        def chain(kind: str) -> list[str]:
            starts = [link[0] for _, link in self.tracer.links_of(node_id, kind)]
            found = dict.fromkeys(each for start in starts for each in self.tracer.upstream(start, kind))
            return list(found)[:_LONGEST_CHAIN]

        return Sampler(node_id, chain("GUIDER"), chain("SIGMAS"), chain("NOISE") + chain("SAMPLER"))
