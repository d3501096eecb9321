"""The cards of the guide. Pure: expectations and answers in, cards out.

Adding a card is one row in CHECKS; each row says what it must ask and how it judges the answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.contract.dns import DnsExpectations, DnsRecord, RecordType
from provisioning.dnsguide import dkim, dmarc_check, records, spf_check
from provisioning.dnsguide.answers import Answers, Question
from provisioning.dnsguide.cards import Card, Finding, Status
from provisioning.dnsguide.names import ascii_host


@dataclass(frozen=True)
class Check:
    code: str
    title: str | Promise
    questions: Callable[[DnsExpectations], list[Question]]
    judge: Callable[[DnsExpectations, Answers], Finding]
    shown: Callable[[DnsExpectations], bool] = lambda expected: True


def mx_records(expected: DnsExpectations) -> list[DnsRecord]:
    return [
        DnsRecord(type=RecordType.MX, name="@", value=mx.host, priority=mx.priority)
        for mx in expected.mx
    ]


def autodiscover_records(expected: DnsExpectations) -> list[DnsRecord]:
    wanted, found = expected.autodiscover, []
    if wanted.host:
        found.append(DnsRecord(type=RecordType.CNAME, name="autodiscover", value=wanted.host))
    if wanted.srv_target:
        name, target = "_autodiscover._tcp", wanted.srv_target
        found.append(DnsRecord(type=RecordType.SRV, name=name, value=target, port=wanted.srv_port))
    return found


def _check_mx(expected: DnsExpectations, answers: Answers) -> Finding:
    wanted = mx_records(expected)
    finding = records.check(wanted, answers, expected.domain)
    ours = {ascii_host(record.value) for record in wanted}
    strangers = [text for text in finding.found if text.split()[-1] not in ours]
    if not strangers or finding.status not in {Status.OK, Status.PARTIAL}:
        return finding
    note = _("Mail may also be delivered elsewhere: %(hosts)s.") % {"hosts": ", ".join(strangers)}
    return replace(finding, notes=(note,))


def _plain_questions(
    wanted: Callable[[DnsExpectations], list[DnsRecord]],
) -> Callable[[DnsExpectations], list[Question]]:
    return lambda expected: records.questions(wanted(expected), expected.domain)


def _check_autodiscover(expected: DnsExpectations, answers: Answers) -> Finding:
    return records.check(autodiscover_records(expected), answers, expected.domain)


def _check_extra(expected: DnsExpectations, answers: Answers) -> Finding:
    return records.check(expected.extra, answers, expected.domain)


CHECKS: tuple[Check, ...] = (
    Check("mx", gettext_lazy("Incoming mail (MX)"), _plain_questions(mx_records), _check_mx),
    Check("spf", gettext_lazy("Allowed senders (SPF)"), spf_check.questions, spf_check.check),
    Check("dkim", gettext_lazy("Signature (DKIM)"), dkim.questions, dkim.check),
    Check(
        "autodiscover",
        gettext_lazy("Automatic set-up (Autodiscover)"),
        _plain_questions(autodiscover_records),
        _check_autodiscover,
    ),
    Check(
        "dmarc",
        gettext_lazy("Policy (DMARC)"),
        dmarc_check.questions,
        dmarc_check.check,
        shown=lambda expected: expected.dmarc.checked,
    ),
    Check(
        "records",
        gettext_lazy("Other records"),
        _plain_questions(lambda expected: list(expected.extra)),
        _check_extra,
        shown=lambda expected: bool(expected.extra),
    ),
)


def questions(expected: DnsExpectations) -> list[Question]:
    """Everything the cards need to know, each question once."""
    asked = [question for check in _shown(expected) for question in check.questions(expected)]
    return list(dict.fromkeys(asked))


def cards(expected: DnsExpectations, answers: Answers) -> list[Card]:
    """`answers` must hold one for each of `questions`, be it trouble."""
    return [_card(check, check.judge(expected, answers)) for check in _shown(expected)]


def full_set(expected: DnsExpectations) -> list[DnsRecord]:
    """Every record of a domain that has none yet, for a page to print as one table."""
    own_key = dkim.wanted_record(expected.dkim)
    return [
        *mx_records(expected),
        *spf_check.wanted_records(expected),
        *([own_key] if own_key else expected.dkim.cnames),
        *autodiscover_records(expected),
        *([dmarc_check.wanted_record(expected)] if expected.dmarc.checked else []),
        *expected.extra,
    ]


def _shown(expected: DnsExpectations) -> list[Check]:
    return [check for check in CHECKS if check.shown(expected)]


def _card(check: Check, finding: Finding) -> Card:
    return Card(
        code=check.code,
        title=str(check.title),
        status=finding.status,
        found=finding.found,
        problems=finding.problems,
        notes=finding.notes,
        records_to_publish=finding.advice,
    )
