"""What comes in and what goes out, independent of the socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as read from the wire; header names in lower case, ``path`` still encoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client_ip: str
    root: str

    @classmethod
    def build(
        cls, method: str, target: str, *, headers: Mapping[str, str], body: bytes, peer: Peer
    ) -> Request:
        parts = urlsplit(target if target.startswith("/") else "/" + target)
        if target.startswith("//"):  # urlsplit would read a host name here
            parts = urlsplit("http://host" + target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return cls(method, parts.path, query, headers, body, peer.client_ip, peer.root)

    def header(self, name: str) -> str:
        """The header's value, empty when absent."""
        return self.headers.get(name.lower(), "")

    def json(self) -> object:
        """The parsed body, None when empty; ValueError when it is not JSON."""
        return json.loads(self.body) if self.body.strip() else None


@dataclass(frozen=True, slots=True)
class Peer:
    """The two ends of one connection: the caller's address and this server's own root URL."""

    client_ip: str
    root: str


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(data: object, *, status: int = 200) -> Response:
    return Response(status, json.dumps(data, ensure_ascii=False).encode(), JSON)


def html_response(markup: str, *, status: int = 200) -> Response:
    return Response(status, markup.encode(), HTML)


def text_response(text: str, *, status: int = 200, content_type: str = TEXT) -> Response:
    return Response(status, text.encode(), content_type)


def redirect_response(location: str) -> Response:
    return Response(302, b"", HTML, {"Location": location})
