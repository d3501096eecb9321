"""What a module may raise; the class says what the panel does next.

ModuleError
├── TemporaryError        try again later (time-outs, 5xx, 429, connection refused)
├── PermanentError        the vendor refused; trying again changes nothing
│   ├── InvalidInput      one field is wrong; shown beside that field
│   ├── DoesNotFit        a change of package below what is in use
│   └── NotFound          the object is not on the platform
├── MisconfiguredError    staff must act: wrong password, API switched off, TLS failure
├── ConflictError         the object exists and belongs to somebody else
└── UnsupportedError      the platform cannot do this

`detail` is for staff and holds the vendor's own words; `message` is one plain sentence that a
customer may read. Neither ever holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class ModuleError(Exception):
    message = _("The mail platform could not do this. We have been told and will look into it.")

    def __init__(self, detail: str, *, message: str = "") -> None:
        super().__init__(detail)
        # Words of a platform are stored, and no database takes a NUL.
        self.detail = detail.replace("\x00", "\ufffd")
        self.message = gettext(message or type(self).message).replace("\x00", "\ufffd")


class TemporaryError(ModuleError):
    """`retry_after` is in seconds. `maybe_applied`: the request may have reached the platform."""

    message = _(
        "The mail platform does not answer at the moment. Please try again in a few minutes."
    )

    def __init__(
        self,
        detail: str,
        *,
        message: str = "",
        retry_after: float | None = None,
        maybe_applied: bool = False,
    ) -> None:
        super().__init__(detail, message=message)
        self.retry_after = retry_after
        self.maybe_applied = maybe_applied


class PermanentError(ModuleError):
    message = _("The mail platform refused this change.")


class InvalidInput(PermanentError):
    """`field` names the input of the form that the customer or staff filled in."""

    def __init__(self, field: str, detail: str, *, message: str = "") -> None:
        super().__init__(detail, message=message or detail)
        self.field = field


class DoesNotFit(PermanentError):
    """`blockers` are sentences such as "12 mailboxes exist, the new limit is 10"."""

    def __init__(self, blockers: Sequence[str]) -> None:
        text = "; ".join(blockers)
        super().__init__(
            text, message=gettext("The change does not fit: %(text)s.") % {"text": text}
        )
        self.blockers = tuple(blockers)


class NotFound(PermanentError):
    message = _("This does not exist on the mail platform any more.")


class MisconfiguredError(ModuleError):
    message = _("The mail platform is not available at the moment. We have been told.")


class ConflictError(ModuleError):
    message = _("This name is already in use on the mail platform.")


class UnsupportedError(ModuleError):
    message = _("The mail platform does not offer this.")
