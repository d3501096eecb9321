from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models.customers import Customer
from accounts.roles import CustomerRole, StaffRole
from config import clock


class InviteQuerySet(models.QuerySet["Invite"]):
    def pending(self) -> InviteQuerySet:
        """Neither accepted nor withdrawn; may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def usable(self) -> InviteQuerySet:
        return self.pending().filter(expires_at__gt=clock.now())


class Invite(models.Model):
    """A link by which one person joins, once. Only the hash of its key is kept."""

    email = models.EmailField()
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="invites"
    )
    role = models.CharField(max_length=20, choices=CustomerRole, blank=True)
    staff_role = models.CharField(max_length=20, choices=StaffRole, blank=True)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(
                name="invite_to_a_customer_or_to_the_staff",
                condition=(Q(customer__isnull=False, staff_role="") & ~Q(role=""))
                | (Q(customer__isnull=True, role="") & ~Q(staff_role="")),
            ),
            models.UniqueConstraint(
                fields=("customer", "email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="one_pending_invite_per_customer",
            ),
            models.UniqueConstraint(
                fields=("email",),
                condition=Q(accepted_at=None, withdrawn_at=None, customer=None),
                name="one_pending_staff_invite",
            ),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def is_usable(self) -> bool:
        pending = self.accepted_at is None and self.withdrawn_at is None
        return pending and self.expires_at > clock.now()

    @property
    def team(self) -> str:
        return str(self.customer or _("the staff"))

    @property
    def role_label(self) -> str:
        return self.get_role_display() or self.get_staff_role_display()
