"""Where mail to unknown addresses of the domain goes."""

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
    UnsupportedError,
)
from provisioning.contract.mail_settings import Attempt
from provisioning.modules.smartermail.aliases import SmarterMailAliases
from provisioning.modules.smartermail.scope import Scope, local_part, present_settings

PAGE = SettingsPage(
    code="catch-all",
    label=_("Catch-all"),
    help=_("What happens to mail for addresses of your domain that do not exist."),
    fields=FieldSet(
        (
            Field(
                code="alias",
                label=_("Mail to unknown addresses"),
                kind=Kind.CHOICE,
                default="",
                live_choices=True,
                help=_(
                    "An alias takes it, and an alias may lead to any mailbox. Expect more spam."
                ),
            ),
        )
    ),
)
REFUSE = ("", _("Refuse mail to unknown addresses"))
NO_ALIAS = _("There is no alias yet. Make one that leads to the mailbox that is to get this mail.")
_SHOWN = 3


class CatchAll(SettingsStore):
    def __init__(self, scope: Scope) -> None:
        super().__init__(PAGE)
        self._scope = scope
        self._aliases = SmarterMailAliases(scope)

    def read(self, address: str = "") -> SettingsSeen:
        values = self.values(address)
        aliases = self._aliases.all()
        choices = [REFUSE, *((name, self._label(name, aliases[name])) for name in sorted(aliases))]
        present = values["alias"]
        if present and present not in aliases:
            choices.append((present, f"{self._scope.address(present)} (as set on the server)"))
        return SettingsSeen(
            values=values,
            choices={"alias": tuple(choices)},
            notices=() if aliases else (NO_ALIAS,),
        )

    def values(self, address: str) -> Mapping[str, Any]:
        settings = present_settings(self._scope)
        if "catchAll" not in settings:
            raise UnsupportedError("The server does not tell the domain's catch-all.")
        return {"alias": local_part(str(settings["catchAll"] or ""))}

    def attempts(self, changes: Mapping[str, Any], address: str) -> Iterable[Attempt]:
        name = local_part(str(changes["alias"]))
        if name and self._aliases.find(name) is None:
            wrong = gettext("%(address)s is not an alias of this domain.") % {
                "address": self._scope.address(name)
            }
            raise InvalidInput("alias", wrong)

        def switch() -> tuple[str, ...]:
            self._scope.way.post("set-catch-all", *([name] if name else ()))
            return ()

        return (switch,)

    def _label(self, name: str, targets: list[str]) -> str:
        shown = ", ".join(targets[:_SHOWN]) + (" …" if len(targets) > _SHOWN else "")
        return f"{self._scope.address(name)} → {shown}"
