"""The DMARC card: is there one policy record that receivers can read?"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from provisioning.contract.dns import DnsExpectations, DnsRecord, RecordType
from provisioning.dnsguide import dmarc, records
from provisioning.dnsguide.answers import Answers, Question, ask
from provisioning.dnsguide.cards import Advice, Finding, Status
from provisioning.dnsguide.names import full_name
from provisioning.dnsguide.tags import starts_with_version, tags

NAME = "_dmarc"


def questions(expected: DnsExpectations) -> list[Question]:
    return [ask(full_name(NAME, expected.domain), RecordType.TXT)]


def check(expected: DnsExpectations, answers: Answers) -> Finding:
    answer = answers[questions(expected)[0]]
    texts = [value for value in answer.values if starts_with_version(value, dmarc.VERSION)]
    if not answer.known:
        return Finding(status=Status.UNKNOWN, problems=(records.absence(answer, "DMARC"),))
    if not texts:
        advice = Advice(record=wanted_record(expected))
        problem = records.absence(answer, "DMARC")
        return Finding(status=Status.MISSING, problems=(problem,), advice=(advice,))
    return _judge(expected, texts)


def wanted_record(expected: DnsExpectations) -> DnsRecord:
    return _txt(dmarc.render(dmarc.suggested(expected.dmarc)))


def _judge(expected: DnsExpectations, texts: Sequence[str]) -> Finding:
    readable = [text for text in texts if _policy(text) in dmarc.POLICIES]
    if len(texts) == 1 and readable:
        return Finding(status=Status.OK, found=tuple(texts))
    status, problem = Status.PARTIAL, _("The record names no valid policy (p=).")
    if len(texts) > 1:
        status = Status.MISSING
        problem = _("There is more than one DMARC record; receivers ignore all of them.")
    keep = _txt(readable[0]) if readable else wanted_record(expected)
    advice = Advice(record=keep, replaces=tuple(_txt(text) for text in texts))
    return Finding(status=status, found=tuple(texts), problems=(problem,), advice=(advice,))


def _policy(text: str) -> str:
    return tags(text).get("p", "").lower()


def _txt(text: str) -> DnsRecord:
    return DnsRecord(type=RecordType.TXT, name=NAME, value=text)
