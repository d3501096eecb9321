"""The feature matrix in the documentation is what the modules declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from provisioning.contract import Capability, Module
from provisioning.declared.matrix import LABELS, page
from provisioning.registry import MODULES, module_class


def test_the_documented_matrix_is_what_the_modules_declare() -> None:
    call_command("feature_matrix", check=True)


def test_a_matrix_that_is_out_of_date_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "features.md"
    with pytest.raises(CommandError, match="out of date"):
        call_command("feature_matrix", file=file, check=True)
    call_command("feature_matrix", file=file)
    call_command("feature_matrix", file=file, check=True)
    file.write_text(file.read_text().replace("yes", "no", 1))
    with pytest.raises(CommandError, match="out of date"):
        call_command("feature_matrix", file=file, check=True)


def test_every_capability_has_a_row_in_words() -> None:
    assert set(LABELS) == set(Capability)


@pytest.mark.parametrize("code", list(MODULES))
def test_a_module_has_what_it_declares(code: str) -> None:
    """A capability without its method would be a button that always fails."""
    kind = module_class(code)
    for capability, method in METHODS.items():
        has_it = getattr(kind, method) is not getattr(Module, method)
        assert has_it == (capability in kind.capabilities), capability
    assert bool(kind.settings_pages) == (Capability.MAIL_SETTINGS in kind.capabilities)
    codes = [each.code for each in kind.settings_pages]
    assert len(set(codes)) == len(codes)
    assert kind.label in page([kind])


METHODS = {
    Capability.SUSPEND: "suspend",
    Capability.RESTRICT: "restrict",
    Capability.TERMINATE: "terminate",
    Capability.CHANGE_PACKAGE: "change_package",
    Capability.CHANGE_PASSWORD: "change_password",
    Capability.INVENTORY: "inventory",
    Capability.STAFF_LOGIN: "staff_login",
    Capability.SERVER_LOGIN: "server_login",
    Capability.CUSTOMER_LOGIN: "customer_login",
    Capability.MAILBOX_LOGIN: "mailbox_login",
    Capability.USAGE: "read_usage",
    Capability.FEATURES: "read_features",
    Capability.MAILBOXES: "mailboxes",
    Capability.ALIASES: "aliases",
    Capability.LISTS: "lists",
    Capability.DOMAIN_ALIASES: "domain_aliases",
    Capability.GROUPS: "groups",
    Capability.RESTORE: "deleted",
    Capability.DKIM: "dkim",
    Capability.MAIL_SETTINGS: "mail_settings",
    Capability.DNS_GUIDE: "dns_expectations",
}
