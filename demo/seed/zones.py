"""What the customers have entered in their DNS: most of it right, some of it as people do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from demo.nameserver import Zones
from demo.seed.cast import Care
from demo.seed.remote import Remote
from provisioning import directory
from provisioning.connection.links import account_of, open_module
from provisioning.contract import DnsExpectations
from provisioning.models import Service

Spoil = Callable[[str, Zones], None]


def publish(domains: Iterable[tuple[Service, Care]], remote: Remote) -> Zones:
    """The signing key first: the server signs only when it finds its key in DNS."""
    zones: Zones = {}
    for service, care in domains:
        if care is not Care.NONE:
            remote.do("publish_dkim", domain=service.domain)
            if service.desired == Service.Desired.ACTIVE:
                directory.enable_dkim(service)
            zones |= _right(_expected(service))
            _FAULTS.get(care, _nothing)(service.domain, zones)
    return zones


def _expected(service: Service) -> DnsExpectations:
    assert service.server is not None
    with open_module(service.server, service=service) as module:
        return module.dns_expectations(account_of(service))


def _right(expected: DnsExpectations) -> Zones:
    domain, dkim, found = expected.domain, expected.dkim, expected.autodiscover
    srv = f"0 0 {found.srv_port} {found.srv_target}"
    return {
        domain: {
            "MX": [f"{mx.priority} {mx.host}" for mx in expected.mx],
            "TXT": [f"v=spf1 {expected.spf.primary} -all"],
            "NS": ["ns1.northlight.example", "ns2.northlight.example"],
        },
        f"{dkim.selector.lower()}._domainkey.{domain}": {
            "TXT": [f"v=DKIM1; k=rsa; p={dkim.public_key}"]
        },
        f"autodiscover.{domain}": {"CNAME": [found.host]},
        f"_autodiscover._tcp.{domain}": {"SRV": [srv]},
        f"_dmarc.{domain}": {"TXT": [f"v=DMARC1; p=quarantine; rua=mailto:{expected.dmarc.rua}"]},
    }


def _no_dmarc(domain: str, zones: Zones) -> None:
    del zones[f"_dmarc.{domain}"]
    del zones[f"_autodiscover._tcp.{domain}"]


def _two_spf(domain: str, zones: Zones) -> None:
    zones[domain]["TXT"].append("v=spf1 include:_spf.newsletters.example ~all")


def _old_mx(domain: str, zones: Zones) -> None:
    zones[domain]["MX"] = [f"10 mail.{domain}"]
    zones[domain]["TXT"] = ["v=spf1 a mx -all"]


def _nothing(domain: str, zones: Zones) -> None:
    return


_FAULTS: dict[Care, Spoil] = {
    Care.NO_DMARC: _no_dmarc,
    Care.TWO_SPF: _two_spf,
    Care.OLD_MX: _old_mx,
}
