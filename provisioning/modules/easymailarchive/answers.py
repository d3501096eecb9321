"""What an answer means: its JSON, or one error of the contract's tree."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    HttpResponse,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)

BUSY_FOR = 5.0  # seconds, where the vendor names none
_LONGEST = 300


class Refused(PermanentError):
    """`fields` are the vendor's sentences by name of the field, `status` is that of HTTP."""

    def __init__(self, detail: str, *, status: int, fields: Mapping[str, str]) -> None:
        super().__init__(
            detail, message=_("The archive platform refused this: %(detail)s") % {"detail": detail}
        )
        self.status = status
        self.fields = fields


class NoSuchCall(PermanentError):
    """The platform knows no such path, which says nothing about a tenant."""


@dataclass(frozen=True)
class Answer:
    """`value` is what stands in `data`, or all of it where there is no wrapper (`bare`)."""

    value: Any
    meta: Mapping[str, Any]
    bare: bool

    def one(self) -> Mapping[str, Any]:
        """TemporaryError when it is no object: whether the request was carried out is unknown."""
        if not isinstance(self.value, Mapping):
            raise _lost(f"The answer is no object but {type(self.value).__name__}.")
        return self.value

    def many(self) -> list[Mapping[str, Any]]:
        if not isinstance(self.value, list):
            raise _lost(f"The answer is no list but {type(self.value).__name__}.")
        return [row for row in self.value if isinstance(row, Mapping)]


@dataclass(frozen=True)
class Failure:
    """One row of the table. No `statuses`: all of them; no `texts`: whatever is said."""

    make: Callable[[str], ModuleError]
    statuses: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    page: bool | None = None  # whether the body is something else than a JSON object

    def matches(self, status: int, text: str, *, page: bool) -> bool:
        return (
            (not self.statuses or status in self.statuses)
            and (not self.texts or any(part in text.lower() for part in self.texts))
            and self.page in (None, page)
        )


def key_refused(detail: str) -> ModuleError:
    return MisconfiguredError(
        f"The API key was not accepted ({detail})."
        " It belongs into the password field of the server."
    )


def elsewhere(detail: str) -> ModuleError:
    return MisconfiguredError(f"This server does not offer the reseller API ({detail}).")


def _lost(detail: str) -> TemporaryError:
    return TemporaryError(detail, maybe_applied=True)


# First match wins; every other refusal is a `Refused`.
FAILURES = (
    Failure(key_refused, statuses=(401, 403)),
    Failure(elsewhere, statuses=(301, 302, 303, 307, 308)),
    Failure(NoSuchCall, statuses=(404,), texts=("route",)),
    # A page of some web server in between says nothing about a tenant.
    Failure(_lost, statuses=(404,), page=True),
    Failure(NotFound, statuses=(404, 410)),
    Failure(TemporaryError, statuses=(429,)),
    Failure(_lost, statuses=(408, *range(500, 600))),
)


def read(response: HttpResponse) -> Answer:
    found = _json(response)
    if not 200 <= response.status < 300:
        raise _failure(response, found)
    if not isinstance(found, dict | list):
        raise _lost(f"HTTP {response.status} without JSON: {_start(response)}")
    if isinstance(found, dict) and isinstance(found.get("data"), dict | list):
        meta = found.get("meta")
        return Answer(found["data"], meta if isinstance(meta, dict) else {}, bare=False)
    return Answer(found, {}, bare=True)


def _json(response: HttpResponse) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _failure(response: HttpResponse, found: Any) -> ModuleError:
    body = found if isinstance(found, dict) else {}
    fields = _fields(body.get("errors"))
    detail = _sentence(response, body, fields)
    page = not isinstance(found, dict)
    for row in FAILURES:
        if row.matches(response.status, detail, page=page):
            error = row.make(detail)
            if isinstance(error, TemporaryError):
                error.retry_after = _retry_after(response)
            return error
    return Refused(detail, status=response.status, fields=fields)


def _sentence(response: HttpResponse, body: Mapping[str, Any], fields: Mapping[str, str]) -> str:
    said = body.get("message")
    texts = [said.strip()] if isinstance(said, str) and said.strip() else []
    texts += [text for text in fields.values() if text not in texts]
    if not texts and 300 <= response.status < 400:
        texts = [f"HTTP {response.status} to {response.headers.get('Location', '')}"]
    return " ".join(texts)[:_LONGEST] or f"HTTP {response.status} without a reason"


def _fields(errors: Any) -> dict[str, str]:
    if not isinstance(errors, dict):
        return {}
    lists = {
        str(name): texts if isinstance(texts, list) else [texts] for name, texts in errors.items()
    }
    return {name: " ".join(str(text) for text in texts) for name, texts in lists.items()}


def _retry_after(response: HttpResponse) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    return BUSY_FOR if response.status == 429 else None


def _start(response: HttpResponse) -> str:
    return " ".join(response.text[:80].split()) or "an empty body"
