from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Seller(models.Model):
    """The reseller as it stands on documents. One row; issued invoices copy it."""

    class EuConsumers(models.TextChoices):
        DESTINATION = "destination", "The rate of their country (One Stop Shop)"
        ORIGIN = "origin", "The seller's own rate (below the threshold)"

    class Decreases(models.TextChoices):
        AT_ONCE = "at_once", "At once, with credit for the rest of the term"
        END_OF_TERM = "end_of_term", "At the end of the term"

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=250, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField("state or region", max_length=100, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    tax_number = models.CharField(max_length=40, blank=True)
    registration = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    payment_instructions = models.TextField(blank=True, help_text="Printed on every invoice")
    footer = models.TextField(blank=True)
    invoice_prefix = models.CharField(max_length=20, default="INV-")
    credit_note_prefix = models.CharField(max_length=20, default="CN-")
    payment_days = models.PositiveIntegerField("days to pay", default=14)
    lead_days = models.PositiveIntegerField(
        "days before the due date",
        default=7,
        help_text="How early fixed prices are invoiced; what is metered waits for the due date",
    )
    decreases = models.CharField(
        "changes to something cheaper",
        max_length=12,
        choices=Decreases,
        default=Decreases.AT_ONCE,
    )
    change_days = models.PositiveIntegerField(
        "days to pay a change", default=7, help_text="An unpaid change is given up after them"
    )
    card_notice_days = models.PositiveIntegerField(
        "days before a saved card expires",
        default=30,
        help_text="How early its owner is told, once a card; 0 tells nobody",
    )
    order_days = models.PositiveIntegerField(
        "days to pay an order",
        default=30,
        help_text="One that is not paid is cancelled after them; 0 keeps it",
    )

    prices_include_tax = models.BooleanField(
        default=False, help_text="What customers see is what they pay; the tax is in it"
    )
    eu_consumers = models.CharField(
        "consumers in other EU countries",
        max_length=12,
        choices=EuConsumers,
        default=EuConsumers.DESTINATION,
        help_text="Also for businesses whose VAT number is not proven valid",
    )
    vat_keep_days = models.PositiveIntegerField(
        "days a valid VAT number is trusted",
        default=90,
        help_text="While the EU's service cannot be reached",
    )

    class Meta:
        verbose_name_plural = "seller"

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """A dated rate. The most specific row for the customer's place and the tax point applies."""

    class CustomerKind(models.TextChoices):
        EVERYBODY = "", "Everybody"
        BUSINESS = "business", "Businesses"
        CONSUMER = "consumer", "Consumers"

    name = models.CharField(max_length=60, help_text='As printed, e.g. "VAT"')
    country = models.CharField(max_length=2, blank=True, help_text="Blank: every country")
    region = models.CharField(max_length=100, blank=True)
    tax_class = models.CharField(
        max_length=40, blank=True, help_text="Of products; blank: those that have no rate of theirs"
    )
    customer_kind = models.CharField(max_length=10, blank=True, choices=CustomerKind)
    level = models.PositiveSmallIntegerField(
        choices=((1, "First"), (2, "Second")),
        default=1,
        help_text="A second tax on the same line, such as one of the province",
    )
    compound = models.BooleanField(
        default=False, help_text="Of the second level: charged on the first tax as well"
    )
    reason = models.CharField(
        max_length=250, blank=True, help_text="Printed on documents, such as why the rate is 0"
    )
    rate = models.DecimalField(
        "rate in %",
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Last day; blank is open")

    class Meta:
        ordering = ("country", "region", "level", "-valid_from")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(compound=False) | models.Q(level=2),
                name="only_a_second_tax_is_compound",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.rate.normalize():f} %"
