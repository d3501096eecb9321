"""What was asked of DNS and what came back. "Trouble" is not "no": only DNS itself can say no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from provisioning.dnsguide.names import ascii_host


class Outcome(StrEnum):
    ANSWER = "answer"
    NO_RECORD = "no_record"  # the name exists, without a record of this type
    NXDOMAIN = "nxdomain"  # the name does not exist
    TROUBLE = "trouble"  # time-out, SERVFAIL, refused: nothing is known


class Question(NamedTuple):
    host: str
    rtype: str


def ask(host: str, rtype: str) -> Question:
    return Question(ascii_host(host), rtype)


@dataclass(frozen=True)
class Answer:
    """`values` are one text a record: TXT joined, hosts as `ascii_host`, "10 host" for MX and

    "priority weight port host" for SRV. `at` is when DNS was asked, however long the answer was
    kept since. `trouble` says in words why nothing is known.
    """

    question: Question
    outcome: Outcome
    at: datetime
    values: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def known(self) -> bool:
        return self.outcome is not Outcome.TROUBLE


Answers = Mapping[Question, Answer]
