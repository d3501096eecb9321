from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import Window, window
from tests.support.stack import Stack


@pytest.fixture
def stack(tmp_path, transactional_db) -> Iterator[Stack]:
    """Nothing of it runs yet."""
    made = Stack(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def staff(stack: Stack) -> Iterator[Window]:
    """A browser without a session; the web process runs."""
    stack.web()
    with window(stack.url) as found:
        yield found
        for number, page in enumerate(found.page.context.browser.contexts):
            page.pages[0].screenshot(path=stack.folder / f"last-{number}.png")
