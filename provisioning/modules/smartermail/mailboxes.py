"""Mailboxes: one main act, then steps that may fail one by one and are named when they do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    Mailbox,
    MailboxChange,
    MailboxStore,
    ModuleError,
    NotFound,
    PermanentError,
    Written,
    unless_done,
)
from provisioning.modules.smartermail import features, passwords
from provisioning.modules.smartermail.accounts import customer_mailboxes, moment
from provisioning.modules.smartermail.aliases import SmarterMailAliases
from provisioning.modules.smartermail.forwards import (
    changes_forward,
    checked_targets,
    read_forward,
    write_forward,
)
from provisioning.modules.smartermail.scope import Scope, whole
from provisioning.modules.smartermail.settings import limit

MAX_QUOTA = 1024**4
_LONGEST_NAME = 100
_TAGS = re.compile(r"<[^>]*>")

# What the step changes, and the act; it returns sentences on what did not come to pass.
Steps = Iterator[tuple[str, Callable[[], tuple[str, ...]]]]


class SmarterMailMailboxes(MailboxStore):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._way = scope.way

    def get(self, address: str) -> Mailbox:
        local = self._scope.local(address)
        user = self._user(local)
        forward = read_forward(self._scope, local)
        flags = user.get("securityFlags")
        disabled = isinstance(flags, Mapping) and flags.get("isDisabled") is True
        return Mailbox(
            address=self._scope.address(local),
            display_name=str(user.get("fullName") or ""),
            size_bytes=whole(user.get("currentMailboxSize")),
            quota_bytes=whole(user.get("maxMailboxSize")),
            enabled=not disabled,
            last_login_at=moment(user.get("lastLoginTime")),
            features=features.of_mailbox(self._scope, self._scope.address(local)),
            forward_to=forward.to,
            forward_keeps_copy=forward.keeps_copy,
            extra=forward.extra,
        )

    def create(self, address: str, change: MailboxChange) -> Written:
        local = self._scope.new_local(address)
        if not change.password:
            raise InvalidInput("password", _("Enter a password."))
        self._check(local, change)
        body = {
            "userData": {
                "userName": local,
                "securityFlags": {"isDomainAdmin": False, "authType": 0},
                **self._user_data(local, change),
            }
        }
        self._check_room()
        if self._exists(local):
            raise ConflictError(
                f"{address} exists already.",
                message=_("%(address)s already exists.") % {"address": address},
            )
        unless_done(lambda: self._way.post("user-put", json=body), lambda: self._exists(local))
        return _carried_out(self._steps_after_creation(local, change))

    def update(self, address: str, change: MailboxChange) -> Written:
        local = self._scope.local(address)
        self._check(local, change)
        data = self._user_data(local, change)
        if data:
            self._post_user(local, data)
        else:
            self._user(local)
        return _carried_out(self._steps(local, change))

    def set_password(self, address: str, password: str) -> None:
        local = self._scope.local(address)
        self._post_user(local, self._user_data(local, MailboxChange(password=password)))

    def delete(self, address: str) -> None:
        local = self._scope.local(address)
        if self._scope.adopted and local == self._scope.admin:
            raise PermanentError(
                f"{address} administers the domain.",
                message=_("This mailbox administers the domain and cannot be deleted."),
            )
        # Looked up first because the call below would take an alias or a list of that name as well.
        if not self._exists(local):
            return
        SmarterMailAliases(self._scope).drop_only_for(self._scope.address(local))
        unless_done(
            lambda: self._way.post("account-list-delete", json={"input": [local]}),
            lambda: not self._exists(local),
        )

    def _user(self, local: str) -> Mapping[str, Any]:
        return user_data(self._scope, local)

    def _exists(self, local: str) -> bool:
        try:
            self._user(local)
        except NotFound:
            return False
        return True

    def _user_data(self, local: str, change: MailboxChange) -> dict[str, Any]:
        """The parts of a change that belong to the account itself. InvalidInput."""
        data: dict[str, Any] = {}
        if change.password:
            policy = passwords.effective_policy(self._scope)
            passwords.check(change.password, policy, address=self._scope.address(local))
            data["password"] = change.password
        if change.display_name is not None:
            data["fullName"] = _plain_name(change.display_name)
        if change.quota_bytes is not None:
            data["maxMailboxSize"] = _checked_quota(change.quota_bytes)
        return data

    def _check(self, local: str, change: MailboxChange) -> None:
        """What is sent later is judged first, so that a wrong part leaves nothing half done."""
        for alias in change.aliases or ():
            self._scope.new_local(alias, field="aliases")
        features.known(change.features or ())
        checked_targets(self._scope, local, change.forward_to or ())

    def _post_user(self, local: str, data: Mapping[str, Any]) -> None:
        body = {"email": self._scope.address(local), "userData": data}
        self._way.post("post-user", json=body)

    def _check_room(self) -> None:
        """The server's own limit is one higher for the hidden administrator, so ours decides.

        Mailboxes are counted one by one only when the server's number is near the limit.
        """
        account = self._scope.account
        most = limit(account.settings, account.options, "max_users")
        if not most:
            return
        seen = self._way.get("data").get("domainData")
        count = whole(seen.get("userCount")) if isinstance(seen, Mapping) else None
        if count is not None and count < most:
            return
        if len(customer_mailboxes(self._scope)) >= most:
            raise PermanentError(
                f"The limit of {most} mailboxes is reached.",
                message=_("Your package allows %(most)s mailboxes, and all are in use.")
                % {"most": most},
            )

    def _steps_after_creation(self, local: str, change: MailboxChange) -> Steps:
        """A new mailbox has no aliases, forwards or features that could be taken away."""
        change = replace(
            change,
            aliases=change.aliases or None,
            features=change.features or None,
            enabled=None if change.enabled else change.enabled,
        )
        if not change.forward_to:
            change = replace(change, forward_to=None, forward_keeps_copy=None, extra={})
        return self._steps(local, change)

    def _steps(self, local: str, change: MailboxChange) -> Steps:
        scope, address = self._scope, self._scope.address(local)
        if change.aliases is not None:
            aliases = SmarterMailAliases(scope)
            yield gettext_noop("Aliases"), partial(aliases.set_for_mailbox, address, change.aliases)
        if changes_forward(change):
            yield gettext_noop("Forwarding"), partial(write_forward, scope, local, change)
        if change.features is not None:
            yield (
                gettext_noop("Features"),
                partial(features.set_features, scope, address, change.features),
            )
        if change.enabled is not None:
            yield gettext_noop("Sign-in"), partial(self._switch, local, enabled=change.enabled)

    def _switch(self, local: str, *, enabled: bool) -> tuple[str, ...]:
        """Mail for a disabled mailbox is still taken in."""
        disable = "false" if enabled else "true"
        self._way.post("users-disable", disable, "true", json={"input": [local]})
        return ()


def user_data(scope: Scope, local: str) -> Mapping[str, Any]:
    """NotFound."""
    body = {"email": scope.address(local)}
    user = scope.way.search("get-user", json=body).get("userData")
    if not isinstance(user, Mapping):
        raise NotFound(f"{scope.address(local)} is not on the server.")
    return user


def _carried_out(steps: Steps) -> Written:
    incomplete: list[str] = []
    for part, step in steps:
        try:
            incomplete += step()
        except ModuleError as error:
            told = _("%(part)s could not be changed: %(detail)s")
            incomplete.append(told % {"part": _(part), "detail": error.detail})
    return Written(incomplete=tuple(incomplete))


def _plain_name(value: str) -> str:
    name = _TAGS.sub("", value).strip()
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(
            "display_name",
            _("Use at most %(number)s characters.") % {"number": _LONGEST_NAME},
        )
    return name


def _checked_quota(value: int) -> int:
    if not 0 <= value <= MAX_QUOTA:
        raise InvalidInput("quota_bytes", _("The size is from 0 (unlimited) to 1024 GB."))
    return value
