"""The DNS of the demo, so that the DNS guide has something to look at and asks nobody outside.

    python -m demo.nameserver PORT ZONES

ZONES is a JSON file, read anew when it changes: {host: {type: [values]}}, without final dots.
"""

from __future__ import annotations

import json
import socketserver
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zones = dict[str, dict[str, list[str]]]
TTL = 300
HOST_VALUES = ("CNAME", "MX", "NS", "SRV")
PART = 200  # of a TXT record: one string of it holds 255 bytes at most


class Server(socketserver.ThreadingUDPServer):
    def __init__(self, port: int, file: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._file = file

    def zones(self) -> Zones:
        try:
            return _read(self._file, self._file.stat().st_mtime_ns)
        except FileNotFoundError:
            return {}


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, socket = self.request
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return
        reply = answer(query, cast(Server, self.server).zones())
        socket.sendto(reply.to_wire(max_size=max(query.payload, 512)), self.client_address)


def answer(query: dns.message.Message, zones: Zones) -> dns.message.Message:
    reply = dns.message.make_response(query, recursion_available=True)
    host = query.question[0].name.to_text(omit_final_dot=True).lower()
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    if not _exists(host, zones):
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply
    for found in (kind, "CNAME"):
        if values := zones.get(host, {}).get(found):
            texts = [_presented(found, value) for value in values]
            name = dns.name.from_text(host)
            reply.answer.append(dns.rrset.from_text_list(name, TTL, "IN", found, texts))
            break
    return reply


def _exists(host: str, zones: Zones) -> bool:
    """A name that only has names below it exists, without records."""
    return host in zones or any(name.endswith(f".{host}") for name in zones)


def _presented(kind: str, value: str) -> str:
    if kind == "TXT":
        parts = [value[start : start + PART] for start in range(0, len(value), PART)]
        return " ".join(f'"{part}"' for part in parts)
    return f"{value}." if kind in HOST_VALUES else value


@lru_cache(maxsize=1)
def _read(file: Path, _changed: int) -> Zones:
    zones: Zones = json.loads(file.read_text())
    return zones


def main(arguments: list[str]) -> Any:
    port, file = arguments
    with Server(int(port), Path(file)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
