"""Follows every link of the panel over HTTP, as one signed-in person."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import requests

# Pages that look alike are visited this often each.
ALIKE = 2
LEAVES = ("/accounts/logout/", "/_sim/")
# A public id, a key, a number, a mail address or a host name in a path.
VARIABLE = re.compile(r"/(?:[\w-]{16}|\d+|[^/]*@[^/]*|[^/]+\.example|[0-9a-f-]{36})(?=/|$)")


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.found.append(str(values["href"]))
        if tag == "input" and values.get("name"):
            self.fields[str(values["name"])] = values.get("value") or ""


def parsed(html: str) -> Links:
    links = Links()
    links.feed(html)
    return links


@dataclass
class Crawl:
    """`broken` are (page, link, status). `shapes` counts links by what varies in them taken out."""

    session: requests.Session
    base: str
    shapes: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, str, int]] = field(default_factory=list)

    def run(self, starts: Iterable[str]) -> None:
        queue = deque(("", urljoin(self.base, start)) for start in starts)
        seen = {url for _page, url in queue}
        while queue:
            page, url = queue.popleft()
            for link in self._visit(page, url):
                if link not in seen and self._wanted(link):
                    queue.append((url, link))
                seen.add(link)

    def _visit(self, page: str, url: str) -> list[str]:
        answer = self.session.get(url, timeout=30)
        if answer.status_code >= 400:
            self.broken.append((page, url, answer.status_code))
        if "text/html" not in answer.headers.get("Content-Type", ""):
            return []
        links = (urljoin(answer.url, href) for href in parsed(answer.text).found)
        return [urldefrag(link).url for link in links]

    def _wanted(self, link: str) -> bool:
        path = urlsplit(link).path
        if not link.startswith(self.base) or path.startswith(LEAVES) or "&" in link:
            return False  # filters one at a time, not all combinations of them
        self.shapes[shape(link)] += 1
        return self.shapes[shape(link)] <= ALIKE


def shape(url: str) -> str:
    """The path with everything variable taken out, and the name of the query's parameter."""
    parts = urlsplit(url)
    return f"{VARIABLE.sub('/…', parts.path)}?{parts.query.partition('=')[0]}"


def sign_in(base: str, email: str, password: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    page = f"{base}/accounts/login/"
    form = parsed(session.get(page, timeout=30).text).fields
    form |= {"login": email, "password": password}
    answer = session.post(page, data=form, headers={"Referer": page}, timeout=30)
    assert "/login/" not in answer.url, answer.text
    return session
