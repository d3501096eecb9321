"""The distribution's Chromium, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

PHONE: Any = {"width": 390, "height": 844}
DESK: Any = {"width": 1280, "height": 900}
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-headless-shell", "google-chrome"))), None
)
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="needs the package chromium; CHROMIUM names another executable"
)


@dataclass
class Window:
    """A page and what its console and its requests complained about."""

    page: Any
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        """Note what another page complains about too."""
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._note(page, line))

    def _note(self, page: Any, line: Any) -> None:
        if line.type in ("error", "warning") or "Policy" in line.text:
            self.faults.append(f"{page.url}: {line.text}")

    def fits(self) -> bool:
        """Whether nothing is wider than the screen."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        )

    def see_all(self) -> str:
        return str(self.page.locator("body").inner_text())


@contextmanager
def window(base_url: str, viewport: Any = DESK) -> Iterator[Window]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"]
        )
        page = browser.new_page(base_url=base_url, viewport=viewport)
        found = Window(page)
        found.watch(page)
        try:
            yield found
        finally:
            browser.close()
