"""The bank's list of what came in: upload → what each line is for → booked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.look import PlainForm, file_input
from billing.payments.bank_import import Match, book, match
from billing.payments.bank_lines import Habits, Unread, decode, read

MOST_BYTES = 1024 * 1024
CURRENCIES = [(code, code) for code in settings.CURRENCIES]
ORDERS = (("day", "Day first: 31/12/2026"), ("month", "Month first: 12/31/2026"))


class ListForm(PlainForm):
    """The file, and from the second step on its text in a hidden field."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        widget=file_input(),
        help_text="As your bank exports it, at most 1 MB",
    )
    text = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    currency = forms.ChoiceField(
        choices=CURRENCIES, help_text="Where the list has no column for it"
    )
    order = forms.ChoiceField(label="Dates are written", choices=ORDERS, initial="day")

    def clean_file(self) -> str:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError("The file is larger than 1 MB; import it in parts.")
        return decode(file.read())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["list"] = data.get("file") or data.get("text", "")
        if not data["list"] and not self.errors:
            self.add_error("file", "Choose the file.")
        return data

    def matches(self) -> tuple[list[Match], list[Unread]]:
        """ValidationError when it is no list."""
        data = self.cleaned_data
        habits = Habits(currency=data["currency"], day_first=data["order"] == "day")
        lines, unread = read(data["list"], habits)
        return match(lines), unread


def page(admin: Any, request: StaffRequest) -> HttpResponse:
    if not request.user.has_right(StaffRight.MANAGE_BILLING):
        raise PermissionDenied
    form = ListForm(request.POST or None, request.FILES or None)
    matches: list[Match] = []
    unread: list[Unread] = []
    if request.method == "POST" and form.is_valid():
        try:
            matches, unread = form.matches()
        except ValidationError as error:
            form.add_error("file", error)
        if "book" in request.POST and matches:
            return _book(request, matches)
        if not (matches or unread or form.errors):
            messages.info(request, "No line of this list is money that came in.")
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": "Import a bank list",
        "form": form,
        "matches": matches,
        "unread": unread,
        "list": form.cleaned_data.get("list", "") if form.is_bound and form.is_valid() else "",
    }
    return TemplateResponse(request, "backoffice/bank_import.html", context)


def _book(request: StaffRequest, matches: list[Match]) -> HttpResponse:
    """A line that was booked before is left alone, so sending the form twice does no harm."""
    keys = request.POST.getlist("line")
    chosen = {key: request.POST.get(f"invoice-{key}", "").strip() for key in keys}
    done = book(matches, chosen, by=request.user)
    booked = [each for each in done if each.payment]
    for each in done:
        if each.error:
            messages.error(request, f"Line {each.line.number}: {each.error}")
    messages.success(request, f"{len(booked)} payments booked.")
    return redirect("admin:billing_payment_changelist")
