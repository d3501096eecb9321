from __future__ import annotations

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from config.periods import CYCLE_CHOICES


class OptionGroup(models.Model):
    """Configurable options that several products share."""

    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """`code` goes to the module and never changes; `name` is what people read."""

    class Type(models.TextChoices):
        DROPDOWN = "dropdown", "Dropdown"
        RADIO = "radio", "Radio buttons"
        YES_NO = "yes_no", "Yes or no"
        QUANTITY = "quantity", "Quantity"

    group = models.ForeignKey(OptionGroup, on_delete=models.CASCADE, related_name="options")
    code = models.CharField(
        max_length=60,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "Lower-case letters, digits and _ only.")],
    )
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=Type)
    minimum = models.PositiveIntegerField(default=0, help_text="Quantities only")
    maximum = models.PositiveIntegerField(
        null=True, blank=True, help_text="Quantities only; blank is no upper limit"
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("group", "code"), name="option_code_in_group"),
            models.CheckConstraint(
                condition=models.Q(maximum__isnull=True)
                | models.Q(maximum__gte=models.F("minimum")),
                name="option_minimum_below_maximum",
            ),
        )

    def __str__(self) -> str:
        return self.name


class OptionChoice(models.Model):
    """A value of a dropdown or radio option. Yes/no and quantity options have none."""

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="choices")
    value = models.CharField(max_length=100, help_text="Sent to the module")
    label = models.CharField(max_length=120)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("option", "value"), name="choice_value_in_option"),
        )

    def __str__(self) -> str:
        return self.label


class OptionPrice(models.Model):
    """Of one choice, of "yes", or of one unit of a quantity. No row: free of charge."""

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="prices")
    choice = models.ForeignKey(
        OptionChoice, on_delete=models.CASCADE, null=True, blank=True, related_name="prices"
    )
    cycle = models.CharField(max_length=20, choices=CYCLE_CHOICES)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=4, validators=[MinValueValidator(0)])
    setup_fee = models.DecimalField(
        max_digits=14, decimal_places=4, default=0, validators=[MinValueValidator(0)]
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("choice", "cycle", "currency"),
                condition=models.Q(choice__isnull=False),
                name="one_price_per_choice",
            ),
            models.UniqueConstraint(
                fields=("option", "cycle", "currency"),
                condition=models.Q(choice__isnull=True),
                name="one_price_per_option",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, setup_fee__gte=0),
                name="option_price_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.choice or self.option} {self.cycle} {self.amount} {self.currency}"
