from __future__ import annotations

from django.db import models
from django.db.models import Q


class SetupLink(models.Model):
    """The one link by which a new installation gets its first owner. A used one closes set-up
    for ever.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    key_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(name="one_setup_link", condition=Q(id=1)),)

    def __str__(self) -> str:
        return "used" if self.used_at else "open"
