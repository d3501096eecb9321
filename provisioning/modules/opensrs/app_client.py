"""The wire of APP: one session per piece of work, one answer to each command, in order."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.contract import (
    LineClient,
    LineOptions,
    MisconfiguredError,
    ModuleError,
    ServerLink,
    TemporaryError,
)
from provisioning.modules.opensrs import syntax
from provisioning.modules.opensrs.failures import (
    CredentialsRejected,
    SessionTimedOut,
    app_failure,
    explained,
)
from provisioning.modules.opensrs.settings import APP_PORT
from provisioning.modules.opensrs.syntax import Answer

VERSIONS = ("3.5", "3.4")
# How the commands begin that change nothing; to sign in and to leave changes nothing either.
_READS = ("get_", "ver", "login")
_GOODBYE = 1.0
_PORT_ADVICE = "APP listens on port 4449; 51000 in old manuals is another service of the vendor."


class AppClient:
    def __init__(self, link: ServerLink) -> None:
        self._link = link
        self.version = ""
        options = LineOptions(
            host=link.hostname,
            port=int(link.settings.get("app_port") or APP_PORT),
            secure=link.secure,
            terminator=syntax.END.encode(),
            scheme="app",
        )
        # Registered first, so that the session ends politely before the connection is closed.
        link.http.accompany(self.quit)
        self._lines = LineClient(link.http, options, masked=syntax.masked)

    def call(self, name: str, attributes: Mapping[str, str]) -> Answer:
        """An answer that begins with OK; ModuleError. A session that the platform ended for
        idleness, and says so, is opened anew once.
        """
        line = syntax.command(name, attributes)
        try:
            return self._carried_out(name, line)
        except SessionTimedOut:
            self._lines.close()
        return self._carried_out(name, line)

    def open(self) -> None:
        """Connects and signs in, which every call does by itself when it is needed."""
        try:
            greeting = syntax.read(self._lines.connect(operation="greeting"))
        except (TemporaryError, MisconfiguredError) as error:
            raise explained(error, _PORT_ADVICE) from None
        if not greeting.ok:
            raise self._ended(app_failure(greeting.number, greeting.text))
        self._agree_on_version()
        self._log_in()

    def quit(self) -> None:
        """Politely, when there is a session; what comes of it does not matter."""
        if not self._lines.connected:
            return
        try:
            self._lines.ask("QUIT", operation="quit", patience=_GOODBYE, reads=True)
        except TemporaryError:
            return
        finally:
            self._lines.close()

    def _carried_out(self, name: str, line: str) -> Answer:
        if not self._lines.connected:
            self.open()
        answer = self._ask(name, line)
        if answer.ok:
            return answer
        raise app_failure(answer.number, answer.text)

    def _ask(self, name: str, line: str) -> Answer:
        """After an answer that makes no sense the next one would belong to nobody knows what."""
        operation = name.lower()
        text = self._lines.ask(line, operation=operation, reads=operation.startswith(_READS))
        try:
            return syntax.read(text)
        except TemporaryError as error:
            raise self._ended(error) from None

    def _agree_on_version(self) -> None:
        for version in VERSIONS:
            answer = self._ask("ver", syntax.command("VER", {"VER": version}))
            if answer.ok:
                self.version = version
                return
        raise self._ended(MisconfiguredError(f"The platform refuses APP {' and '.join(VERSIONS)}."))

    def _log_in(self) -> None:
        user, _, domain = self._link.username.partition("@")
        attributes = {"USER": user, "DOMAIN": domain, "PASSWORD": self._link.password}
        answer = self._ask("login", syntax.command("LOGIN", attributes))
        if answer.ok:
            return
        failure = app_failure(answer.number, answer.text)
        if isinstance(failure, SessionTimedOut):
            raise self._ended(failure)
        raise self._ended(
            CredentialsRejected(
                f"{failure.detail} Check user name, password and cluster; the user name is a whole"
                " address such as admin@reseller.adm."
            )
        )

    def _ended(self, error: ModuleError) -> ModuleError:
        self._lines.close()
        return error
