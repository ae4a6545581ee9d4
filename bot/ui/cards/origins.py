"""What a card says of the picture its job goes on from."""

from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.jobs.model.request import Origin, OriginKind


def origin_line(job: Job, lang: Language) -> str:
    """Say in one line what was done with which picture; empty where the job goes on from none."""
    origin = job.request.origin
    if origin is None:
        return ""
    source = _source(job, origin, lang)
    match origin.kind:
        case OriginKind.PICTURE:
            return lang.t("A variation of {source}: the picture itself, changed a little", source=source)
        case OriginKind.VARIATION_SEED:
            return lang.t(
                "A variation of {source}: its seed, mixed with a little of another one", source=source
            )
        case OriginKind.SEED:
            return lang.t("A variation of {source}: the same settings with another seed", source=source)
        case OriginKind.UPSCALE:
            return lang.t("Upscaled from {source}", source=source)
        case OriginKind.USE:
            return lang.t("Made from {source}", source=source)


def _source(job: Job, origin: Origin, lang: Language) -> str:
    """Name the picture, but for one of another channel: not everybody who sees this card may see that one."""
    if origin.job is None:
        name = lang.t("a picture in a message")
    elif not _is_known_here(job, origin):
        return lang.t("an earlier picture")
    elif origin.ordinal is None:
        name = f"#{origin.job}"
    else:
        name = lang.t("#{number}, picture {ordinal}", number=origin.job, ordinal=origin.ordinal)
    return f"[{name}]({origin.address})" if origin.address else name


def _is_known_here(job: Job, origin: Origin) -> bool:
    """Whether whoever sees the job may see that picture too: it stands in the same channel, or only its owner looks."""
    if job.request.private:
        return True
    return origin.address is not None and f"/{job.request.requester.channel_id}/" in origin.address
