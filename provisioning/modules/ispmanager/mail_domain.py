"""Settings of the mail domain: one form of the panel, of which only what it has is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Field,
    FieldSet,
    InvalidInput,
    Kind,
    SettingsPage,
    SettingsSeen,
    SettingsStore,
)
from provisioning.contract.mail_settings import Attempt, Choices
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.scope import Scope

UNKNOWN = "defaction"
# The code words of redirecting are not published: one that is set stays, and none is offered.
ACTIONS: Choices = (
    ("error", _("Refuse it, and tell the sender")),
    ("ignore", _("Take it and throw it away")),
)


def _switch(code: str, label: str, help_text: str) -> Field:
    return Field(code=code, label=label, kind=Kind.BOOLEAN, default=False, help=help_text)


PAGE = SettingsPage(
    code="incoming-mail",
    label=_("Incoming mail"),
    help=_("What is done with mail before it reaches a mailbox of your domain."),
    fields=FieldSet(
        (
            Field(
                code=UNKNOWN,
                label=_("Mail to unknown addresses"),
                kind=Kind.CHOICE,
                default="",
                required=True,
                live_choices=True,
            ),
            _switch(
                "greylist",
                _("Greylisting"),
                _(
                    "A sender who is new has to try again, which takes minutes; much spam "
                    "never does."
                ),
            ),
            _switch("spamassassin", _("Look for spam"), ""),
            _switch("avcheck", _("Look for viruses"), ""),
        )
    ),
)
SWITCHES = frozenset({"greylist", "spamassassin", "avcheck"})


class MailDomainSettings(SettingsStore):
    def __init__(self, scope: Scope) -> None:
        super().__init__(PAGE)
        scope.require_claim()
        self._scope = scope

    def read(self, address: str = "") -> SettingsSeen:
        form = self._form()
        return SettingsSeen(values=_values(form), choices={UNKNOWN: _choices(form)})

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        form = self._form()
        for code, value in changes.items():
            if code not in form:
                raise InvalidInput(code, gettext("This control panel does not have this setting."))
            if code == UNKNOWN and value not in dict(_choices(form)):
                raise InvalidInput(code, gettext("This is none of the choices."))
        body = {code: _sent(value) for code, value in changes.items()}

        def apply() -> tuple[str, ...]:
            params = {**self._scope.as_user, "elid": self._scope.domain, **body}
            self._scope.client.apply("emaildomain.edit", params)
            return ()

        return (apply,)

    def _form(self) -> Node:
        return self._scope.client.form("emaildomain.edit", self._scope.domain, self._scope.as_user)


def _values(form: Node) -> dict[str, Any]:
    here = (item.code for item in PAGE.fields.fields if item.code in form)
    return {
        code: form.value(code) == "on" if code in SWITCHES else form.value(code) for code in here
    }


def _choices(form: Node) -> Choices:
    """Ours as far as the panel lists them, where it does, and what is set now."""
    lists = [each for each in form.all("slist") if each.attributes.get("name") == UNKNOWN]
    listed = {val.attributes.get("key", ""): val.text for each in lists for val in each.all("val")}
    offered = tuple(choice for choice in ACTIONS if not listed or choice[0] in listed)
    now = form.value(UNKNOWN)
    if now in dict(offered):
        return offered
    return (
        *offered,
        (
            now,
            gettext("%(value)s (as set on the server)")
            % {"value": listed.get(now) or now or _("Nothing")},
        ),
    )


def _sent(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
