"""What a refusal means: one table for the panel's error types, one for HTTP without a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import (
    ConflictError,
    HttpResponse,
    InvalidInput,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
    UnsupportedError,
)
from provisioning.contract.http import MASK
from provisioning.modules.ispmanager.answers import Node, parse

_LONGEST = 400
_SHORTEST_SECRET = 4
_REDIRECTS = (301, 302, 303, 307, 308)


class SignInRefused(MisconfiguredError):
    """The panel does not take our name and password, or our session has ended."""


class AccessDenied(MisconfiguredError):
    """Our level is too low for this, or the function is switched off for it."""


class Exists(ConflictError):
    """`what` is the panel's word for the thing whose name is taken, such as "emaildomain"."""

    message = gettext_noop("This name is already in use.")

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(detail)
        self.what = what


class OverLimit(PermanentError):
    """A limit of the account, or of the reseller it belongs to, is reached."""

    message = gettext_noop("A limit of this package is reached.")


@dataclass(frozen=True)
class Refusal:
    """`what` is a field, an entity or a limit; `text` the panel's sentence."""

    type: str
    what: str
    text: str

    @property
    def detail(self) -> str:
        named = f"{self.type} ({self.what})" if self.what else self.type
        return f"{named}: {self.text}" if self.text else named


def _sign_in(refusal: Refusal) -> ModuleError:
    return SignInRefused(
        f"The panel refuses the sign-in ({refusal.detail}). Check name and password, that"
        " two-factor authentication is off for this account, and that the panel lets our address"
        " use the API."
    )


def _access(refusal: Refusal) -> ModuleError:
    return AccessDenied(
        f"The panel does not let this account do that ({refusal.detail}). Check its level and"
        ' "Access to functions".'
    )


def _exists(refusal: Refusal) -> ModuleError:
    return Exists(refusal.what, refusal.detail)


# The panel's field names as the inputs of our forms are called.
INPUTS = {
    "name": "address", "passwd": "password", "confirm": "password", "maxsize": "quota_bytes",
    "forward": "forward_to", "aliases": "aliases", "note": "display_name",
}  # fmt: skip


def _value(refusal: Refusal) -> ModuleError:
    message = _("The server does not accept this: %(detail)s") % {
        "detail": refusal.text or refusal.what
    }
    return InvalidInput(INPUTS.get(refusal.what, refusal.what), refusal.detail, message=message)


def _licence(refusal: Refusal) -> ModuleError:
    return UnsupportedError(f"The panel's edition or licence does not allow it: {refusal.detail}")


def _other(refusal: Refusal) -> ModuleError:
    return PermanentError(refusal.detail)


TYPES: dict[str, Callable[[Refusal], ModuleError]] = {
    "auth": _sign_in,
    "access": _access,
    "missed": lambda refusal: NotFound(refusal.detail),
    "exists": _exists,
    "value": _value,
    "limit": lambda refusal: OverLimit(refusal.detail),
    "license": _licence,
}


def read(response: HttpResponse, *, secrets: Iterable[str] = ()) -> Node:
    """The document of an answer that is neither an error nor unreadable. ModuleError.

    `secrets` are values that were sent and may be repeated in an error text.
    """
    if response.status != 200:
        raise _no_answer(response)
    try:
        document = parse(response.content)
    except ValueError as error:
        raise _unreadable(response, str(error)) from None
    error_node = document.first("error")
    if error_node is not None:
        raise _refused(error_node, secrets)
    return document


def _refused(error: Node, secrets: Iterable[str]) -> ModuleError:
    kind = error.attributes.get("type") or error.value("type") or error.value("code")
    what = error.attributes.get("object") or error.value("object")
    refusal = Refusal(kind or "error", what, _without(_words(error), secrets))
    return TYPES.get(refusal.type, _other)(refusal)


def _words(error: Node) -> str:
    """`detail` may still hold "__name__" place-holders, which the parameters fill."""
    text = error.value("msg") or error.value("detail") or error.value("group")
    for param in error.all("param"):
        name = param.attributes.get("name")
        text = text.replace(f"__{name}__", param.text) if name else text
    return " ".join(text.split())[:_LONGEST]


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return text


def _no_answer(response: HttpResponse) -> ModuleError:
    status = f"HTTP {response.status}"
    if response.status in _REDIRECTS:
        where = response.headers.get("Location", "elsewhere")[:200]
        return MisconfiguredError(f"{status}: redirected to {where}. Check port, path and TLS.")
    if response.status in (401, 403, 404):
        return MisconfiguredError(f"{status} instead of an answer. Check port and path.")
    after = response.headers.get("Retry-After", "")
    return TemporaryError(
        f"{status} instead of an answer.",
        retry_after=float(after) if after.isdigit() else None,
        maybe_applied=response.status not in (429, 503),
    )


def _unreadable(response: HttpResponse, why: str) -> TemporaryError:
    """Nothing of the body is quoted: it may be the half of a form that holds a password."""
    kind = "an HTML page" if b"<html" in response.content[:2000].lower() else "no readable answer"
    size = len(response.content)
    return TemporaryError(
        f"The panel sent {kind} ({size} bytes, {why[:80]}). If that goes on, check port and path.",
        maybe_applied=True,
    )
