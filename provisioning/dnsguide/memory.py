"""Answers kept in Django's cache, so that a page costs DNS lookups once in four hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from config import clock
from provisioning.dnsguide.answers import Answer, Answers, Outcome, Question
from provisioning.dnsguide.names import ascii_host

KEEP = timedelta(hours=4)
COOL_DOWN = timedelta(seconds=20)
LAYOUT = 1  # of what is kept; entries of another layout are not found


def recall(questions: Iterable[Question]) -> dict[Question, Answer]:
    """What is still known, in one round trip."""
    keys = {_key(question): question for question in questions}
    kept = {keys[key]: _unpack(keys[key], data) for key, data in cache.get_many(keys).items()}
    # The cache forgets by its own clock; answers age by the panel's.
    oldest = clock.now() - KEEP
    return {question: answer for question, answer in kept.items() if answer.at > oldest}


def remember(answers: Answers) -> None:
    """A "no" is kept like a "yes"; trouble is not, for it says nothing about the domain."""
    known = {_key(answer.question): _pack(answer) for answer in answers.values() if answer.known}
    if known:
        cache.set_many(known, KEEP.total_seconds())


def may_refresh(domain: str) -> bool:
    """Once in `COOL_DOWN` a domain, whoever asks: a held-down button must not flood DNS."""
    key, now = _digest("refresh", ascii_host(domain)), clock.now()
    if cache.add(key, now.isoformat(), COOL_DOWN.total_seconds()):
        return True
    last = cache.get(key)
    if last and now - datetime.fromisoformat(last) < COOL_DOWN:
        return False
    cache.set(key, now.isoformat(), COOL_DOWN.total_seconds())
    return True


def _pack(answer: Answer) -> dict[str, Any]:
    """The cache holds JSON only. Change LAYOUT with this."""
    return {
        "outcome": answer.outcome.value,
        "at": answer.at.isoformat(),
        "values": list(answer.values),
    }


def _unpack(question: Question, data: dict[str, Any]) -> Answer:
    at = datetime.fromisoformat(data["at"])
    return Answer(question, Outcome(data["outcome"]), at, tuple(data["values"]))


def _key(question: Question) -> str:
    return _digest(question.rtype, question.host)


def _digest(*parts: str) -> str:
    """Names can be longer than a cache key and hold what a key must not."""
    return f"dnsguide:{LAYOUT}:" + hashlib.sha256(" ".join(parts).encode()).hexdigest()
