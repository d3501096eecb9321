"""Which pages the admin site has."""

from __future__ import annotations

from accounts.models import AuditEvent, Customer, Invite, Membership, User
from backoffice.audit_trail import AuditEventAdmin
from backoffice.calls import ModuleCallAdmin
from backoffice.commands import CommandAdmin
from backoffice.customers import CustomerAdmin
from backoffice.dry_runs import DryRunAdmin
from backoffice.dunning import (
    DunningPolicyAdmin,
    DunningRunAdmin,
    ProductGraceAdmin,
    TerminationRequestAdmin,
)
from backoffice.gateway_log import ChargeAttemptAdmin, GatewayEventAdmin
from backoffice.gateways import GatewayAccountAdmin
from backoffice.invoices import InvoiceAdmin
from backoffice.mails import MailTemplateAdmin, SentMailAdmin
from backoffice.money_setup import NumberSeriesAdmin, SellerAdmin, TaxRateAdmin
from backoffice.options import OptionAdmin, OptionGroupAdmin
from backoffice.orders import OrderAdmin
from backoffice.payments import PaymentAdmin
from backoffice.products import ProductAdmin, ProductGroupAdmin
from backoffice.promotions import PromotionAdmin
from backoffice.readings import UsageReadingAdmin
from backoffice.runs import BillingRunAdmin
from backoffice.server_groups import ServerGroupAdmin
from backoffice.servers import ServerAdmin
from backoffice.services import MailboxAdmin, ServiceAdmin
from backoffice.site import site
from backoffice.team import InviteAdmin, MembershipAdmin, UserAdmin
from billing.models import (
    BillingRun,
    ChargeAttempt,
    DryRun,
    DunningPolicy,
    DunningRun,
    GatewayAccount,
    GatewayEvent,
    Invoice,
    MailTemplate,
    NumberSeries,
    Order,
    Payment,
    ProductGrace,
    Promotion,
    Seller,
    SentMail,
    TaxRate,
    TerminationRequest,
)
from products.models import Option, OptionGroup, Product, ProductGroup
from provisioning.models import (
    Command,
    Mailbox,
    ModuleCall,
    Server,
    ServerGroup,
    Service,
    UsageReading,
)

PAGES = {
    AuditEvent: AuditEventAdmin,
    BillingRun: BillingRunAdmin,
    DryRun: DryRunAdmin,
    ChargeAttempt: ChargeAttemptAdmin,
    Command: CommandAdmin,
    Customer: CustomerAdmin,
    DunningPolicy: DunningPolicyAdmin,
    DunningRun: DunningRunAdmin,
    GatewayAccount: GatewayAccountAdmin,
    GatewayEvent: GatewayEventAdmin,
    Invite: InviteAdmin,
    Invoice: InvoiceAdmin,
    Mailbox: MailboxAdmin,
    MailTemplate: MailTemplateAdmin,
    Membership: MembershipAdmin,
    ModuleCall: ModuleCallAdmin,
    NumberSeries: NumberSeriesAdmin,
    Option: OptionAdmin,
    OptionGroup: OptionGroupAdmin,
    Order: OrderAdmin,
    Payment: PaymentAdmin,
    Product: ProductAdmin,
    ProductGrace: ProductGraceAdmin,
    Promotion: PromotionAdmin,
    ProductGroup: ProductGroupAdmin,
    Seller: SellerAdmin,
    SentMail: SentMailAdmin,
    Server: ServerAdmin,
    ServerGroup: ServerGroupAdmin,
    Service: ServiceAdmin,
    TaxRate: TaxRateAdmin,
    TerminationRequest: TerminationRequestAdmin,
    UsageReading: UsageReadingAdmin,
    User: UserAdmin,
}

for model, page in PAGES.items():
    site.register(model, page)
