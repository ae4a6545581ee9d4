"""Finding the places of a graph that a person may want to fill, by what they do to its outputs."""

from bot.workflows.discovery.attached import AttachedFinder
from bot.workflows.discovery.collect import Find, Finds
from bot.workflows.discovery.sampling import SamplingFinder
from bot.workflows.discovery.sizes import SizeFinder
from bot.workflows.discovery.weights import WeightFinder
from bot.workflows.graph.trace import Place, Tracer


def find_places(tracer: Tracer) -> tuple[list[Find], list[list[str]], frozenset[Place]]:
    """Return what was found, for each sampler the nodes its model comes through, the loader last, and the words' inputs."""
    found = Finds(tracer)
    sampling, weights, sizes = SamplingFinder(found), WeightFinder(found), SizeFinder(found)
    samplers = sampling.samplers()
    sampling.texts(samplers)
    main = sampling.main(samplers)
    for sampler in main:
        sampling.settings(sampler)
        weights.model(sampler)
        sampling.guidance(sampler)
    stops = frozenset(sampler.node for sampler in samplers)
    for sampler in main:
        sizes.latent(sampler, stops)
    for node_id in (node_id for chain in weights.chains for node_id in chain):
        sizes.same_size(node_id)
    if not samplers:
        sampling.flagged_seeds(tracer.live)
        if not found.has("seed"):
            sampling.named_seeds()
    sizes.elsewhere()
    AttachedFinder(found).files()
    sizes.rates()
    weights.others()
    return found.finds, weights.chains, frozenset(found.words)
