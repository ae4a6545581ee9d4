"""Every question about permission, asked before anything is shown or accepted."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from bot.errors import ClosedError, UserError
from bot.policy.actor import Actor, Card, Place, Rank
from bot.policy.moderation import moderated_guild, refuse_banned
from bot.policy.ports import AuditEntry, Ban, PolicyStore
from bot.policy.roles import admits, concerns
from bot.policy.rules import OWN, GuildRules, Who, read, written
from bot.policy.words import NOTHING, BlockedWords, read_words
from bot.runtime import Clock
from bot.workflows.model.workflow import Workflow

log = logging.getLogger(__name__)
audit_log = logging.getLogger("bot.audit")

PAUSED = "paused"
"""The flag that keeps new jobs from being accepted."""

LONGEST_REASON = 400

NOBODY = Rank()
"""The rank of whoever is not in the guild."""


class Policy:
    """Every method that decides raises `UserError` with one sentence when the answer is no."""

    def __init__(
        self,
        store: PolicyStore,
        *,
        clock: Clock,
        guilds: Collection[int] = (),
        blocked_words: Path | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._guilds = frozenset(guilds)
        self._file = blocked_words
        self._rules: dict[int, GuildRules] = {}
        self._deciding = asyncio.Lock()
        self._words: BlockedWords = NOTHING

    async def open(self) -> None:
        """Read the blocked words; raises `ConfigError` that names a bad line."""
        if self._file is not None:
            self._words = await asyncio.to_thread(read_words, self._file)

    @property
    def blocks_words(self) -> bool:
        """Whether there are words that may not be asked for."""
        return bool(self._words)

    def serves(self, guild_id: int | None) -> bool:
        """Whether the bot works in this guild at all."""
        return guild_id is not None and (not self._guilds or guild_id in self._guilds)

    async def may_use(self, actor: Actor, place: Place) -> None:
        """Refuse outside servers, in servers not served, and to banned people."""
        if place.guild_id is None:
            raise ClosedError("This works only in a server, not in direct messages.")
        if not self.serves(place.guild_id):
            raise ClosedError("This bot is not available in this server.")
        await refuse_banned(self._store, actor, place.guild_id)

    async def may_generate(
        self,
        actor: Actor,
        place: Place,
        *,
        texts: Iterable[str] = (),
        negative: Iterable[str] = (),
        nsfw: bool = False,
        priority: bool = False,
    ) -> None:
        """Refuse a new job: all of `may_use`, and the pause, the channel's age, priority and blocked words.

        `texts` are the text values of the request, `negative` those of them that say what is not wanted, `nsfw` says
        that its workflow is marked so.
        """
        await self.may_use(actor, place)
        if await self.paused():
            raise ClosedError(
                "The bot is paused and takes no new jobs at the moment. Please try again later."
            )
        if nsfw and not place.nsfw:
            raise UserError("This workflow can only be used in an age-restricted channel.").about("workflow")
        if priority and not actor.may_moderate:
            raise UserError("Only moderators can use `priority`. Leave it out to join the queue.").about(
                "priority"
            )
        try:
            # All that was written is searched; many long texts take longer than the loop should stand still.
            await asyncio.to_thread(self.may_say, tuple(texts), tuple(negative))
        except UserError:
            log.info("user %s: blocked word in a request", actor.user_id)
            raise

    def may_say(self, texts: Iterable[str], negative: Iterable[str] = ()) -> None:
        """Refuse texts with a blocked word in them, and negative prompts with a word that is blocked there too."""
        if (word := self._words.found(texts, negative=negative)) is not None:
            raise UserError("“{word}” is not allowed here. Please rephrase it.", word=word)

    async def rules(self, guild_id: int | None) -> GuildRules:
        """Return what a server has decided; read once, for all of a server's presses come to one process."""
        if guild_id is None:
            return GuildRules()
        if guild_id not in self._rules:
            kept = read(await self._store.flag(_rules_of(guild_id)))
            # A decision made while this was read is newer.
            self._rules.setdefault(guild_id, kept)
        return self._rules[guild_id]

    async def decide(self, actor: Actor, change: Callable[[GuildRules], GuildRules]) -> GuildRules:
        """Change what the actor's server has decided, from now on; moderators only; returns the rules as they are."""
        guild_id = await moderated_guild(self._store, actor)
        async with self._deciding:
            text = written(change(await self.rules(guild_id)))
            entry = self._entry(actor, "rules", guild_id, detail=text or "usual")
            if await self._store.set_flag(_rules_of(guild_id), text, entry):
                _tell(entry)
            self._rules[guild_id] = read(text)
        return self._rules[guild_id]

    async def may_moderate_guild(self, actor: Actor, place: Place) -> None:
        """Refuse what acts on the whole guild to all but its moderators, by their roles: a channel's rights do not count."""
        await self.may_use(actor, place)
        if not actor.may_moderate:
            raise UserError("Only moderators can do this.")

    async def may_operate(self, actor: Actor, place: Place) -> None:
        """Refuse what acts on the bot itself to all but the people who run it."""
        await self.may_use(actor, place)
        if not actor.operator:
            raise UserError("Only the people who run the bot can do this.")

    def admits(self, actor: Actor, workflow: Workflow) -> bool:
        """Whether a workflow is for this person: for all, for one of their roles, or they are an operator."""
        return admits(actor, workflow.roles)

    def concerns(self, workflow: Workflow, guild_id: int | None, guild_roles: frozenset[int]) -> bool:
        """Whether a workflow is for anybody of this guild at all."""
        return concerns(guild_id, guild_roles, workflow.roles)

    def may_use_workflow(self, actor: Actor, workflow: Workflow) -> None:
        """Refuse a workflow that is for roles the person does not have."""
        if not self.admits(actor, workflow):
            raise UserError("“{workflow}” is for certain roles only.", workflow=workflow.name).about(
                "workflow"
            )

    async def may_act_on_card(self, actor: Actor, place: Place, action: str, card: Card) -> None:
        """Refuse what somebody may not do with a job, by the rights they have in the job's channel and the guild's rules.

        Moderators of the guild may also cancel what they cannot see. An action that is not known is refused to all.
        """
        who = (await self.rules(card.guild_id)).may(action)
        if who is None:
            raise UserError("This button no longer works.")
        if action in OWN and actor.user_id == card.owner and place.guild_id in {card.guild_id, None}:
            return
        if place.guild_id not in {card.guild_id, None}:
            raise UserError("This job belongs to another server.")
        await self.may_use(actor, place)
        moderates = card.moderated or actor.operator or (action == "cancel" and actor.may_moderate)
        if not card.visible and not (action == "cancel" and moderates):
            if card.private:
                raise UserError("This job is private.")
            raise UserError("This job was made in a channel that you cannot see.")
        if _is_for(actor, who, card.owner, moderates=moderates):
            return
        if who is Who.MODERATORS:
            raise UserError("Only moderators can do this.")
        raise UserError("Only the person who asked for this, or a moderator, can do that.")

    async def may_go_on_from_file(self, actor: Actor, cards: Iterable[Card]) -> None:
        """Refuse a file that is a result of these jobs of a guild, where none of their cards lets the actor go on from it."""
        whose: Who | None = None
        for card in cards:
            whose = (await self.rules(card.guild_id)).going_on
            if _is_for(actor, whose, card.owner, moderates=card.moderated or actor.operator):
                return
        if whose is Who.MODERATORS:
            raise UserError("This was made here, and only moderators can go on from it.")
        if whose is not None:
            raise UserError(
                "This was made here: only the person who asked for it, or a moderator, can go on from it."
            )

    def may_undo(self, actor: Actor, *, by: int) -> None:
        """Refuse to bring back what somebody else has deleted."""
        if actor.user_id != by:
            raise UserError("Only the person who deleted this can undo it.")

    def may_act_against(self, actor: Actor, other: Rank) -> None:
        """Refuse to moderate somebody who stands as high or higher."""
        # Whoever gets here moderates at least the channel in question.
        if not replace(actor.rank, moderator=True) > other:
            raise UserError("You can only do this to people whose highest role is below yours.")

    async def ban(self, actor: Actor, user_id: int, *, rank: Rank = NOBODY, reason: str = "") -> None:
        """Keep a person of this rank from making pictures in the actor's guild; for moderators who stand higher."""
        guild_id = await moderated_guild(self._store, actor)
        if user_id == actor.user_id:
            raise UserError("You cannot ban yourself.")
        if rank.operator:
            raise UserError("The people who run the bot cannot be banned from it.")
        self.may_act_against(actor, rank)
        reason = reason[:LONGEST_REASON]
        entry = self._entry(actor, "ban", guild_id, str(user_id), reason)
        ban = Ban(guild_id=guild_id, user_id=user_id, by=actor.user_id, at=entry.at, reason=reason)
        await self._store.ban(ban, entry)
        _tell(entry)

    async def unban(self, actor: Actor, user_id: int) -> None:
        """Let a person make pictures again; moderators only; raises `UserError` if not banned."""
        guild_id = await moderated_guild(self._store, actor)
        entry = self._entry(actor, "unban", guild_id, str(user_id))
        if not await self._store.unban(guild_id, user_id, entry):
            raise UserError("This person is not banned here.")
        _tell(entry)

    async def bans(self, guild_id: int) -> tuple[Ban, ...]:
        """Return who is banned in a guild, newest first."""
        return await self._store.bans(guild_id)

    async def pause(self, actor: Actor, *, reason: str = "") -> None:
        """Accept no new jobs anywhere until `resume`; operators only; survives a restart."""
        self._operators_only(actor)
        reason = reason[:LONGEST_REASON]
        entry = self._entry(actor, "pause", actor.guild_id, detail=reason)
        if await self.paused() or not await self._store.set_flag(PAUSED, reason or "yes", entry):
            raise UserError("The bot is already paused.")
        _tell(entry)

    async def resume(self, actor: Actor) -> None:
        """Accept new jobs again; operators only; raises `UserError` if not paused."""
        self._operators_only(actor)
        entry = self._entry(actor, "resume", actor.guild_id)
        if not await self._store.set_flag(PAUSED, None, entry):
            raise UserError("The bot is not paused.")
        _tell(entry)

    async def paused(self) -> bool:
        """Whether new jobs are refused everywhere."""
        return await self._store.flag(PAUSED) is not None

    async def note_forgotten(self, guild_id: int | None) -> None:
        """Record that somebody of a guild was forgotten; nobody is named."""
        entry = AuditEntry(at=self._clock.now(), actor_id=0, action="forget me", guild_id=guild_id)
        await self._store.record(entry)

    async def note(self, actor: Actor, action: str, *, subject: str = "", detail: str = "") -> None:
        """Record a moderation act that happens elsewhere, such as cancelling somebody else's job."""
        entry = self._entry(actor, action, actor.guild_id, subject, detail[:LONGEST_REASON])
        await self._store.record(entry)
        _tell(entry)

    async def audit(self, guild_id: int | None, *, limit: int = 20) -> tuple[AuditEntry, ...]:
        """Return the newest moderation acts of a guild (None: everywhere), newest first."""
        return await self._store.audit(guild_id, limit)

    def _operators_only(self, actor: Actor) -> None:
        if not actor.operator:
            raise UserError("Only the people who run the bot can do this.")

    def _entry(
        self, actor: Actor, action: str, guild_id: int | None, subject: str = "", detail: str = ""
    ) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor_id=actor.user_id,
            action=action,
            guild_id=guild_id,
            subject=subject,
            detail=detail,
        )


def _is_for(actor: Actor, who: Who, owner: int, *, moderates: bool) -> bool:
    return who is Who.ANYONE or moderates or (who is Who.OWNER and actor.user_id == owner)


def _rules_of(guild_id: int) -> str:
    return f"rules:{guild_id}"


def _tell(entry: AuditEntry) -> None:
    audit_log.info(
        "%s by user %s in guild %s: subject %r, %r",
        entry.action,
        entry.actor_id,
        entry.guild_id,
        entry.subject,
        entry.detail,
    )
