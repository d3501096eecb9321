"""What came back: an answer, which may be a refusal, or an error of the contract's tree."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    HttpResponse,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.polarismail import loose, wire


class Refusal(PermanentError):
    """The platform said no in its own words, which are not published and never compared."""

    def __init__(self, words: str) -> None:
        said = words or "no reason given"
        super().__init__(
            _("The platform refused this: %(detail)s") % {"detail": said},
            message=_("The mail platform refused this: %(detail)s") % {"detail": said},
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`body` is the whole object, since some members stand beside the data. `at`: their clock."""

    refused: bool
    body: Mapping[str, Any] = field(repr=False)
    at: datetime | None = None

    @property
    def data(self) -> Any:
        return self.body.get(wire.DATA)

    @property
    def words(self) -> str:
        return loose.text(self.data)


def read(response: HttpResponse) -> Answer:
    """Refusals come with HTTP 200 as well; any other status is trouble on the way."""
    if response.status != 200:
        raise _trouble(response)
    body = _object(response)
    code = loose.whole(body.get(wire.CODE)) if body else None
    if body is None or code not in (0, 1):
        start = " ".join(response.text[:80].split()) or "an empty body"
        raise _lost(f"An answer without a return code: {start if body is None else 'JSON'}", None)
    return Answer(refused=code == 0, body=body, at=server_time(response))


def server_time(response: HttpResponse) -> datetime | None:
    try:
        found = parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _object(response: HttpResponse) -> dict[str, Any] | None:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _lost(detail: str, retry_after: float | None) -> ModuleError:
    return TemporaryError(detail, maybe_applied=True, retry_after=retry_after)


def _busy(detail: str, retry_after: float | None) -> ModuleError:
    return TemporaryError(detail, retry_after=retry_after)


def _closed(detail: str, retry_after: float | None) -> ModuleError:
    return MisconfiguredError(
        f"{detail}: the platform or a firewall before it does not let this machine in."
    )


def _elsewhere(detail: str, retry_after: float | None) -> ModuleError:
    return MisconfiguredError(
        f"{detail}: there is no PolarisMail API at this address. Check host name, port and TLS."
    )


_TROUBLE: dict[int, Callable[[str, float | None], ModuleError]] = {
    **dict.fromkeys((301, 302, 303, 307, 308, 404), _elsewhere),
    **dict.fromkeys((401, 403), _closed),
    429: _busy,
}


def _trouble(response: HttpResponse) -> ModuleError:
    asked = response.headers.get("Retry-After", "")
    make = _TROUBLE.get(response.status, _lost)
    return make(f"HTTP {response.status}", float(asked) if asked.isdigit() else None)
