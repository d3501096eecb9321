from billing.models.adjustments import Adjustment
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
    DunningStep,
    ProductGrace,
)
from billing.models.runs import BillingRun, Claim, ServiceHold
from billing.models.seller import Seller, TaxRate

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
    "DunningEvent",
    "DunningPolicy",
    "DunningStep",
    "GatewayAccount",
    "GatewayCustomer",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
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
]
