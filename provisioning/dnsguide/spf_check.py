"""The SPF card: is the platform among the allowed senders, in exactly one valid record?"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from provisioning.contract.dns import DnsExpectations, DnsRecord, RecordType
from provisioning.dnsguide import records, spf
from provisioning.dnsguide.answers import Answer, Answers, Question, ask
from provisioning.dnsguide.cards import Advice, Finding, Status


def questions(expected: DnsExpectations) -> list[Question]:
    return [ask(expected.domain, RecordType.TXT)] if expected.spf.primary.strip() else []


def check(expected: DnsExpectations, answers: Answers) -> Finding:
    asked = questions(expected)
    if not asked:
        return Finding(status=Status.NOT_APPLICABLE)
    answer = answers[asked[0]]
    if not answer.known:
        # No advice: a second record beside one we could not see would break both.
        return Finding(status=Status.UNKNOWN, problems=(records.absence(answer, "SPF"),))
    texts = [value for value in answer.values if spf.is_spf(value)]
    if len(texts) > 1:
        return _several(expected, texts)
    return _one(expected, texts[0]) if texts else _none(expected, answer)


def wanted_records(expected: DnsExpectations) -> list[DnsRecord]:
    wanted = _wanted(expected)
    return [_txt(spf.fresh(wanted))] if wanted else []


def _none(expected: DnsExpectations, answer: Answer) -> Finding:
    return Finding(
        status=Status.MISSING,
        problems=(records.absence(answer, "SPF"),),
        advice=tuple(Advice(record=record) for record in wanted_records(expected)),
    )


def _one(expected: DnsExpectations, text: str) -> Finding:
    record = spf.parse(text, expected.domain)
    if _accepted(expected, record):
        return Finding(status=Status.OK, found=(text,), notes=_notes(record))
    problem = _("The SPF record does not allow %(mechanism)s to send for this domain.")
    return Finding(
        status=Status.MISSING,
        found=(text,),
        problems=(problem % {"mechanism": expected.spf.primary},),
        notes=_notes(record),
        advice=(_change(spf.insert(record, _wanted(expected)), [text]),),
    )


def _several(expected: DnsExpectations, texts: Sequence[str]) -> Finding:
    merged = spf.merge(spf.parse(text, expected.domain) for text in texts)
    # A secondary mechanism already in one of the records is as good as the primary.
    wanted = [] if _accepted(expected, merged) else _wanted(expected)
    problem = _("There are %(count)s SPF records; receivers reject more than one. Keep only one.")
    return Finding(
        status=Status.MISSING,
        found=tuple(texts),
        problems=(problem % {"count": len(texts)},),
        notes=_notes(merged),
        advice=(_change(spf.insert(merged, wanted), texts),),
    )


def _change(text: str, old: Sequence[str]) -> Advice:
    return Advice(record=_txt(text), replaces=tuple(_txt(one) for one in old))


def _accepted(expected: DnsExpectations, record: Sequence[spf.Term]) -> bool:
    accepted = (expected.spf.primary, *expected.spf.secondary)
    wanted = (spf.wanted_terms(mechanism, expected.domain) for mechanism in accepted)
    return any(spf.authorises(record, terms) for terms in wanted)


def _wanted(expected: DnsExpectations) -> list[spf.Term]:
    return spf.wanted_terms(expected.spf.primary, expected.domain)


def _notes(record: Sequence[spf.Term]) -> tuple[str, ...]:
    notes = [
        _("“%(term)s” is not valid in an SPF record; receivers may reject all of it.")
        % {"term": term}
        for term in spf.unknown_terms(record)
    ]
    if any(term.is_all and term.passes for term in record):
        notes.append(_("“+all” allows anyone to send as this domain."))
    if spf.lookups(record) > spf.MAX_LOOKUPS:
        limit = {"limit": spf.MAX_LOOKUPS}
        notes.append(_("The record needs more than %(limit)s lookups, which is too many.") % limit)
    return tuple(notes)


def _txt(text: str) -> DnsRecord:
    return DnsRecord(type=RecordType.TXT, name="@", value=text)
