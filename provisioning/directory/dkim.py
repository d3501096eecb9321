"""Signing of outgoing mail. Nothing is mirrored: the DNS guide wants the key as it is now."""

from __future__ import annotations

from accounts import audit
from provisioning.contract import DkimKey
from provisioning.directory.opening import reading, writing
from provisioning.models import Service


def read_dkim(service: Service) -> DkimKey:
    with reading(service) as opened:
        return opened.module.dkim(opened.account).read()


def enable_dkim(service: Service) -> DkimKey:
    with writing(service) as opened:
        key = opened.module.dkim(opened.account).enable()
    _record("dkim.enabled", service, key)
    return key


def disable_dkim(service: Service) -> DkimKey:
    with writing(service) as opened:
        key = opened.module.dkim(opened.account).disable()
    _record("dkim.disabled", service, key)
    return key


def _record(action: str, service: Service, key: DkimKey) -> None:
    audit.record(action, service, after={"state": key.state, "selector": key.selector})
