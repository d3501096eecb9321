"""Requests: form bodies, two hosts where there are two, and what may follow a lost answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioning.contract import HttpResponse, ModuleError, ServerLink, TemporaryError
from provisioning.contract.http import MASK
from provisioning.modules.polarismail import wire
from provisioning.modules.polarismail.answers import Answer, Refusal, read
from provisioning.modules.polarismail.wire import Operation, Silence


class Transport:
    def __init__(self, link: ServerLink) -> None:
        self._link = link
        self._hosts = admin_hosts(link)

    @property
    def base_url(self) -> str:
        """Of the pages for people, and of the user API."""
        return self._link.http.base_url

    def exchange(self, operation: Operation, form: Mapping[str, str]) -> Answer:
        """A refusal is an answer. TemporaryError, MisconfiguredError."""
        try:
            return self._once(operation, form)
        except TemporaryError as error:
            if operation.silence is not Silence.REPEAT or not error.maybe_applied:
                raise
        return self._once(operation, form)

    def _once(self, operation: Operation, form: Mapping[str, str]) -> Answer:
        """The other host is tried when the first cannot be reached, or answers 5xx to a request
        that does no harm twice. Other requests are lost then, and their next try goes there.
        """
        hosts = [self.base_url] if operation.api == wire.USER_API else list(self._hosts)
        for host in hosts[:-1]:
            try:
                response = self._post(host, operation, form)
            except TemporaryError as error:
                if error.maybe_applied:
                    raise
                continue
            if response.status < 500:
                return read(response)
            self._hosts = (*self._hosts[1:], self._hosts[0])
            if operation.silence is Silence.LOOK:
                return read(response)
        return read(self._post(hosts[-1], operation, form))

    def _post(self, host: str, operation: Operation, form: Mapping[str, str]) -> HttpResponse:
        return self._link.http.request(
            "POST",
            host + operation.api,
            operation=operation.action,
            data=form,
            headers={"Accept": "application/json"},
            answer_secrets=frozenset({wire.DATA}) if operation.secret else frozenset(),
            reads=operation.silence is Silence.AGAIN,
        )


def admin_hosts(link: ServerLink) -> tuple[str, ...]:
    """Where the admin API is, first choice first."""
    if link.hostname.strip().lower() in ("", wire.VENDOR_HOST):
        return wire.VENDOR_ADMIN_HOSTS
    fallback = str(link.settings.get("fallback_host") or "").strip()
    scheme = "https" if link.secure else "http"
    return (link.http.base_url, f"{scheme}://{fallback}") if fallback else (link.http.base_url,)


def words_of(answer: Answer, form: Mapping[str, str]) -> str:
    """The platform's words, without the secrets that we had sent."""
    words = answer.words
    for name, value in form.items():
        if name in wire.SECRET_NAMES and value:
            words = words.replace(value, MASK)
    return words


def unless_done(act: Callable[[], object], done: Callable[[], bool]) -> None:
    """Do it. After a lost answer look; what is seen not to have happened is tried once more."""
    try:
        act()
    except TemporaryError as error:
        if not error.maybe_applied:
            raise
        if _seen(done, error):
            return
    else:
        return
    try:
        act()
    except (TemporaryError, Refusal) as error:
        # The first request may have been carried out after we had looked.
        if not _seen(done, error):
            raise


def _seen(done: Callable[[], bool], error: ModuleError) -> bool:
    """Raises the first trouble when nothing can be seen: then nothing may be tried again."""
    try:
        return done()
    except ModuleError:
        raise error from None
