"""Which pages the admin site has."""

from __future__ import annotations

from accounts.models import AuditEvent, Customer, Invite, Membership, User
from backoffice.audit_trail import AuditEventAdmin
from backoffice.catalogue.options import OptionAdmin, OptionGroupAdmin
from backoffice.catalogue.products import ProductAdmin, ProductGroupAdmin
from backoffice.customers.admin import CustomerAdmin
from backoffice.money.dry_runs import DryRunAdmin
from backoffice.money.dunning import (
    DunningPolicyAdmin,
    DunningRunAdmin,
    ProductGraceAdmin,
    TerminationRequestAdmin,
)
from backoffice.money.gateway_log import ChargeAttemptAdmin, GatewayEventAdmin
from backoffice.money.gateways import GatewayAccountAdmin
from backoffice.money.invoices import InvoiceAdmin
from backoffice.money.mails import MailTemplateAdmin, SentMailAdmin
from backoffice.money.orders import OrderAdmin
from backoffice.money.payments import PaymentAdmin
from backoffice.money.promotions import PromotionAdmin
from backoffice.money.runs import BillingRunAdmin
from backoffice.money.setup import NumberSeriesAdmin, SellerAdmin, TaxRateAdmin
from backoffice.platforms.calls import ModuleCallAdmin
from backoffice.platforms.commands import CommandAdmin
from backoffice.platforms.readings import UsageReadingAdmin
from backoffice.platforms.server_groups import ServerGroupAdmin
from backoffice.platforms.servers import ServerAdmin
from backoffice.services.admin import MailboxAdmin, ServiceAdmin
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
