"""Mailboxes, forwards, aliases and what was deleted, by OMA."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from provisioning.contract import (
    DeletedMailbox,
    MailboxChange,
    NotFound,
    PermanentError,
)
from provisioning.modules.opensrs.failures import IsAlias
from provisioning.modules.opensrs.oma_client import Reply
from provisioning.modules.opensrs.oma_domains import OmaDomains
from provisioning.modules.opensrs.scope import whole
from provisioning.modules.opensrs.settings import ENABLED, SENDING, SERVICES, SUSPENDED
from provisioning.modules.opensrs.wire import ALIAS, MAILBOX, Row, User

# What a mailbox that is switched off may not do; it goes on receiving mail.
_ACCESS = tuple(name for names in SERVICES.values() for name in names)
_SIGN_IN = tuple(name for name in _ACCESS if name not in SENDING)
_FIELDS = ["type", "workgroup", "status", "lastlogin", "forward"]
_PERSON = ("title", "phone", "fax")
_HOURS = 1
_LAST_SECOND = 253_402_300_799  # of the year 9999


class OmaWire(OmaDomains):
    def rows(self, domain: str) -> list[Row]:
        wanted = {"criteria": {"domain": domain}, "fields": _FIELDS, "sort": {"by": "user"}}
        found = self._client.pages("search_users", "users", wanted)
        return [_row(row) for row in found if row.get("user")]

    def find(self, address: str) -> User | None:
        try:
            reply = self._client.call("get_user", {"user": address})
        except NotFound:
            return None
        except IsAlias:
            return User(address=address, kind=ALIAS)
        return _user(address, reply)

    def create_mailbox(self, address: str, change: MailboxChange) -> tuple[str, ...]:
        blank = User(address=address, kind=MAILBOX)
        attributes = {"type": MAILBOX, **_attributes(blank, change, services={})}
        self._change_user(address, attributes, create_only=True)
        return ()

    def change_mailbox(
        self, now: User, change: MailboxChange, *, services: Mapping[str, str]
    ) -> tuple[str, ...]:
        attributes = _attributes(now, change, services=services)
        if attributes:
            self._change_user(now.address, attributes)
        return ()

    def save_forward(
        self, address: str, recipients: tuple[str, ...], *, name: str, create: bool
    ) -> None:
        attributes = {"name": name, "delivery_forward": True, "forward_recipients": recipients}
        kind = {"type": "forward"} if create else {}
        self._change_user(address, {**kind, **attributes}, create_only=create)

    def delete(self, address: str) -> None:
        """Restorable for a while; its aliases go with it."""
        self._client.call("delete_user", {"user": address})

    def change_aliases(self, owner: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        def read() -> set[str]:
            user = self.find(owner)
            if user is None or user.kind == ALIAS:
                raise NotFound(f"{owner} is no account on the platform.")
            return set(user.aliases)

        def write(aliases: list[str]) -> None:
            self._change_user(owner, {"aliases": aliases})

        self._rewrite(read, write, set(add), set(remove))

    def move(self, address: str, name: str) -> None:
        if self.find(address) is None:
            raise NotFound(f"{address} is not on the platform.")
        self._change_user(address, {"workgroup": name})

    def deleted(self, domain: str) -> list[DeletedMailbox]:
        wanted = {"criteria": {"domain": domain, "deleted": True}, "fields": ["type", "status"]}
        rows = self._client.pages("search_users", "users", wanted)
        return [
            DeletedMailbox(
                id=str(row["id"]),
                address=str(row["user"]).lower(),
                kind=str(row.get("type") or MAILBOX),
                deleted_at=_moment(row.get("delete_time")),
            )
            for row in rows
            if row.get("user") and row.get("id") not in (None, "")
        ]

    def restore(self, row: DeletedMailbox) -> None:
        fields = {"user": row.address, "new_name": row.address, "id": row.id}
        self._client.call("restore_user", fields)

    def sign_on_token(self, address: str) -> str:
        """Good for one sign-in."""
        asked = {"user": address, "reason": "Webmail", "type": "sso", "duration": _HOURS}
        token = self._client.call("generate_token", asked).get("token")
        if not isinstance(token, str) or not token:
            raise PermanentError(f"The platform gives no sign-on token for {address}.")
        return token

    def stop_sending(self, domain: str) -> None:
        """New mailboxes first, so that none slips through while the others are visited."""
        self._change_domain(domain, dict.fromkeys(SENDING, SUSPENDED))
        self._each_mailbox(domain, self.stop_sending_of)

    def stop_sending_of(self, address: str) -> None:
        self._switch_sending(address, ENABLED, dict.fromkeys(SENDING, SUSPENDED))

    def allow_sending(self, domain: str, services: Mapping[str, str]) -> None:
        """New mailboxes last: while the domain still says so, there is something left to do."""
        wanted = {name: services[name] for name in SENDING}
        self._each_mailbox(domain, lambda one: self._switch_sending(one, SUSPENDED, wanted))
        self._change_domain(domain, wanted)

    def _each_mailbox(self, domain: str, act: Callable[[str], None]) -> None:
        for row in self.rows(domain):
            if row.kind == MAILBOX:
                with suppress(NotFound):  # deleted meanwhile
                    act(row.address)

    def _switch_sending(self, address: str, present: str, wanted: Mapping[str, str]) -> None:
        """Only what is in the `present` state, and nothing of a mailbox that is switched off."""
        reply = self._client.call("get_user", {"user": address})
        now = _mapping(reply.get("attributes"))
        changed = {
            name: state
            for name, state in wanted.items()
            if (now.get(name) or ENABLED) == present and state != present
        }
        if changed and not _all_suspended(now):
            self._change_user(address, changed)

    def _change_user(
        self, address: str, attributes: Mapping[str, Any], *, create_only: bool = False
    ) -> None:
        flag = {"create_only": True} if create_only else {}
        self._client.call("change_user", {"user": address, "attributes": attributes, **flag})


def _attributes(now: User, change: MailboxChange, *, services: Mapping[str, str]) -> dict[str, Any]:
    """Only what is to change. Null puts an attribute back to what the domain has."""
    wanted: dict[str, Any] = {}
    if change.password:
        wanted["password"] = change.password
    if change.display_name not in (None, now.name):
        wanted["name"] = change.display_name
    if change.quota_bytes not in (None, now.quota_bytes):
        wanted["quota"] = change.quota_bytes
    if change.enabled is not None and change.enabled != now.enabled:
        wanted |= _services(services, enabled=change.enabled)
    return wanted | _extra(now, change.extra) | _forwarding(now, change)


def _services(states: Mapping[str, str], *, enabled: bool) -> dict[str, str]:
    if not enabled:
        return dict.fromkeys(_ACCESS, SUSPENDED)
    return {name: states.get(name, ENABLED) for name in _ACCESS}


def _extra(now: User, extra: Mapping[str, Any]) -> dict[str, Any]:
    changed = {
        code: value for code, value in extra.items() if (value or "") != (now.extra.get(code) or "")
    }
    wanted = {name: changed[name] for name in _PERSON if name in changed}
    if changed.get("workgroup"):
        wanted["workgroup"] = changed["workgroup"]
    if "spam_level" in changed:
        wanted["spamlevel"] = changed["spam_level"] or None
    if "autoresponder" in changed:
        text = changed["autoresponder"]
        wanted |= {"autoresponder": text, "delivery_autoresponder": bool(text)}
    return wanted


def _forwarding(now: User, change: MailboxChange) -> dict[str, Any]:
    """A mailbox that forwards nothing keeps its mail, whatever was asked."""
    keeps = now.keeps_copy if change.forward_keeps_copy is None else change.forward_keeps_copy
    if change.forward_to is None:
        asked = change.forward_keeps_copy is not None and now.forwarding
        return {"delivery_local": keeps} if asked else {}
    if change.forward_to:
        return {
            "delivery_forward": True,
            "forward_recipients": list(change.forward_to),
            "delivery_local": keeps,
        }
    if not now.forwarding:
        return {}
    return {"delivery_forward": False, "forward_recipients": [], "delivery_local": True}


def _row(row: Mapping[str, Any]) -> Row:
    # One of the vendor's own spellings is wrong; both are read.
    count = row.get("forward_recepient_count", row.get("forward_recipient_count"))
    return Row(
        address=str(row["user"]).lower(),
        kind=str(row.get("type") or MAILBOX),
        workgroup=str(row.get("workgroup") or ""),
        status=str(row.get("status") or ""),
        target=str(row.get("alias_target") or "").lower(),
        recipients=whole(count),
        last_login_at=_moment(row.get("lastlogin")),
    )


def _user(address: str, reply: Reply) -> User:
    attributes, metadata = _mapping(reply.get("attributes")), _mapping(reply.get("metadata"))
    quota = _mapping(metadata.get("quota"))
    extra = {code: str(attributes.get(code) or "") for code in (*_PERSON, "workgroup")}
    answers = attributes.get("delivery_autoresponder") is True
    text = str(attributes.get("autoresponder") or "") if answers else ""
    spam = str(attributes.get("spamlevel") or "")
    return User(
        address=address,
        kind=str(reply.get("type") or attributes.get("type") or MAILBOX),
        name=str(attributes.get("name") or ""),
        aliases=_addresses(attributes.get("aliases")),
        recipients=_addresses(attributes.get("forward_recipients")),
        forwarding=attributes.get("delivery_forward") is True,
        keeps_copy=attributes.get("delivery_local") is not False,
        enabled=not _all_suspended(attributes),
        size_bytes=whole(quota.get("bytes_used")),
        quota_bytes=whole(quota.get("bytes_max")),
        last_login_at=_latest(metadata.get("last_login")),
        extra={**extra, "spam_level": spam, "autoresponder": text},
    )


def _all_suspended(attributes: Mapping[str, Any]) -> bool:
    """Sending alone may be stopped with the whole domain's, and tells nothing of the mailbox."""
    told = [attributes[name] for name in _SIGN_IN if name in attributes]
    return bool(told) and all(value == SUSPENDED for value in told)


def _addresses(value: Any) -> tuple[str, ...]:
    return tuple(str(one).lower() for one in value) if isinstance(value, list) else ()


def _latest(value: Any) -> datetime | None:
    """Of {service: moment}."""
    moments = [_moment(one) for one in _mapping(value).values()]
    return max((moment for moment in moments if moment), default=None)


def _moment(value: Any) -> datetime | None:
    """From seconds since 1970; 0 is never."""
    seconds = whole(value)
    if not seconds or seconds > _LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
