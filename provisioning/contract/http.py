"""The one HTTP client of all modules.

Time-outs on every call, one total deadline per client, capped answers, TLS verified unless the
server record says otherwise, no redirects, no private addresses unless allowed, no automatic
repeats: whoever repeats a call must look first what the platform did with it.
"""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from provisioning.contract.errors import MisconfiguredError, TemporaryError
from provisioning.contract.peers import GuardedAdapter, PrivateAddressRefused, private_address

MASK = "••••••"
_LOGGED_CHARACTERS = 20_000
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call for the module log, with secrets masked already. `reads`: it changes nothing."""

    operation: str
    method: str
    url: str
    request: str
    response: str = ""
    status: int | None = None
    duration_ms: int = 0
    error: str = ""
    reads: bool = False


@dataclass(frozen=True, kw_only=True)
class HttpResponse:
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace").replace("\x00", "\ufffd")

    def json(self) -> Any:
        """ValueError when the body is no JSON. Without NUL, which no database takes."""
        return jsonlib.loads(self.content.replace(b"\\u0000", b"\\ufffd"))


@dataclass(frozen=True, kw_only=True)
class HttpOptions:
    """`budget` is the total seconds that all calls of the client may take together."""

    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    budget: float = 120.0
    max_bytes: int = 64 * 1024 * 1024
    verify_tls: bool = True
    allow_private: bool = False


class HttpClient:
    """Bound to one base address. `secrets` are field names whose values never reach the log.

    `on_call` is told of each call that is over, `on_send` before one goes out that may change
    something: what was sent is then known of a worker that dies while it waits.
    """

    def __init__(
        self,
        base_url: str,
        options: HttpOptions,
        *,
        secrets: frozenset[str] = frozenset(),
        on_call: Callable[[CallRecord], None] | None = None,
        on_send: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.options = options
        self.secrets = frozenset(name.lower() for name in secrets)
        self._on_call = on_call
        self._on_send = on_send
        self._companions: list[Callable[[], None]] = []
        self._deadline = time.monotonic() + options.budget
        self._session = requests.Session()
        # An environment's proxy or CA bundle must not overrule the server record.
        self._session.trust_env = False
        adapter = GuardedAdapter(allow_private=options.allow_private)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def remaining(self) -> float:
        return self._deadline - time.monotonic()

    def close(self) -> None:
        for end in self._companions:
            end()
        self._session.close()

    def accompany(self, end: Callable[[], None]) -> None:
        """Something beside HTTP shares this client's life: `end` is called when it is closed."""
        self._companions.append(end)

    def announce(self, record: CallRecord) -> None:
        """About to be sent. The record's secrets are masked already."""
        if self._on_send is not None and not record.reads:
            self._on_send(record)

    def note(self, record: CallRecord) -> None:
        """Into the call log. The record's secrets are masked already."""
        if self._on_call is not None:
            self._on_call(record)

    def request(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        *,
        operation: str = "",
        json: Any = None,
        data: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        answer_secrets: frozenset[str] = frozenset(),
        reads: bool | None = None,
    ) -> HttpResponse:
        """TemporaryError (with `maybe_applied`) or MisconfiguredError when no answer came.

        `answer_secrets` are names masked in the log of this one answer besides the usual ones.
        `reads`: the call changes nothing, which goes without saying of GET and HEAD alone.
        """
        url = path if path.startswith(("http://", "https://")) else self.base_url + path
        started = time.monotonic()
        sent = json if json is not None else data
        record = CallRecord(
            operation=operation or path,
            method=method,
            url=self._masked_url(url, params),
            request=self._loggable(sent),
            reads=method.upper() in _READS if reads is None else reads,
        )
        self.announce(record)
        try:
            response = self._send(method, url, json=json, data=data, headers=headers, params=params)
        except (TemporaryError, MisconfiguredError) as error:
            self.note(replace(record, duration_ms=_since(started), error=error.detail))
            raise
        self.note(
            replace(
                record,
                response=self._loggable(response.content, answer_secrets),
                status=response.status,
                duration_ms=_since(started),
            )
        )
        return response

    def _send(self, method: str, url: str, **arguments: Any) -> HttpResponse:
        if self.remaining() <= 0:
            raise TemporaryError(f"No time left to call {self.base_url}.")
        timeout = (
            min(self.options.connect_timeout, self.remaining()),
            min(self.options.read_timeout, self.remaining()),
        )
        try:
            with self._session.request(
                method,
                url,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
                verify=self.options.verify_tls,
                **arguments,
            ) as response:
                content = self._read(response)
                return HttpResponse(
                    status=response.status_code, headers=response.headers, content=content
                )
        except requests.RequestException as error:
            raise _translated(error, _origin(url)) from None
        except urllib3.exceptions.HTTPError as error:
            raise TemporaryError(
                f"The answer of {self.base_url} broke off: {type(error).__name__}.",
                maybe_applied=True,
            ) from None

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > self.options.max_bytes:
                raise TemporaryError(
                    f"The answer of {self.base_url} is larger than {self.options.max_bytes} bytes.",
                    maybe_applied=True,
                )
            if self.remaining() <= 0:
                raise TemporaryError(
                    f"The answer of {self.base_url} took too long.", maybe_applied=True
                )
        return bytes(body)

    def _masked_url(self, url: str, params: Mapping[str, str] | None) -> str:
        if not params:
            return url
        shown = self._mask(dict(params), self.secrets)
        query = "&".join(f"{name}={value}" for name, value in shown.items())
        return f"{url}?{query}"

    def _mask(self, value: Any, names: frozenset[str]) -> Any:
        if isinstance(value, Mapping):
            return {
                name: MASK
                if str(name).lower() in names and inner not in (None, "")
                else self._mask(inner, names)
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._mask(inner, names) for inner in value]
        return value

    def _loggable(self, body: Any, also: frozenset[str] = frozenset()) -> str:
        if body is None:
            return ""
        try:
            found = jsonlib.loads(body) if isinstance(body, bytes) else body
            shown = self._mask(found, self.secrets | also)
            text = jsonlib.dumps(shown, ensure_ascii=False, default=str)
        except RecursionError:
            return MASK  # nested deeper than anybody can look for secrets
        except ValueError:
            # A broken answer to a question for a secret may still hold a part of it.
            text = MASK if also else body.decode("utf-8", "replace")
        return text[:_LOGGED_CHARACTERS]


def _since(started: float) -> int:
    """Milliseconds."""
    return round((time.monotonic() - started) * 1000)


def _origin(url: str) -> str:
    """Where a call went, which a module may choose itself, without the path."""
    return "://".join(urlsplit(url)[:2])


def _translated(
    error: requests.RequestException, where: str
) -> TemporaryError | MisconfiguredError:
    if isinstance(_root(error), PrivateAddressRefused):
        return private_address(where)
    if isinstance(error, requests.exceptions.SSLError):
        return MisconfiguredError(f"TLS failure at {where}: {reason(error)}")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return MisconfiguredError(f"{where} is not an address that can be called.")
    if isinstance(error, requests.ConnectTimeout):
        return TemporaryError(f"{where} did not accept a connection in time.")
    if isinstance(error, requests.ReadTimeout):
        return TemporaryError(
            f"{where} accepted the request but did not answer in time.", maybe_applied=True
        )
    refused = "refused" in str(error).lower() or "NameResolution" in str(error)
    return TemporaryError(f"No connection to {where}: {reason(error)}", maybe_applied=not refused)


def reason(error: Exception) -> str:
    """The innermost cause in one line; the outer texts repeat addresses and object ids."""
    cause = _root(error)
    return str(cause)[:200] or type(cause).__name__


def _root(error: BaseException) -> BaseException:
    """The innermost cause: what a guarded connection raises comes wrapped by the pool."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
