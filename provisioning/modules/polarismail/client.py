"""Calls by our own names for them, with a token that is renewed when it may have run out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from provisioning.contract import ServerLink
from provisioning.modules.polarismail import wire
from provisioning.modules.polarismail.answers import Answer, Refusal
from provisioning.modules.polarismail.session import Session
from provisioning.modules.polarismail.transport import Transport, words_of

T = TypeVar("T")


class Client:
    def __init__(self, link: ServerLink) -> None:
        self.link = link
        self.transport = Transport(link)
        self.session = Session(link, self.transport)

    def call(self, name: str, /, **values: str) -> Answer:
        """Refusal when the platform says no, also to a token made for this call."""
        answer = self.ask(name, **values)
        if answer.refused:
            raise Refusal(words_of(answer, values))
        return answer

    def ask(self, name: str, /, **values: str) -> Answer:
        """Whatever it answers, refusals included."""
        last: list[Answer] = []

        def accepted(token: str) -> Answer | None:
            last.append(self.send(name, token, **values))
            return None if last[-1].refused else last[-1]

        return self.with_token(accepted) or last[-1]

    def with_token(self, act: Callable[[str], T | None]) -> T | None:
        """`act` gives None when it was refused. What an expired token is told is not published, so
        a refusal of a used token is tried once more with a new one: a refusal changed nothing.
        """
        token, fresh = self.session.token()
        found = act(token)
        if found is None and not fresh:
            found = act(self.session.renew(token))
        return found

    def send(self, name: str, token: str, /, **values: str) -> Answer:
        operation = wire.OPERATIONS[name]
        form = {**operation.form(values), wire.TOKEN: token}
        return self.transport.exchange(operation, form)


class MailboxClient:
    """The user API, signed in as one mailbox with a one-time password."""

    def __init__(self, client: Client, local: str, domain: str) -> None:
        self._client = client
        data = client.call("one_time_password", local=local, domain=domain).data
        password = data if isinstance(data, str) else ""
        sign_in = wire.OPERATIONS["mailbox_sign_in"]
        form = sign_in.form({"local": local, "domain": domain, "password": password})
        answer = client.transport.exchange(sign_in, form)
        if answer.refused or not isinstance(answer.data, str):
            raise Refusal(words_of(answer, form) if answer.refused else "no token was given")
        self._token = answer.data

    def call(self, name: str, /, **values: str) -> Answer:
        answer = self._client.send(name, self._token, **values)
        if answer.refused:
            raise Refusal(words_of(answer, values))
        return answer
