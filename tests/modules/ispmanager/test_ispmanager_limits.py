"""Blank, 0 and unlimited; what a template says and what a product says on top of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    DoesNotFit,
    State,
)
from provisioning.modules.ispmanager import limits
from provisioning.modules.ispmanager.module import IspManager, IspManagerReseller
from provisioning.modules.ispmanager.simulator.state import OF_RESELLERS, SMALL
from tests.modules.ispmanager.conftest import DOMAIN, forms


def configured(panel, **settings):
    panel.account = replace(panel.account, settings={**panel.account.settings, **settings})
    return panel


def test_blank_zero_and_unlimited_are_three_different_things(panel, simulator) -> None:
    configured(panel, limit_emails="", limit_db="0", limit_quota="unlimited").create()
    given = simulator.state.people["client"].limits
    assert given["limit_emails"] == SMALL["limit_emails"]
    assert given["limit_db"] == "0"
    assert limits.meaning(given["limit_quota"]) is None


def test_unlimited_is_said_as_the_template_says_it(panel, simulator) -> None:
    configured(panel, template="mail-large", limit_email_quota="unlimited").create()
    assert simulator.state.people["client"].limits["limit_email_quota"] == "1000000000"


def test_a_resellers_zero_is_sent_too(reseller_panel, simulator) -> None:
    configured(reseller_panel, limit_users="0").create()
    given = simulator.state.people["client"].limits
    assert (given["limit_users"], given["limit_emails"]) == ("0", OF_RESELLERS["limit_emails"])


def test_a_reseller_product_needs_no_template(reseller_panel, simulator) -> None:
    configured(reseller_panel, template="", limit_users="7").create()
    assert simulator.state.people["client"].limits == {"limit_users": "7"}


@pytest.mark.parametrize("resets", ["ignored", "unlimited"])
def test_a_limit_lifted_by_the_new_template_is_lifted(delivered, simulator, resets) -> None:
    """Whatever the panel makes of a limit that is empty in a change."""
    simulator.set_variants(edit_reset=resets)
    delivered.change_package(template="mail-large")
    given = simulator.state.people["client"].limits
    assert limits.meaning(given["limit_quota"]) is limits.meaning(given["limit_emails"]) is None


def test_a_product_that_says_no_limit_of_its_own_any_more_takes_the_templates(
    panel, simulator
) -> None:
    configured(panel, limit_emails="3").create()
    panel.change_package(limit_emails="")
    assert simulator.state.people["client"].limits["limit_emails"] == SMALL["limit_emails"]


def test_an_option_goes_before_the_product(panel, simulator) -> None:
    panel.account = replace(panel.account, options={"limit_emails": 9, "limit_db": 0})
    configured(panel, limit_emails="3", limit_db="2").create()
    given = simulator.state.people["client"].limits
    assert (given["limit_emails"], given["limit_db"]) == ("9", "0")


@pytest.mark.parametrize("value", ["", "0", "10", "unlimited", "Unlimited ", "99999999", None])
def test_what_a_limit_may_be(value) -> None:
    assert limits.complaint(value) is None


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "100000000", "1 0", "٣"])
def test_what_a_limit_may_not_be(value) -> None:
    assert "whole number" in str(limits.complaint(value))


def test_every_parameter_of_the_vendors_own_modules_is_there() -> None:
    hosting = {
        "template", "limit_quota", "limit_traff", "limit_db", "limit_db_users", "limit_ftp_users",
        "limit_webdomains", "limit_emaildomains", "limit_emails", "limit_cpu", "limit_memory",
        "limit_process", "limit_email_quota", "main_ip", "username_template",
    }  # fmt: skip
    reseller = hosting - {"main_ip"} | {
        "limit_users", "limit_resellertechdomain", "limit_ipv4addrs", "limit_ipv6addrs",
        "limit_domains", "limit_mailrate", "limit_scheduler", "limit_nginxlimitconn",
        "limit_maxclientsvhost", "brand_domain",
    }  # fmt: skip
    assert hosting <= {item.code for item in IspManager.product_fields.fields}
    assert reseller <= {item.code for item in IspManagerReseller.product_fields.fields}
    assert {"ip", "ipv6"} <= set(IspManager.known_options)


def test_a_downgrade_below_what_is_used_lists_what_does_not_fit(delivered, simulator) -> None:
    for local in ("a", "b", "c"):
        simulator.state.add_mailbox(f"{local}@{DOMAIN}", used="100")
    before = dict(simulator.state.people["client"].limits)
    with pytest.raises(DoesNotFit) as caught:
        delivered.change_package(limit_emails="2", limit_quota="200", limit_webdomains="1")
    assert set(caught.value.blockers) == {
        "3 mailboxes exist, the new limit is 2",
        "300 MiB of disk space in use, the new limit is 200",
    }
    assert simulator.state.people["client"].limits == before
    assert not [form for form in forms(simulator, "user.edit") if "sok" in form]
    assert delivered.run(lambda m: m.plan_change(delivered.account)) == caught.value.blockers


def test_traffic_already_used_blocks_no_change(delivered, simulator) -> None:
    simulator.state.set_usage("client", traffic="5000")
    assert delivered.change_package(limit_traff="100").state is State.ACTIVE


def test_a_limit_that_only_the_panel_knows_to_be_exceeded_does_not_fit_either(
    delivered, simulator
) -> None:
    simulator.fault(
        "status",
        contains="func=user.edit&out=json&lang=en&authinfo",
        nth=2,
        status=200,
        body='{"doc":{"error":{"$type":"limit","$object":"limit_shell"}}}',
    )
    with pytest.raises(DoesNotFit, match="limit_shell"):
        delivered.change_package(limit_emails="20")


def test_a_resellers_limits_are_judged_by_all_his_users(reseller_panel, simulator) -> None:
    reseller_panel.create()
    for number in range(3):
        simulator.state.add_user(f"sub{number}", owner="client")
    with pytest.raises(DoesNotFit, match="3 users exist, the new limit is 2"):
        reseller_panel.change_package(limit_users="2")
