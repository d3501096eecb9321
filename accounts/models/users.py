from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from accounts.roles import STAFF_RIGHTS, StaffRole
from config import clock


def session_seed() -> str:
    return secrets.token_urlsafe(12)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, staff_role=StaffRole.OWNER, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in by e-mail. Staff have a role; customers have memberships."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    staff_role = models.CharField(max_length=20, choices=StaffRole, blank=True)
    # Chosen by the person; blank is that of the customer they act for.
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now, editable=False)
    # Every session is bound to the password and to this seed: a new one ends them all.
    session_seed = models.CharField(max_length=24, default=session_seed, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("email",)
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_any_case"),)

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_role)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        bound = f"{self.password}:{self.session_seed}"
        return salted_hmac("accounts.session", bound, secret=secret, algorithm="sha256").hexdigest()

    def has_right(self, right: str) -> bool:
        """Whether this member of staff may do `right` (a StaffRight)."""
        return self.is_active and right in STAFF_RIGHTS.get(self.staff_role, frozenset())

    # Django's own permissions are not used: the roles table decides. Whatever still asks them,
    # such as an admin page of a third party, is open to owners only.
    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.staff_role == StaffRole.OWNER

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm(app_label)
