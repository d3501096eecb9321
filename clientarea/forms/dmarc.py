from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientarea.forms.base import PanelForm
from provisioning.contract.dns import DmarcExpectation
from provisioning.dnsguide import dmarc

POLICIES = (
    ("none", _("Only report (none)")),
    ("quarantine", _("Put into the spam folder (quarantine)")),
    ("reject", _("Refuse (reject)")),
)
ALIGNMENTS = (("r", _("Relaxed: subdomains count")), ("s", _("Strict: the exact domain only")))


class DmarcForm(PanelForm):
    """`record` is what the valid form describes; the rules are the generator's own."""

    p = forms.ChoiceField(label=_("Mail that fails the check"), choices=POLICIES)
    sp = forms.ChoiceField(
        label=_("The same for subdomains"), choices=(("", _("As above")), *POLICIES), required=False
    )
    pct = forms.CharField(label=_("Apply to, in percent of the mail"), required=False, max_length=3)
    rua = forms.CharField(
        label=_("Daily reports to"),
        required=False,
        help_text=_("E-mail addresses, separated by commas."),
    )
    ruf = forms.CharField(label=_("Reports of single failures to"), required=False)
    adkim = forms.ChoiceField(label=_("DKIM alignment"), choices=ALIGNMENTS, required=False)
    aspf = forms.ChoiceField(label=_("SPF alignment"), choices=ALIGNMENTS, required=False)
    rf = forms.ChoiceField(
        label=_("Format of failure reports"),
        choices=[(name, name) for name in dmarc.FORMATS],
        required=False,
    )
    ri = forms.CharField(
        label=_("Seconds between reports"),
        required=False,
        max_length=8,
        help_text=_("86400 is a day."),
    )
    record = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        draft = dmarc.generate({name: str(value) for name, value in cleaned.items()})
        for name, problem in draft.errors.items():
            self.add_error(name, problem)
        self.record = draft.record
        return cleaned


def suggested(expected: DmarcExpectation) -> dict[str, str]:
    policy = dmarc.suggested(expected)
    return {
        "p": policy.p,
        "sp": policy.sp,
        "pct": str(policy.pct),
        "rua": ", ".join(policy.rua),
        "ruf": ", ".join(policy.ruf),
        "adkim": policy.adkim,
        "aspf": policy.aspf,
        "rf": policy.rf,
        "ri": str(policy.ri),
    }
