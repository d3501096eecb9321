"""The DKIM card: the key in DNS against the platform's, and whether the platform signs at all."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from provisioning.contract.dns import DkimExpectation, DkimState, DnsExpectations, DnsRecord
from provisioning.contract.dns import RecordType as Type
from provisioning.dnsguide import records
from provisioning.dnsguide.answers import Answer, Answers, Question, ask
from provisioning.dnsguide.cards import Advice, Finding, Status
from provisioning.dnsguide.names import full_name
from provisioning.dnsguide.tags import starts_with_version, tags

VERSION = "DKIM1"


def questions(expected: DnsExpectations) -> list[Question]:
    dkim = expected.dkim
    if dkim.state is DkimState.NONE:
        return []
    if dkim.cnames:
        return records.questions(dkim.cnames, expected.domain)
    return [ask(full_name(_name(dkim), expected.domain), Type.TXT)]


def check(expected: DnsExpectations, answers: Answers) -> Finding:
    dkim = expected.dkim
    if dkim.state is DkimState.NONE:
        note = _("There is no key for this domain yet, so its mail is not signed.")
        return Finding(status=Status.NOT_APPLICABLE, notes=(note,))
    if dkim.cnames:
        finding = records.check(dkim.cnames, answers, expected.domain)
    else:
        finding = _check_key(dkim, answers[questions(expected)[0]])
    return _with_state(dkim.state, finding)


def wanted_record(dkim: DkimExpectation) -> DnsRecord | None:
    """None when the platform tells no key: there is nothing to publish that we could know."""
    key = _key(dkim.public_key)
    if not key or dkim.cnames:
        return None
    value = f"v={VERSION}; k={dkim.key_type}; p={key}"
    return DnsRecord(type=Type.TXT, name=_name(dkim), value=value)


def _check_key(dkim: DkimExpectation, answer: Answer) -> Finding:
    record = wanted_record(dkim)
    advice = (Advice(record=record),) if record else ()
    keys = [value for value in answer.values if "p" in tags(value)]
    if not keys:
        status = Status.MISSING if answer.known else Status.UNKNOWN
        problem = records.absence(answer, "DKIM")
        return Finding(status=status, problems=(problem,), advice=advice)
    status, problem = _judge(keys, dkim)
    if status is Status.OK:
        return Finding(status=status, found=tuple(keys))
    in_the_way = tuple(records.from_text(Type.TXT, _name(dkim), value) for value in keys)
    advice = (Advice(record=record, replaces=in_the_way),) if record else ()
    return Finding(status=status, found=tuple(keys), problems=(problem,), advice=advice)


def _judge(keys: list[str], dkim: DkimExpectation) -> tuple[Status, str]:
    wanted = _key(dkim.public_key)
    right = [value for value in keys if _key(value) and _key(value) == (wanted or _key(value))]
    if not right and not any(_key(value) for value in keys):
        return Status.MISSING, _("The published key is empty, which means it was withdrawn.")
    if not right:
        return Status.MISSING, _("The published key is not the key that signs the mail.")
    if len(keys) > 1:
        return Status.PARTIAL, _("More than one key is published under this name; keep only one.")
    if not starts_with_version(right[0], VERSION):
        return Status.PARTIAL, _("The record does not begin with v=DKIM1.")
    return Status.OK, ""


def _with_state(state: DkimState, finding: Finding) -> Finding:
    """The platform's word comes before DNS: a key helps nobody while nothing is signed."""
    if state is DkimState.DISABLED:
        problem = _("Signing is switched off on the mail platform (disabled).")
        return replace(finding, status=Status.MISSING, problems=(problem, *finding.problems))
    if state is DkimState.STANDBY:
        problem = _("The mail platform does not sign with this key yet (standby).")
        return replace(finding, status=Status.PARTIAL, problems=(problem, *finding.problems))
    return finding


def _name(dkim: DkimExpectation) -> str:
    return f"{dkim.selector}._domainkey"


def _key(text: str) -> str:
    """The base64 of a key, given bare or as a record, without the spaces panels put into it."""
    return "".join(tags(text).get("p", text).split())
