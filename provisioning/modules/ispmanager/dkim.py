"""DKIM: a switch of the mail domain; the key can be read where the panel hosts the zone too."""

from __future__ import annotations

from provisioning.contract import DkimKey, DkimStore, ModuleError, PermanentError
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.scope import Scope

SELECTOR = "dkim"


class IspDkim(DkimStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope

    def read(self) -> DkimKey:
        form = self._form()
        selector = form.value("dkim_selector") or SELECTOR
        if form.value("dkim") != "on":
            return DkimKey(state="none")
        return DkimKey(state="active", selector=selector, public_key=self._public_key(selector))

    def enable(self) -> DkimKey:
        return self._switch("on", "active")

    def disable(self) -> DkimKey:
        return self._switch("off", "none")

    def _switch(self, value: str, expected: str) -> DkimKey:
        body = {**self._scope.as_user, "elid": self._scope.domain, "dkim": value}
        self._scope.client.apply("emaildomain.edit", body)
        key = self.read()
        if key.state != expected:
            raise PermanentError("The panel accepted the change of DKIM and did not make it.")
        return key

    def _form(self) -> Node:
        return self._scope.client.form("emaildomain.edit", self._scope.domain, self._scope.as_user)

    def _public_key(self, selector: str) -> str:
        """ "" where the zone is elsewhere: then the panel shows the key to people only."""
        wanted = f"{selector}._domainkey"
        try:
            rows = self._scope.client.rows(
                "domain.record", {**self._scope.as_user, "elid": self._scope.domain}
            )
        except ModuleError:
            return ""
        for row in rows:
            name = row.value("name").rstrip(".").removesuffix(f".{self._scope.domain}")
            if name == wanted and row.value("rtype").lower().startswith("txt"):
                return _key_in(row.value("value"))
        return ""


def _key_in(text: str) -> str:
    """The base64 after "p=", of a text that may stand in several quoted pieces."""
    plain = text.replace('"', "").replace(" ", "")
    return plain.partition("p=")[2].partition(";")[0]
