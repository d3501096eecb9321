"""What a gateway may raise; the class says what happens next.

GatewayError
├── GatewayUnavailable    no answer, or one that makes no sense: look, then try again
├── GatewayRefused        it will not do this: a card that is gone, an amount it does not take
├── GatewayMisconfigured  staff must act: a wrong key, an account without rights
└── ForgedEvent           a notification that the gateway did not send, or sent too long ago

`str()` is for staff; `message` is a sentence a customer may read. Neither ever holds a key.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class GatewayError(Exception):
    message = _("The payment could not be made. We have been told and will look into it.")

    def __init__(self, text: str = "", *, message: str = "") -> None:
        super().__init__(text)
        self.message = message or gettext(type(self).message)


class GatewayUnavailable(GatewayError):
    """What was asked may have happened all the same."""

    message = _("The payment service does not answer. Please try again in a few minutes.")


class GatewayRefused(GatewayError):
    message = _("The payment service refused this.")

    def __init__(self, text: str, *, message: str = "") -> None:
        super().__init__(text, message=message or text)


class GatewayMisconfigured(GatewayError):
    message = _("This way to pay is not available at the moment. We have been told.")


class ForgedEvent(GatewayError):
    message = _("This notification is not accepted.")
