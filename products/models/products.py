from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from config.crypto import SettingsField
from config.periods import CYCLE_CHOICES
from products.models.options import OptionGroup


class ProductGroup(models.Model):
    """A shelf of the catalogue."""

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    position = models.PositiveIntegerField(default=0)
    hidden = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What is sold. `module` and `module_settings` are read by the module that delivers it."""

    class SetupType(models.TextChoices):
        ON_ORDER = "on_order", "As soon as it is ordered"
        ON_PAYMENT = "on_payment", "When the first invoice is paid"
        ON_APPROVAL = "on_approval", "After approval by staff"

    class Timing(models.TextChoices):
        ADVANCE = "advance", "In advance, for the period that begins"
        ARREARS = "arrears", "In arrears, for the period that has ended"

    class SetupOnChange(models.TextChoices):
        NONE = "none", "Not charged"
        DIFFERENCE = "difference", "The difference"
        FULL = "full", "In full"

    group = models.ForeignKey(ProductGroup, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    active = models.BooleanField(default=True, help_text="Offered to new services")
    position = models.PositiveIntegerField(default=0)
    setup_type = models.CharField(max_length=20, choices=SetupType, default=SetupType.ON_PAYMENT)
    timing = models.CharField(
        "base price is charged", max_length=10, choices=Timing, default=Timing.ARREARS
    )
    taxable = models.BooleanField(default=True)
    # Chooses among the tax rates; blank takes those that name no class.
    tax_class = models.CharField(max_length=40, blank=True)
    module = models.CharField(max_length=40, blank=True)
    module_settings = SettingsField(default=dict, blank=True)
    module_settings_version = models.PositiveIntegerField(default=1)
    option_groups = models.ManyToManyField(OptionGroup, blank=True, related_name="products")
    setup_on_change = models.CharField(
        "setup fee when changed to", max_length=10, choices=SetupOnChange, default="none"
    )
    # Metering rules of this product, as `provisioning.contract.meters` reads them.
    metering = models.JSONField(default=list, blank=True)
    # What a term costs at least: {cycle: {currency: "amount"}}.
    minimums = models.JSONField(default=dict, blank=True)
    usage_monthly = models.BooleanField(
        "bill usage every month",
        default=False,
        help_text="Also when the base price is charged for a longer time",
    )
    align_day = models.PositiveSmallIntegerField(
        "align to day of the month",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text="An order first pays for the days up to it; blank: counted from the order",
    )
    align_from = models.PositiveSmallIntegerField(
        "next month too from day",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="In advance: orders from this day on also pay for the whole next period",
    )

    class Meta:
        ordering = ("group__position", "position", "name")
        constraints = (
            models.UniqueConstraint(fields=("group", "name"), name="product_name_in_group"),
        )

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """The price of one cycle in one currency. No row: not offered. An amount of 0: free.

    For a product metered in tranches this is the price of one tranche.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    cycle = models.CharField(max_length=20, choices=CYCLE_CHOICES)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=4, validators=[MinValueValidator(0)])
    setup_fee = models.DecimalField(
        max_digits=14, decimal_places=4, default=0, validators=[MinValueValidator(0)]
    )

    class Meta:
        ordering = ("currency", "cycle")
        constraints = (
            models.UniqueConstraint(
                fields=("product", "cycle", "currency"), name="one_price_per_cycle_and_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, setup_fee__gte=0), name="price_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product} {self.cycle} {self.amount} {self.currency}"
