"""What the vendor's refusals mean, on both wires. Numbers are compared, texts never: they vary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)

Make = Callable[[str], ModuleError]
BUSY_FOR = 30.0


class CredentialsRejected(MisconfiguredError):
    """User, password or token is wrong, or the token has expired."""


class NotOwner(ConflictError):
    """Another reseller's, or out of reach of our role. On an account: its domain is gone."""

    message = gettext_noop("This name is already in use on the mail platform.")


class IsAlias(ConflictError):
    """The address is an alias of some account, not an account."""

    message = gettext_noop("This name is already in use.")


class NotEmpty(PermanentError):
    message = gettext_noop("It is not empty yet.")


class SessionTimedOut(TemporaryError):
    """APP closed the session for idleness; the command was not carried out."""


def _lost(detail: str) -> ModuleError:
    return TemporaryError(detail, maybe_applied=True)


def _busy(detail: str) -> ModuleError:
    return TemporaryError(detail, retry_after=BUSY_FOR)


def _taken(detail: str) -> ModuleError:
    return ConflictError(detail, message=_("This name is already in use."))


def _refused(detail: str) -> ModuleError:
    return PermanentError(detail)


def _said(kind: type[ModuleError], message: str) -> Make:
    return lambda detail: kind(detail, message=message)


def _field(field: str, message: str) -> Make:
    return lambda detail: InvalidInput(field, detail, message=message)


def _staff(advice: str) -> Make:
    return lambda detail: MisconfiguredError(f"{detail} {advice}")


_SECOND_FACTOR = _staff(
    "Switch the second factor off for this account, or use one that is meant for programs."
)
_SIGN_IN = "Check user name, password and cluster: an account works on its own cluster only."
_TRY_ANOTHER = "The mail platform does not accept this password. Choose a stronger one."

# Error numbers of OMA. One that is not here is a refusal.
OMA_FAILURES: Mapping[int, Make] = {
    0: _lost,
    1: lambda detail: CredentialsRejected(f"{detail} {_SIGN_IN}"),
    2: NotFound,
    3: IsAlias,
    4: _staff("The account's role must be company."),
    7: _taken,
    8: _taken,
    9: NotOwner,
    10: NotEmpty,
    11: _staff("Check the company of this account."),
    12: _staff("Check the role of this account."),
    13: NotFound,
    15: _said(PermanentError, "Your package has no room for another mailbox or forward."),
    16: _said(PermanentError, "Your package has no room for another alias."),
    18: _said(PermanentError, "The default workgroup cannot be deleted."),
    20: _busy,
    21: _staff("Allow this panel's address in the vendor's administration."),
    22: _busy,
    23: _taken,
    25: _busy,
    26: NotFound,
    27: _staff("Set the domain's filter host (filtermx)."),
    28: _lost,
    29: _lost,
    30: _lost,
    32: _staff("The vendor has disabled this administrator."),
    33: _SECOND_FACTOR,
    34: _field("password", "Use at least 10 characters."),
    35: _SECOND_FACTOR,
    36: _field("password", "This password was used before. Choose another one."),
    37: _field("aliases", "The domain of an alias does not exist on the mail platform."),
    38: _field("members", "There are more recipients than the mail platform allows."),
    39: CredentialsRejected,
    40: _field("password", _TRY_ANOTHER),
    42: _SECOND_FACTOR,
    43: _SECOND_FACTOR,
    44: _SECOND_FACTOR,
    47: _field("address", "This domain is an alias of another one."),
    48: _field("password", "Do not use the user name or the domain in the password."),
}
# The only error numbers of APP that are known; its texts are for staff.
APP_FAILURES: Mapping[int, Make] = {16: _taken, 17: NotFound, 34: SessionTimedOut}

# Attributes that `hints` of the errors 5 and 6 may name -> the input that people filled in.
_INPUTS = {
    "password": "password",
    "name": "display_name",
    "quota": "quota_bytes",
    "forward_recipients": "forward_to",
    "aliases": "aliases",
    "user": "address",
    "new_name": "address",
    "workgroup": "workgroup",
    "autoresponder": "autoresponder",
}


def explained(error: TemporaryError | MisconfiguredError, more: str) -> ModuleError:
    """The same trouble with a sentence that helps staff."""
    detail = f"{error.detail} {more}"
    if isinstance(error, MisconfiguredError):
        return MisconfiguredError(detail)
    return TemporaryError(detail, retry_after=error.retry_after, maybe_applied=error.maybe_applied)


def oma_failure(reply: Mapping[str, Any]) -> ModuleError:
    number, text = reply.get("error_number"), str(reply.get("error") or "").strip()[:300]
    detail = f"{text or 'Refused without a reason'} (error {number})."
    if number in (5, 6):
        return _badly_formatted(detail, reply.get("hints"))
    known = number if isinstance(number, int) else -1
    return OMA_FAILURES.get(known, _refused)(detail)


def app_failure(number: int, text: str) -> ModuleError:
    detail = f"{text[:300].strip() or 'Refused without a reason'} (ER {number})."
    return APP_FAILURES.get(number, _refused)(detail)


def _badly_formatted(detail: str, hints: Any) -> ModuleError:
    named = hints if isinstance(hints, Mapping) else {}
    for attribute, reason in named.items():
        if attribute in _INPUTS:
            return InvalidInput(_INPUTS[attribute], f"{detail} {attribute}: {reason}"[:300])
    reasons = "; ".join(f"{name}: {reason}" for name, reason in named.items())
    return PermanentError(f"{detail} {reasons}".strip()[:500])
