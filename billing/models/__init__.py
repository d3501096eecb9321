from billing.models.adjustments import Adjustment
from billing.models.dry_runs import DryRun, DryRunDocument
from billing.models.invoices import Invoice, InvoiceLine, InvoiceTax, NumberSeries
from billing.models.mail import MailTemplate, SentMail
from billing.models.money import (
    Allocation,
    ChargeAttempt,
    ChargeBack,
    CreditEntry,
    GatewayAccount,
    GatewayCustomer,
    GatewayEvent,
    Payment,
    Refund,
    SavedMethod,
)
from billing.models.orders import (
    CancellationRequest,
    Order,
    OrderItem,
    Promotion,
    ServiceChange,
    ServiceDiscount,
)
from billing.models.policies import (
    BillingProfile,
    DunningEvent,
    DunningPolicy,
    DunningRun,
    DunningStep,
    LateFee,
    ProductGrace,
    TerminationRequest,
)
from billing.models.runs import BillingRun, Claim, ServiceHold
from billing.models.seller import Seller, TaxRate
from billing.models.taxation import TaxRecheck, VatCheck, VatStatus

__all__ = [
    "Adjustment",
    "Allocation",
    "BillingProfile",
    "BillingRun",
    "CancellationRequest",
    "ChargeAttempt",
    "ChargeBack",
    "Claim",
    "CreditEntry",
    "DryRun",
    "DryRunDocument",
    "DunningEvent",
    "DunningPolicy",
    "DunningRun",
    "DunningStep",
    "GatewayAccount",
    "GatewayCustomer",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "LateFee",
    "MailTemplate",
    "NumberSeries",
    "Order",
    "OrderItem",
    "Payment",
    "ProductGrace",
    "Promotion",
    "Refund",
    "SavedMethod",
    "Seller",
    "SentMail",
    "ServiceChange",
    "ServiceDiscount",
    "ServiceHold",
    "TaxRate",
    "TaxRecheck",
    "TerminationRequest",
    "VatCheck",
    "VatStatus",
]
