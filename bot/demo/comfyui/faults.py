"""The knobs that make the stand-in misbehave, for the tests of those who must live with a real server."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket message on its way to a socket; `kind` is its type, "preview" for a picture."""

    kind: str
    payload: str | bytes
    sid: str
    prompt_id: str | None = None


class FaultAction(StrEnum):
    """What happens to a matching request."""

    RESET = "reset"  # the connection is cut before anything is done
    STATUS = "status"  # refused with `status` and `text`, nothing is done
    HANG = "hang"  # never answered, nothing is done
    DELAY = "delay"  # done and answered after `seconds`
    LATE = "late"  # done at once, but answered only after `seconds`
    LOSE_ANSWER = "lose_answer"  # done, then the connection is cut instead of an answer
    HALF_BODY = "half_body"  # done, but the answer breaks off in the middle
    NAN = "nan"  # done, a JSON object in the answer gets a bare NaN and Infinity
    GARBAGE = "garbage"  # done, the answer says JSON but is not


@dataclass(slots=True)
class HttpFault:
    """One rule: requests with this method ("*" for any) and path (a glob, without `/api`) go wrong `times` times.

    `times=None` means until the rule is taken away.
    """

    match: tuple[str, str]
    action: FaultAction | str
    times: int | None = 1
    status: int = 500
    text: str = "500 Internal Server Error\n\nServer got itself in trouble"
    seconds: float = 0.0

    def applies(self, method: str, path: str) -> bool:
        """Tell whether this request is hit."""
        wanted_method, pattern = self.match
        spent = self.times is not None and self.times <= 0
        return not spent and wanted_method in ("*", method) and fnmatchcase(path, pattern)


FrameFault = Callable[[Frame], Iterable[Frame]]


@dataclass(slots=True)
class Faults:
    """Everything that can go wrong; change any of it at any time.

    http: rules for requests, the first that matches is taken.
    slow: seconds added to every request.
    frames: gets every frame just before it is sent and returns those to send instead.
    deaf: sockets stay registered and open, but get no frame after the first `status`.
    half_open: new sockets are accepted, and then never another byte comes, not even an answer to a ping.
    refuse_sockets: the WebSocket handshake is answered with this status instead.
    dead_worker: the next job that starts stays "running" for ever; only a restart helps.
    forget_history: jobs that end leave no history entry.
    missing_outputs: `/view` answers 404 for everything.
    out_of_memory: so many jobs fail for want of memory at their first working node.
    blocked: so many jobs succeed without outputs because every branch was blocked.
    left_out: so many prompts are taken without one of their outputs, as where one branch is not valid: the answer is
        200 all the same, with `node_errors`. The only output of a prompt is not left out.
    hold_after: samplers of all jobs but the first so many wait after their first step until this is None again;
        an interrupt ends them all the same.
    """

    http: list[HttpFault] = field(default_factory=list[HttpFault])
    slow: float = 0.0
    frames: FrameFault | None = None
    deaf: bool = False
    half_open: bool = False
    refuse_sockets: int | None = None
    dead_worker: bool = False
    forget_history: bool = False
    missing_outputs: bool = False
    out_of_memory: int = 0
    blocked: int = 0
    left_out: int = 0
    hold_after: int | None = None

    def take_http(self, method: str, path: str) -> HttpFault | None:
        """Return the rule for this request and count it as used."""
        for fault in self.http:
            if fault.applies(method, path):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def holds(self, begun: int) -> bool:
        """Tell whether the job that was begun as the `begun`-th is to wait."""
        return self.hold_after is not None and begun > self.hold_after

    def take_out_of_memory(self) -> bool:
        """Tell whether the job that starts now runs out of memory, and count it."""
        if self.out_of_memory <= 0:
            return False
        self.out_of_memory -= 1
        return True

    def take_blocked(self) -> bool:
        """Tell whether the job that starts now is blocked, and count it."""
        if self.blocked <= 0:
            return False
        self.blocked -= 1
        return True

    def take_left_out(self) -> bool:
        """Tell whether the prompt posted now loses an output, and count it."""
        if self.left_out <= 0:
            return False
        self.left_out -= 1
        return True


def unreliable(
    seed: int, *, lose: float = 0.0, duplicate: float = 0.0, reorder: float = 0.0, garble: float = 0.0
) -> FrameFault:
    """Return a frame fault that loses, repeats, swaps and garbles frames with these probabilities, repeatably."""
    dice = random.Random(seed)
    held: list[Frame] = []

    def apply(frame: Frame) -> list[Frame]:
        if dice.random() < lose:
            return []
        if dice.random() < garble:
            frame = garbled(frame)
        out = [frame, frame] if dice.random() < duplicate else [frame]
        if dice.random() < reorder:
            held.extend(out)
            return []
        out.extend(held)
        held.clear()
        return out

    return apply


def garbled(frame: Frame) -> Frame:
    """Return the frame with its second half missing: no longer JSON, no longer a whole picture."""
    return replace(frame, payload=frame.payload[: len(frame.payload) // 2])
