"""What a customer's DNS should hold for a service, as its platform sees it.

A module returns one `DnsExpectations`; the DNS guide turns it into checks and advice and knows no
vendor. Host names may be international and may end in a dot: the guide compares them as lower-case
punycode. Everything left blank is "this platform has no opinion", so its check does not apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RecordType(StrEnum):
    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    MX = "MX"
    SRV = "SRV"
    TXT = "TXT"


@dataclass(frozen=True, kw_only=True)
class DnsRecord:
    """One record of the customer's zone.

    `name` is relative to the domain ("@" is the domain itself), `value` the target or the text.
    `priority` is for MX and SRV, `weight` and `port` for SRV. An `optional` record is worth
    showing, but the service works without it. `purpose` is a short text for people.
    """

    type: RecordType
    name: str
    value: str
    priority: int = 0
    weight: int = 0
    port: int = 0
    optional: bool = False
    purpose: str = ""

    @property
    def rdata(self) -> str:
        """The value as a zone file has it, without quotes and final dots: "10 mail.example.com"."""
        if self.type is RecordType.MX:
            return f"{self.priority} {self.value}"
        if self.type is RecordType.SRV:
            return f"{self.priority} {self.weight} {self.port} {self.value}"
        return self.value


@dataclass(frozen=True, kw_only=True)
class MxHost:
    host: str
    priority: int = 10


@dataclass(frozen=True, kw_only=True)
class SpfExpectation:
    """`primary` is a mechanism such as "include:mail.example.com", or "redirect=…".

    Blank: SPF does not apply. `secondary` mechanisms are accepted in its place, never shown.
    """

    primary: str = ""
    secondary: tuple[str, ...] = ()


class DkimState(StrEnum):
    NONE = "none"  # the platform has no key for the domain
    DISABLED = "disabled"  # there is a key, signing is switched off
    STANDBY = "standby"  # there is a key, the platform does not sign with it yet
    ACTIVE = "active"


@dataclass(frozen=True, kw_only=True)
class DkimExpectation:
    """A key to publish as TXT, or, where the platform keeps the key, `cnames` that point to it.

    `selector` is the label before "._domainkey". `public_key` is the base64 of the key or the
    whole TXT value; blank when the platform does not tell it, then any key is accepted.
    """

    state: DkimState = DkimState.NONE
    selector: str = ""
    public_key: str = ""
    key_type: str = "rsa"
    cnames: tuple[DnsRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AutodiscoverExpectation:
    """Where "autodiscover" and the SRV record `_autodiscover._tcp` point; blank: no such check."""

    host: str = ""
    srv_target: str = ""
    srv_port: int = 443


@dataclass(frozen=True, kw_only=True)
class DmarcExpectation:
    """`policy` (none, quarantine, reject) and `rua` (an address) only pre-fill the generator."""

    checked: bool = False
    policy: str = "none"
    rua: str = ""


@dataclass(frozen=True, kw_only=True)
class DnsExpectations:
    """`extra` is whatever else the platform wants: a verification TXT, SRV for IMAP, CNAMEs."""

    domain: str
    mx: tuple[MxHost, ...] = ()
    spf: SpfExpectation = SpfExpectation()
    dkim: DkimExpectation = DkimExpectation()
    autodiscover: AutodiscoverExpectation = AutodiscoverExpectation()
    dmarc: DmarcExpectation = DmarcExpectation()
    extra: tuple[DnsRecord, ...] = ()
