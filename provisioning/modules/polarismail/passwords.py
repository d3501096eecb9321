"""The platform's rule for passwords, and a check that names everything that is missing."""

from __future__ import annotations

import string

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput, PasswordPolicy

POLICY = PasswordPolicy(
    min_length=8,
    require_upper=True,
    require_lower=True,
    require_digit=True,
    require_symbol=True,
    symbols="!@#$%^&*-_=+",
)


def check(password: str, *, field: str = "password") -> None:
    """InvalidInput. Any symbol will do for the platform, not only the suggested ones."""
    classes = (
        (string.ascii_uppercase, _("an upper-case letter")),
        (string.ascii_lowercase, _("a lower-case letter")),
        (string.digits, _("a digit")),
        (string.punctuation, _("a symbol")),
    )
    missing = [
        noun for letters, noun in classes if not any(letter in letters for letter in password)
    ]
    if len(password) < POLICY.min_length:
        missing.insert(0, _("at least %(number)s characters") % {"number": POLICY.min_length})
    if missing:
        raise InvalidInput(
            field, _("The password needs %(names)s.") % {"names": ", ".join(missing)}
        )
    if not password.isprintable():
        raise InvalidInput(field, _("The password holds characters that cannot be typed."))
