"""E-mails: the texts staff may change, and the log of what was written and sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import Base, BigList
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.look import ago, dress, state_badge
from billing.mail import rendering
from billing.mail.queue import resend, test_send
from billing.mail.texts import TEXTS
from billing.models import MailTemplate, SentMail
from config import clock

CODES = [(code, str(text.label)) for code, text in TEXTS.items()]


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new one begins with the built-in text, so that nothing has to be typed anew."""

    code = forms.ChoiceField(label="E-mail", choices=CODES)
    language = forms.ChoiceField(choices=settings.LANGUAGES, initial="en")

    class Meta:
        model = MailTemplate
        fields = ("code", "language", "subject", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "language"):
            if name in self.fields:
                dress(self.fields[name])
        if not self.instance.pk and "body" in self.fields:
            self._begin(self.initial.get("code") or CODES[0][0])

    def _begin(self, code: str) -> None:
        if code in TEXTS:
            language = self.initial.get("language", "en")
            subject, body = rendering.builtin(code, language)
            begun = {"code": code, "subject": subject, "body": body}
            self.initial = begun | dict(self.initial)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        code = data.get("code") or self.instance.code
        if code and "subject" in data and "body" in data:
            rendering.check(code, data["subject"], data["body"])
        self.instance.updated_at = clock.now()
        return data


class TestForm(ObjectForm):
    recipient = forms.EmailField(label="Send it to")


def _test(request: StaffRequest, row: MailTemplate, data: dict[str, Any]) -> Answer:
    test_send(_preview(row), data["recipient"])
    return f"A test with sample values goes to {data['recipient']}."


def _preview(row: MailTemplate) -> rendering.Rendered:
    return rendering.fill(row.subject, row.body, TEXTS[row.code].placeholders)


class MailTemplateAdmin(Base):
    """Without a row the built-in text is sent."""

    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    form = TemplateForm
    list_display = ("label", "language", "subject", "changed")
    list_filter = ("language",)
    panels_template = "backoffice/mail_template_panels.html"
    buttons = (
        Button(
            name="test", label="Send a test", icon="send", act=_test, form=TestForm,
            right=StaffRight.MANAGE_SETUP,
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "language") if obj else ()

    def panels(self, request: HttpRequest, obj: MailTemplate) -> dict[str, Any]:
        return {
            "preview": _preview(obj),
            "placeholders": sorted(TEXTS[obj.code].placeholders.items()),
        }

    @admin.display(description="e-mail", ordering="code")
    def label(self, row: MailTemplate) -> str:
        return dict(CODES).get(row.code, row.code)

    @admin.display(description="changed", ordering="updated_at")
    def changed(self, row: MailTemplate) -> str:
        return ago(row.updated_at)


def _resend(_request: StaffRequest, row: SentMail, _data: dict[str, Any]) -> Answer:
    resend(row)
    return f"It goes to {row.recipient} once more."


class SentMailAdmin(BigList):
    list_display = ("when", "recipient", "subject", "customer", "stands", "attempts")
    list_filter = ("status", "code")
    list_select_related = ("customer",)
    search_fields = ("recipient__icontains", "subject__icontains")
    search_help_text = "Recipient or subject"
    fields = (
        "when", "recipient", "customer", "stands", "subject", "body", "attachment", "attempts",
        "error", "sent_at",
    )  # fmt: skip
    buttons = (
        Button(
            name="resend", label="Send again", icon="forward_to_inbox", act=_resend,
            warning="The same message is sent once more.",
            right=StaffRight.MANAGE_CUSTOMERS,
            shown=lambda row: row.status in (SentMail.Status.SENT, SentMail.Status.FAILED),
        ),
    )  # fmt: skip

    @admin.display(description="written")
    def when(self, row: SentMail) -> str:
        return ago(row.created_at)

    @admin.display(description="status", ordering="status")
    def stands(self, row: SentMail) -> SafeString:
        return state_badge(row, "status")
