"""Checks of records that are wanted as they stand: MX, SRV, CNAME, addresses and plain texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from provisioning.contract.dns import DnsRecord, RecordType
from provisioning.dnsguide.answers import Answer, Answers, Outcome, Question, ask
from provisioning.dnsguide.cards import Advice, Finding, Status, tally
from provisioning.dnsguide.names import ascii_host, full_name


@dataclass(frozen=True)
class Seen:
    """One wanted record in DNS. `published` None: not known. `others` stand there in its place."""

    record: DnsRecord
    published: bool | None
    found: tuple[str, ...] = ()
    others: tuple[DnsRecord, ...] = ()


def questions(records: Iterable[DnsRecord], domain: str) -> list[Question]:
    asked: list[Question] = []
    for record in records:
        name = full_name(record.name, domain)
        asked.append(ask(name, record.type))
        if record.type is RecordType.CNAME:
            asked += [ask(name, RecordType.A), ask(record.value, RecordType.A)]
    return asked


def check(records: Sequence[DnsRecord], answers: Answers, domain: str) -> Finding:
    """All of `records` must be published; optional ones count only where nothing else is wanted."""
    if not records:
        return Finding(status=Status.NOT_APPLICABLE)
    seen = [look(record, answers, domain) for record in records]
    absent = [one for one in seen if not one.published]
    return Finding(
        status=_status(seen),
        found=_once(text for one in seen for text in one.found),
        problems=_once(_problem(one, answers, domain) for one in absent),
        advice=tuple(Advice(record=one.record, replaces=_in_the_way(one, seen)) for one in absent),
    )


def _in_the_way(one: Seen, seen: Sequence[Seen]) -> tuple[DnsRecord, ...]:
    """Strangers go only where nothing of ours stands yet, and are named once, with the first."""
    place = (one.record.type, one.record.name)
    same_place = [other for other in seen if (other.record.type, other.record.name) == place]
    if any(other.published is not False for other in same_place) or one is not same_place[0]:
        return ()
    return one.others


def look(record: DnsRecord, answers: Answers, domain: str) -> Seen:
    name = full_name(record.name, domain)
    if record.type is RecordType.CNAME:
        return _look_alias(record, answers, name)
    answer = answers[ask(name, record.type)]
    if not answer.known:
        return Seen(record, None)
    good = [value for value in answer.values if _SAME[record.type](value, record)]
    shown = answer.values if record.type is not RecordType.TXT else tuple(good)
    others = () if record.type is RecordType.TXT else _as_records(answer, record.name)
    return Seen(record, bool(good), _typed(record.type, shown), others)


def _look_alias(record: DnsRecord, answers: Answers, name: str) -> Seen:
    """The CNAME itself, or, for panels that flatten it, an address in common with its target."""
    alias = answers[ask(name, RecordType.CNAME)]
    own = answers[ask(name, RecordType.A)]
    target = answers[ask(record.value, RecordType.A)]
    found = _typed(RecordType.CNAME, alias.values) or _typed(RecordType.A, own.values)
    in_place = alias if alias.values else own
    others = _as_records(in_place, record.name)
    if ascii_host(record.value) in alias.values or set(own.values) & set(target.values):
        return Seen(record, True, found)
    if alias.outcome is Outcome.NXDOMAIN or (own.known and not own.values):
        return Seen(record, False, found, others)
    certain = alias.known and own.known and target.known
    return Seen(record, False if certain else None, found, others)


def _same_mx(value: str, record: DnsRecord) -> bool:
    return value.rsplit(maxsplit=1)[-1] == ascii_host(record.value)


def _same_srv(value: str, record: DnsRecord) -> bool:
    *_numbers, port, target = value.split()
    return (port, target) == (str(record.port), ascii_host(record.value))


def _same_host(value: str, record: DnsRecord) -> bool:
    return value == ascii_host(record.value)


def _same_text(value: str, record: DnsRecord) -> bool:
    return value.split() == record.value.split()


_SAME: dict[RecordType, Callable[[str, DnsRecord], bool]] = {
    RecordType.A: _same_host,
    RecordType.AAAA: _same_host,
    RecordType.MX: _same_mx,
    RecordType.SRV: _same_srv,
    RecordType.TXT: _same_text,
}


def from_text(rtype: RecordType, name: str, value: str) -> DnsRecord:
    """A record of the customer's zone from the text of an `Answer`."""
    if rtype not in {RecordType.MX, RecordType.SRV}:
        return DnsRecord(type=rtype, name=name, value=value)
    *numbers, host = value.split()
    priority, weight, port = (*map(int, numbers), 0, 0)[:3]
    return DnsRecord(type=rtype, name=name, value=host, priority=priority, weight=weight, port=port)


def absence(answer: Answer, what: str) -> str:
    """A sentence on why there is no `what`: DNS failed, or the record is not there."""
    host = answer.question.host
    if answer.outcome is Outcome.TROUBLE:
        return _("DNS could not be asked about %(host)s: %(why)s. Nothing is known about it.") % {
            "host": host,
            "why": answer.trouble,
        }
    return _("There is no %(what)s record at %(host)s.") % {"what": what, "host": host}


def _problem(one: Seen, answers: Answers, domain: str) -> str:
    record = one.record
    asked = questions([record], domain)
    if one.published is None:
        return absence(next(answers[q] for q in asked if not answers[q].known), record.type)
    if not one.found:
        return absence(answers[asked[0]], record.type)
    return _("%(host)s has %(found)s where %(wanted)s is expected.") % {
        "host": asked[0].host,
        "found": ", ".join(one.found),
        "wanted": f"{record.type} {record.rdata}",
    }


def _status(seen: Sequence[Seen]) -> Status:
    required = [one for one in seen if not one.record.optional]
    counted = required or seen
    if any(one.published is None for one in counted):
        return Status.UNKNOWN
    status = tally(sum(bool(one.published) for one in counted), len(counted))
    return Status.PARTIAL if status is Status.MISSING and not required else status


def _as_records(answer: Answer, name: str) -> tuple[DnsRecord, ...]:
    rtype = RecordType(answer.question.rtype)
    return tuple(from_text(rtype, name, value) for value in answer.values)


def _typed(rtype: RecordType, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{rtype} {value}" for value in values)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
