"""An authoritative DNS server on 127.0.0.1, UDP and TCP on one port, that can be told to fail.

    with DnsServer({"example.com": {"MX": ["10 mail.example.com"]}}) as server:
        settings.DNS_NAMESERVERS = [server.address]
        server.faults["example.com"] = Fault.SERVFAIL

A zone is name -> type -> values, without quotes or final dots; long texts are split on the way out.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Zone = dict[str, dict[str, list[str]]]
TTL = 60
CLASSIC_UDP_SIZE = 512
MAX_ALIASES = 8


class Fault(StrEnum):
    TIMEOUT = "timeout"  # the question is swallowed
    SERVFAIL = "servfail"
    REFUSED = "refused"
    GARBAGE = "garbage"  # bytes that are no DNS message
    TRUNCATE = "truncate"  # over UDP: "ask again over TCP"


class DnsServer:
    """`faults` are by host name, or "*" for all. `queries` are (host, type, "udp" or "tcp")."""

    def __init__(self, zone: Zone | None = None) -> None:
        self.zone: Zone = zone if zone is not None else {}
        self.faults: dict[str, Fault] = {}
        self.queries: list[tuple[str, str, str]] = []
        self._udp, self._tcp = _listeners(self)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._udp.server_address[1]}"

    def __enter__(self) -> DnsServer:
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def reset(self, zone: Zone) -> None:
        self.zone = zone
        self.faults.clear()
        self.queries.clear()

    def reply(self, wire: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        host = question.name.to_text(omit_final_dot=True).lower()
        self.queries.append((host, dns.rdatatype.to_text(question.rdtype), transport))
        fault = self.faults.get(host, self.faults.get("*"))
        if fault is Fault.TIMEOUT:
            return None
        if fault is Fault.GARBAGE:
            return wire[:2] + b"\xff" * 6
        response = dns.message.make_response(query, recursion_available=True)
        if fault in _RCODES:
            response.set_rcode(_RCODES[fault])
        elif fault is Fault.TRUNCATE and transport == "udp":
            response.flags |= dns.flags.TC
        else:
            self._fill(response, host, question.rdtype)
        return _to_wire(response, query, transport)

    def _fill(self, response: dns.message.Message, host: str, rdtype: int) -> None:
        wanted = dns.rdatatype.to_text(dns.rdatatype.RdataType(rdtype))
        for _step in range(MAX_ALIASES):
            records = self._records(host)
            if records is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return
            alias = records.get("CNAME", []) if wanted != "CNAME" else []
            rtype, values = ("CNAME", alias) if alias else (wanted, records.get(wanted, []))
            if values:
                response.answer.append(_rrset(host, rtype, values))
            if not alias:
                return
            host = alias[0].lower()

    def _records(self, host: str) -> dict[str, list[str]] | None:
        """None: no such name. A name that only has names below it exists, without records."""
        found = self.zone.get(host)
        if found is None and any(name.endswith(f".{host}") for name in self.zone):
            return {}
        return found


_RCODES = {Fault.SERVFAIL: dns.rcode.SERVFAIL, Fault.REFUSED: dns.rcode.REFUSED}


class _UdpHandler(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        wire, sock = self.request
        if reply := self.server.owner.reply(wire, "udp"):
            sock.sendto(reply, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: Any
    timeout = 5

    def handle(self) -> None:
        with suppress(OSError, struct.error):
            (length,) = struct.unpack("!H", self.rfile.read(2))
            if reply := self.server.owner.reply(self.rfile.read(length), "tcp"):
                self.wfile.write(struct.pack("!H", len(reply)) + reply)


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _listeners(owner: DnsServer) -> tuple[Any, Any]:
    """UDP takes any free port; TCP needs the same one, which may be taken: try another then."""
    for _attempt in range(20):
        udp: Any = socketserver.UDPServer(("127.0.0.1", 0), _UdpHandler)
        try:
            tcp: Any = _Tcp(udp.server_address, _TcpHandler)
        except OSError:
            udp.server_close()
            continue
        udp.owner = tcp.owner = owner
        return udp, tcp
    raise OSError("no port is free for both UDP and TCP")


def _to_wire(response: dns.message.Message, query: dns.message.Message, transport: str) -> bytes:
    if transport == "tcp":
        return response.to_wire(max_size=0xFFFF)
    try:
        return response.to_wire(max_size=max(query.payload, CLASSIC_UDP_SIZE))
    except dns.exception.TooBig:
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire(max_size=0xFFFF)


def _rrset(host: str, rtype: str, values: list[str]) -> dns.rrset.RRset:
    texts = [_presentation(rtype, value) for value in values]
    return dns.rrset.from_text_list(dns.name.from_text(host), TTL, "IN", rtype, texts)


def _presentation(rtype: str, value: str) -> str:
    if rtype == "TXT":
        raw = value.replace("\\", "\\\\").replace('"', '\\"')
        return " ".join(f'"{raw[i : i + 200]}"' for i in range(0, max(len(raw), 1), 200))
    if rtype in {"CNAME", "MX", "NS", "SRV"}:
        return f"{value.removesuffix('.')}."
    return value
