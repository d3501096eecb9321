from accounts.models.audit import AuditEvent
from accounts.models.customers import Customer, Membership
from accounts.models.invites import Invite
from accounts.models.setup import SetupLink
from accounts.models.users import User

__all__ = ["AuditEvent", "Customer", "Invite", "Membership", "SetupLink", "User"]
