"""What a customer's DNS should hold. The platform need not be asked for it."""

from __future__ import annotations

from provisioning.contract import (
    DkimExpectation,
    DkimState,
    DmarcExpectation,
    DnsExpectations,
    DnsRecord,
    MxHost,
    RecordType,
    SpfExpectation,
)

_PRIORITY = 10
_NAMES = {
    "mail": "Web address of the mail service",
    "imap": "Mail programs, incoming",
    "smtp": "Mail programs, outgoing",
}
_KEYS = ("key1", "key2")


def dns_expectations(domain: str, cluster: str, *, dkim_cnames: bool) -> DnsExpectations:
    """Without a cluster only what is the same for all of them."""
    return DnsExpectations(
        domain=domain,
        mx=(MxHost(host=_host("mx", domain, cluster), priority=_PRIORITY),) if cluster else (),
        spf=SpfExpectation(primary="include:_spf.hostedemail.com"),
        dkim=_dkim(domain) if dkim_cnames else DkimExpectation(),
        dmarc=DmarcExpectation(checked=True),
        extra=_cnames(domain, cluster) if cluster else (),
    )


def _host(kind: str, domain: str, cluster: str) -> str:
    return f"{kind}.{domain}.cust.{cluster}.hostedemail.com"


def _cnames(domain: str, cluster: str) -> tuple[DnsRecord, ...]:
    named = [_cname(name, _host("mail", domain, cluster), text) for name, text in _NAMES.items()]
    return (*named, _cname("webmail", _host("webmail", domain, cluster), "Webmail"))


def _cname(name: str, value: str, purpose: str) -> DnsRecord:
    return DnsRecord(type=RecordType.CNAME, name=name, value=value, optional=True, purpose=purpose)


def _dkim(domain: str) -> DkimExpectation:
    return DkimExpectation(
        state=DkimState.ACTIVE,
        selector=_KEYS[0],
        cnames=tuple(
            DnsRecord(
                type=RecordType.CNAME,
                name=f"{key}._domainkey",
                value=f"{key}.{domain}.dkim.hostedemail.link",
                purpose="Signature of outgoing mail",
            )
            for key in _KEYS
        ),
    )
