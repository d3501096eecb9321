from billing.models.invoices import Invoice, InvoiceLine, InvoiceTax, NumberSeries
from billing.models.runs import BillingRun, Claim, ServiceHold
from billing.models.seller import Seller, TaxRate

__all__ = [
    "BillingRun",
    "Claim",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "NumberSeries",
    "Seller",
    "ServiceHold",
    "TaxRate",
]
