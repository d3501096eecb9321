"""What each kind of fault does to an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from provisioning.simulation.faults import FaultRule
from provisioning.simulation.messages import JSON, Response


class Wire(Protocol):
    """A connection on which one request waits for its answer."""

    def reply(self, response: Response) -> None: ...
    def reply_half(self, response: Response) -> None: ...
    def refuse(self, message: str) -> None: ...
    def send_raw(self, data: bytes) -> None: ...
    def reset(self) -> None: ...
    def pause(self, seconds: float) -> None: ...
    def hang(self, seconds: float | None) -> None: ...


Act = Callable[[], Response]
Effect = Callable[[Wire, FaultRule, Act], None]

GARBAGE = b'\x00\xfe\xff{"success":tru\x1f\x8b not json'
NOT_HTTP = b"\x15\x03\x01\x00\x02\x02\x28 this is not HTTP\r\n\r\n"
DELAY = 1.0


def strike(wire: Wire, rule: FaultRule, act: Act) -> None:
    """Answer, or fail to, as the rule says."""
    if rule.applies:
        done = act()
        EFFECTS[rule.effect](wire, rule, lambda: done)
    else:
        EFFECTS[rule.effect](wire, rule, act)


def _status(wire: Wire, rule: FaultRule, act: Act) -> None:
    body = rule.body or f"<html><body><h1>{rule.status}</h1></body></html>"
    wire.reply(Response(rule.status, body.encode(), rule.content_type))


def _hang(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.hang(rule.seconds)


def _delay(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.pause(DELAY if rule.seconds is None else rule.seconds)
    wire.reply(act())


def _close(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.reset()


def _garbage(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.reply(Response(200, GARBAGE, JSON))


def _bad_http(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.send_raw(NOT_HTTP)


def _empty(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.reply(Response(200, b"", JSON))


def _truncated(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.reply_half(act())


def _refusal(wire: Wire, rule: FaultRule, act: Act) -> None:
    wire.refuse(rule.message)


EFFECTS: dict[str, Effect] = {
    "status": _status,
    "hang": _hang,
    "delay": _delay,
    "close": _close,
    "garbage": _garbage,
    "bad-http": _bad_http,
    "empty": _empty,
    "truncated": _truncated,
    "refusal": _refusal,
}
