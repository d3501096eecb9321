"""What an answer means: the reply's JSON object, or one error of the contract's tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    ConflictError,
    HttpResponse,
    InvalidInput,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)

Reply = dict[str, Any]


class TokenRejected(MisconfiguredError):
    """401: the token is missing, expired or revoked, or (some builds) its role is too low."""


class Forbidden(MisconfiguredError):
    """403: the role of the token is too low."""


@dataclass(frozen=True)
class Failure:
    """One row of the table. Empty `statuses` or `texts` match everything."""

    make: Callable[[str], ModuleError]
    statuses: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()

    def matches(self, status: int, text: str) -> bool:
        right_status = not self.statuses or status in self.statuses
        return right_status and (not self.texts or any(needle in text for needle in self.texts))


def _taken(detail: str) -> ModuleError:
    return ConflictError(detail, message=_("This name is already in use."))


def _weak(detail: str) -> ModuleError:
    message = _("The mail server refuses this password: %(detail)s") % {"detail": detail}
    return InvalidInput("password", detail, message=message)


def _bad_name(detail: str) -> ModuleError:
    return InvalidInput("address", detail, message=_("The mail server does not accept this name."))


def _full(detail: str) -> ModuleError:
    return PermanentError(detail, message=_("A limit of this package is reached."))


def _refused(detail: str) -> ModuleError:
    return PermanentError(
        detail, message=_("The mail server refused this: %(detail)s") % {"detail": detail}
    )


def _moved(detail: str) -> ModuleError:
    return MisconfiguredError(f"The server redirects ({detail}). Check host name, port and TLS.")


def _lost(detail: str) -> ModuleError:
    return TemporaryError(detail, maybe_applied=True)


# Codes are matched by substring: their prefixes vary with version and entity. First match wins.
FAILURES = (
    Failure(TokenRejected, statuses=(401,)),
    Failure(_moved, statuses=(301, 302, 303, 307, 308)),
    Failure(TemporaryError, statuses=(429, 503)),
    Failure(_lost, statuses=(408, *range(500, 600))),
    Failure(_taken, texts=("NAME_IN_USE", "ALREADY_EXISTS", "ALREADY EXISTS")),
    Failure(_weak, texts=("PASSWORD_", "PASSWORD REQUIREMENTS")),
    Failure(_bad_name, texts=("INVALID_NAME",)),
    Failure(Forbidden, texts=("INVALID_PERMISSIONS",)),
    Failure(NotFound, texts=("NOT_FOUND", "NOT FOUND", "DOES NOT EXIST")),
    Failure(Forbidden, statuses=(403,)),
    Failure(NotFound, statuses=(404,)),
    Failure(_full, texts=("LIMIT", "MAXIMUM", "MAX_")),
    Failure(_refused),
)


def read(response: HttpResponse) -> Reply:
    """A 2xx alone proves nothing: the body must be an object that does not say `success: false`."""
    body = _object(response)
    accepted = 200 <= response.status < 300
    if body is None and (accepted or _is_page(response)):
        raise _unreadable(response)
    if body is not None and accepted and body.get("success") is not False:
        return body
    raise _failure(response, body or {})


def _object(response: HttpResponse) -> Reply | None:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _is_page(response: HttpResponse) -> bool:
    """A page of some web server in between says nothing about the mail server's own objects."""
    return response.status in (400, 404) and bool(response.content.strip())


def _unreadable(response: HttpResponse) -> ModuleError:
    start = " ".join(response.text[:80].split()) or "an empty body"
    return _lost(f"HTTP {response.status} without a JSON object: {start}")


def _failure(response: HttpResponse, body: Reply) -> ModuleError:
    message = str(body.get("message") or body.get("debugInfo") or "").strip()[:300]
    if response.status in (301, 302, 303, 307, 308):
        message = response.headers.get("Location", "")
    detail = message or f"HTTP {response.status} without a reason."
    row = next(row for row in FAILURES if row.matches(response.status, message.upper()))
    error = row.make(detail)
    if isinstance(error, TemporaryError):
        error.retry_after = _retry_after(response)
    return error


def _retry_after(response: HttpResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
