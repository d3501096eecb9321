"""The guide of one service: everything is asked at once, under one deadline, then judged."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from config import clock
from provisioning.contract.dns import DnsExpectations
from provisioning.dnsguide import checks, memory, panels
from provisioning.dnsguide.answers import Answer, Answers, Outcome, Question, ask
from provisioning.dnsguide.cards import Card, Status
from provisioning.dnsguide.resolver import resolver_from_settings

DEADLINE_SECONDS = 5.0
MAX_THREADS = 16


@dataclass(frozen=True, kw_only=True)
class Guide:
    """`as_of` is the oldest answer shown; None when DNS answered nothing at all.

    `refreshed` False after a forced refresh means the cool-down held it back.
    """

    domain: str
    cards: tuple[Card, ...]
    as_of: datetime | None
    name_servers: tuple[str, ...]
    panel: panels.Panel
    refreshed: bool = False


def read(expected: DnsExpectations, *, refresh: bool = False) -> Guide:
    """Kept answers where there are any, DNS for the rest. Takes at most the deadline.

    `refresh` asks everything anew, unless the domain was refreshed within the cool-down.
    """
    asked = _questions(expected)
    refreshed = refresh and memory.may_refresh(expected.domain)
    kept = {} if refreshed else memory.recall(asked)
    new = _gather([question for question in asked if question not in kept])
    memory.remember(new)
    return _guide(expected, {**kept, **new}, refreshed=refreshed)


def peek(expected: DnsExpectations) -> Guide:
    """Only what is kept: never waits for DNS. A card that lacks an answer is still "checking"."""
    kept = memory.recall(_questions(expected))
    answers = {question: _nothing(question, _("not asked")) for question in _questions(expected)}
    guide = _guide(expected, {**answers, **kept})
    return replace(guide, cards=tuple(_unasked(card) for card in guide.cards))


def _questions(expected: DnsExpectations) -> list[Question]:
    return [_name_server_question(expected), *checks.questions(expected)]


def _name_server_question(expected: DnsExpectations) -> Question:
    return ask(expected.domain, "NS")


def _gather(questions: list[Question]) -> dict[Question, Answer]:
    """One answer a question; one that is not in by the deadline is trouble like any other."""
    if not questions:
        return {}
    resolver = resolver_from_settings()
    pool = ThreadPoolExecutor(min(len(questions), MAX_THREADS), thread_name_prefix="dnsguide")
    running = {question: pool.submit(resolver.lookup, question) for question in questions}
    done, _late = wait(running.values(), timeout=DEADLINE_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)  # a late thread ends with its own time limit
    return {
        question: future.result() if future in done else _nothing(question, _("no answer in time"))
        for question, future in running.items()
    }


def _guide(expected: DnsExpectations, answers: Answers, *, refreshed: bool = False) -> Guide:
    name_servers = answers[_name_server_question(expected)].values
    return Guide(
        domain=expected.domain,
        cards=tuple(checks.cards(expected, answers)),
        as_of=_oldest(answers.values()),
        name_servers=name_servers,
        panel=panels.detect(name_servers, settings.DNS_PANELS),
        refreshed=refreshed,
    )


def _oldest(answers: Iterable[Answer]) -> datetime | None:
    return min((answer.at for answer in answers if answer.known), default=None)


def _nothing(question: Question, why: str) -> Answer:
    return Answer(question, Outcome.TROUBLE, clock.now(), trouble=why)


def _unasked(card: Card) -> Card:
    if card.status is not Status.UNKNOWN:
        return card
    return replace(card, status=Status.CHECKING, problems=())
