from accounts.models.audit import AuditEvent
from accounts.models.customers import Customer, Membership
from accounts.models.users import User

__all__ = ["AuditEvent", "Customer", "Membership", "User"]
