"""The panel's rules for sign-in, at allauth's own extension point."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from accounts import sessions
from accounts.actors import actor_of
from accounts.audit import acting, record
from accounts.keys import public_url
from accounts.models import User

# allauth tells the person by mail of each of these, and so the audit trail hears of them.
FACTOR_EVENTS = {
    "mfa/email/totp_activated": "user.authenticator_app_added",
    "mfa/email/totp_deactivated": "user.authenticator_app_removed",
    "mfa/email/webauthn_added": "user.passkey_added",
    "mfa/email/webauthn_removed": "user.passkey_removed",
    "mfa/email/recovery_codes_generated": "user.recovery_codes_renewed",
}
# In the session of a visitor: where they were going when they had to sign in. Only ever set by us.
AFTER_SIGN_IN = "after_sign_in"
FACTOR_LOST = frozenset({"mfa/email/totp_deactivated", "mfa/email/webauthn_removed"})


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        wanted = request.session.pop(AFTER_SIGN_IN, "")
        if wanted:
            return str(wanted)
        if isinstance(user, User) and user.is_staff and not user.memberships.exists():
            return settings.ADMIN_PATH
        return settings.LOGIN_REDIRECT_URL

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At SITE_URL, whatever host the request claimed."""
        names = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=names)
        return public_url(path.replace("UID-KEY", quote(key)))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return public_url(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        with acting(actor_of(request)):
            record("user.signed_in", user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """The same work for a known and an unknown address, so that time tells nothing."""
        email = str(credentials.get("email", ""))[:254].lower()
        user = User.objects.filter(email__iexact=email).first()
        record("user.sign_in_failed", user or User(email=email))

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            record("user.signed_out", request.user)
        super().logout(request)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        super().set_password(user, password)
        record("user.password_changed", user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        before = {"email": email_address.user.email}
        confirmed: bool = super().confirm_email(request, email_address)
        if confirmed:
            after = {"email": email_address.user.email}
            record("user.address_confirmed", email_address.user, before=before, after=after)
        return confirmed

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        if template_prefix in FACTOR_EVENTS:
            record(FACTOR_EVENTS[template_prefix], user)
        if template_prefix in FACTOR_LOST:
            sessions.end_others(self.request, cast(User, user))
        super().send_notification_mail(template_prefix, user, context, email)
