"""What each role may do: the two tables from which every permission check reads."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    OWNER = "owner", "Owner"
    BILLING = "billing", "Billing"
    SUPPORT = "support", "Support"
    READ_ONLY = "read_only", "Read only"


class CustomerRole(TextChoices):
    OWNER = "owner", _("Owner")
    TECHNICAL = "technical", _("Technical")
    BILLING = "billing", _("Billing")


class StaffRight(TextChoices):
    VIEW = "view", "See everything but secrets"
    MANAGE_SETUP = "manage_setup", "Servers, products, tax and seller details"
    MANAGE_STAFF = "manage_staff", "Staff accounts and roles"
    MANAGE_CUSTOMERS = "manage_customers", "Customers and their users"
    RUN_COMMANDS = "run_commands", "Services and module commands"
    TERMINATE = "terminate", "Terminate services"
    MANAGE_BILLING = "manage_billing", "Invoices and billing runs"
    SIGN_ON = "sign_on", "Sign on to mail platforms"
    IMPERSONATE = "impersonate", "See the client area as a customer"


class CustomerRight(TextChoices):
    VIEW_SERVICES = "view_services", _("See services and mailboxes")
    MANAGE_MAIL = "manage_mail", _("Mailboxes, aliases, lists, DNS")
    SIGN_ON = "sign_on", _("Sign on to the mail panel")
    VIEW_INVOICES = "view_invoices", _("See and download invoices")
    PAY = "pay", _("Pay invoices and keep cards")
    ORDER = "order", _("Order and change services")
    MANAGE_USERS = "manage_users", _("Invite and remove users, company details")


STAFF_RIGHTS: dict[str, frozenset[str]] = {
    StaffRole.OWNER: frozenset(StaffRight.values),
    StaffRole.BILLING: frozenset(
        {
            StaffRight.VIEW,
            StaffRight.MANAGE_CUSTOMERS,
            StaffRight.MANAGE_BILLING,
            StaffRight.IMPERSONATE,
        }
    ),
    StaffRole.SUPPORT: frozenset(
        {
            StaffRight.VIEW,
            StaffRight.MANAGE_CUSTOMERS,
            StaffRight.RUN_COMMANDS,
            StaffRight.SIGN_ON,
            StaffRight.IMPERSONATE,
        }
    ),
    StaffRole.READ_ONLY: frozenset({StaffRight.VIEW}),
}

CUSTOMER_RIGHTS: dict[str, frozenset[str]] = {
    CustomerRole.OWNER: frozenset(CustomerRight.values),
    CustomerRole.TECHNICAL: frozenset(
        {CustomerRight.VIEW_SERVICES, CustomerRight.MANAGE_MAIL, CustomerRight.SIGN_ON}
    ),
    CustomerRole.BILLING: frozenset(
        {
            CustomerRight.VIEW_SERVICES,
            CustomerRight.VIEW_INVOICES,
            CustomerRight.PAY,
            CustomerRight.ORDER,
        }
    ),
}

# Staff who see the client area as a customer reach no secret of the customer's people, nor their
# money.
IMPERSONATION_RIGHTS = CUSTOMER_RIGHTS[CustomerRole.OWNER] - {
    CustomerRight.MANAGE_USERS,
    CustomerRight.SIGN_ON,
    CustomerRight.PAY,
}
