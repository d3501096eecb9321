"""One DNS lookup, always under a time limit. Knows nothing of Django but where its settings are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.resolver
from django.conf import settings
from django.utils.translation import gettext as _
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.SRV import SRV

from config import clock
from provisioning.dnsguide.answers import Answer, Outcome, Question
from provisioning.dnsguide.names import ascii_host

DNS_PORT = 53
UDP_PAYLOAD = 1232  # a 2048-bit DKIM key fits, so networks that block DNS over TCP still see it
TRIES = 3  # a lost packet, or a dead first name server, leaves time for the next


class Resolver:
    """Safe to share between threads. `name_servers` are "ip" or "ip:port"; empty: the system's."""

    def __init__(
        self, name_servers: Sequence[str], *, lifetime: float, now: Callable[[], datetime]
    ) -> None:
        self._now = now
        self._inner = _resolver([_name_server(text) for text in name_servers])
        self._inner.lifetime = lifetime
        self._inner.timeout = lifetime / TRIES
        self._inner.use_edns(0, 0, UDP_PAYLOAD)

    def lookup(self, question: Question) -> Answer:
        outcome, trouble = Outcome.ANSWER, ""
        values: tuple[str, ...] = ()
        try:
            values = self._values(question)
        except dns.resolver.NXDOMAIN:
            outcome = Outcome.NXDOMAIN
        except dns.resolver.NoAnswer:
            outcome = Outcome.NO_RECORD
        except dns.exception.DNSException as error:
            outcome, trouble = Outcome.TROUBLE, _in_words(error)
        return Answer(question, outcome, self._now(), values, trouble)

    def _values(self, question: Question) -> tuple[str, ...]:
        name = dns.name.from_text(question.host, idna_codec=dns.name.IDNA_2008_Practical)
        found = self._inner.resolve(name, question.rtype, search=False)
        return tuple(sorted(_text(rdata) for rdata in found))


def resolver_from_settings() -> Resolver:
    return Resolver(settings.DNS_NAMESERVERS, lifetime=settings.DNS_LIFETIME_SECONDS, now=clock.now)


def _resolver(name_servers: list[dns.nameserver.Nameserver]) -> dns.resolver.Resolver:
    # With no name server at all every lookup says so as trouble; the page still opens.
    inner = dns.resolver.Resolver(configure=False)
    inner.nameservers = list(name_servers)
    if not name_servers:
        with suppress(dns.resolver.NoResolverConfiguration):
            return dns.resolver.Resolver()
    return inner


def _name_server(text: str) -> dns.nameserver.Nameserver:
    """ "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"; else ValueError."""
    host, port = text, DNS_PORT
    if text.count(":") == 1 or text.startswith("["):
        host, _, digits = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        port = int(digits or DNS_PORT)
    return dns.nameserver.Do53Nameserver(str(ip_address(host.strip("[]"))), port)


def _text(rdata: dns.rdata.Rdata) -> str:
    if isinstance(rdata, TXT):
        return b"".join(rdata.strings).decode("utf-8", "replace")
    if isinstance(rdata, MX):
        return f"{rdata.preference} {_host(rdata.exchange)}"
    if isinstance(rdata, SRV):
        return f"{rdata.priority} {rdata.weight} {rdata.port} {_host(rdata.target)}"
    return ascii_host(rdata.to_text())


def _host(name: dns.name.Name) -> str:
    return ascii_host(name.to_text()) or "."


def _in_words(error: dns.exception.DNSException) -> str:
    if isinstance(error, dns.exception.Timeout):
        return _("no answer in time")
    if isinstance(error, dns.resolver.NoNameservers):
        return _server_words(error)
    return _("the name cannot be looked up")


def _server_words(error: dns.resolver.NoNameservers) -> str:
    """The servers' own words ("SERVFAIL", "REFUSED"), which tell staff whom to blame."""
    attempts = error.kwargs.get("errors") or []
    words = {str(attempt[3]) for attempt in attempts}
    return _("name server trouble: ") + ", ".join(sorted(words)) if words else _("no name server")
