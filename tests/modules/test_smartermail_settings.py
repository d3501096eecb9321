from __future__ import annotations

from decimal import Decimal

import pytest

from provisioning.contract import Kind, Limits
from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    MeteringTerms,
    SeatFeature,
    TrancheTerms,
)
from provisioning.modules.smartermail.creation import storage_path
from provisioning.modules.smartermail.module import SmarterMail
from provisioning.modules.smartermail.usage import DISK
from provisioning.modules.smartermail.whmcs import OPTIONS, from_whmcs

FIELDS = SmarterMail.product_fields


def test_there_are_23_options_and_their_names_never_repeat() -> None:
    assert len(OPTIONS) == 23
    codes = [field.code for field in FIELDS.fields]
    assert len(codes) == len(set(codes))
    assert {code for code, _ in OPTIONS} <= set(codes)


def test_every_field_explains_itself_by_label_and_section() -> None:
    assert all(field.label and field.section for field in FIELDS.fields)


def test_what_is_stored_comes_back_typed() -> None:
    defaults = FIELDS.defaults()
    assert FIELDS.load(FIELDS.dump(defaults)) == defaults
    assert FIELDS["eas_price"].kind is Kind.PRICE
    assert defaults["eas_price"]["EUR"] == Decimal("2.00")


def test_the_defaults_are_those_of_the_product_sheet() -> None:
    assert from_whmcs({}) == FIELDS.defaults()
    assert FIELDS.defaults()["tranche_gb"] == 10
    assert FIELDS.defaults()["addon_threshold_days"] == 1
    assert FIELDS.defaults()["check_dmarc"] is False
    assert FIELDS.defaults()["storage_path"] == "C:\\SmarterMail\\Domains\\"


@pytest.mark.parametrize(
    ("number", "raw", "code", "value"),
    [
        (1, "", "tranche_gb", 10),
        (1, "0", "tranche_gb", 10),
        (1, "2.5", "tranche_gb", 2),
        (1, "-4", "tranche_gb", 1),
        (1, "ten", "tranche_gb", 10),
        (2, "2,50", "eas_price", {"EUR": Decimal("2.50")}),
        (2, "-1", "eas_price", {"EUR": Decimal(0)}),
        (3, "free", "mapi_price", {"EUR": Decimal(0)}),
        (3, "NaN", "mapi_price", {"EUR": Decimal(0)}),
        (6, "", "outbound_ip", "default"),
        (7, "-3", "max_users", 0),
        (8, "on", "delete_data", True),
        (8, "", "delete_data", False),
        (9, "", "password_min_length", 8),
        (12, "yes", "password_symbol", True),
        (16, "", "addon_threshold_days", 1),
        (16, "0", "addon_threshold_days", 0),
        (17, "-1", "max_domain_aliases", 0),
        (21, "", "check_dmarc", False),
        (23, "Reject", "dmarc_policy", "reject"),
        (23, "maybe", "dmarc_policy", "none"),
    ],
)
def test_imported_options_are_read_as_people_typed_them(number, raw, code, value) -> None:
    assert from_whmcs({f"configoption{number}": raw}, currency="EUR")[code] == value
    assert from_whmcs({number: raw}, currency="EUR")[code] == value


@pytest.mark.parametrize(
    ("address", "fine"),
    [("default", True), ("192.0.2.1", True), ("2001:db8::1", True), ("300.1.1.1", False)],
)
def test_the_outbound_address_is_checked(address, fine) -> None:
    validate = FIELDS["outbound_ip"].validate
    assert validate is not None
    assert (validate(address) is None) is fine


@pytest.mark.parametrize(
    ("root", "path"),
    [
        ("C:\\SmarterMail\\Domains\\", "C:\\SmarterMail\\Domains\\a.example"),
        ("C:\\SmarterMail\\Domains", "C:\\SmarterMail\\Domains\\a.example"),
        ("/var/lib/smartermail/Domains/", "/var/lib/smartermail/Domains/a.example"),
    ],
)
def test_the_domain_is_appended_to_the_storage_path(root, path) -> None:
    assert storage_path(root, "a.example") == path


def prices(eas: str, mapi: str, both: str, **more):
    given = {"eas_price": eas, "mapi_price": mapi, "combined_price": both}
    return {code: {"EUR": Decimal(amount)} for code, amount in given.items()} | more


def terms(eas: str, mapi: str, both: str, **more) -> MeteringTerms:
    """What should come out; sizes and the rest as given."""
    return MeteringTerms(
        tranche=TrancheTerms(DISK, more.get("size", 10)),
        features=FeatureTerms(
            features=(
                SeatFeature("eas", "ActiveSync (EAS)", Decimal(eas)),
                SeatFeature("mapi", "MAPI/Exchange", Decimal(mapi)),
            ),
            combined=CombinedPrice("EAS + MAPI/Exchange", Decimal(both)),
            threshold_days=more.get("days", 1),
            months_multiply=more.get("months", True),
            seat_days=more.get("by_day", False),
        ),
    )


def test_metering_follows_the_settings() -> None:
    settings = prices("2", "3", "4.5", tranche_gb=5, addon_threshold_days=3, addon_basis="invoice")
    expected = terms("2", "3", "4.5", size=5, days=3, months=False)
    assert SmarterMail.metering(settings, "EUR") == expected
    assert SmarterMail.metering(prices("2", "3", "4.5"), "EUR") == terms("2", "3", "4.5")


def test_each_day_of_use_is_charged_when_the_settings_say_so() -> None:
    settings = FIELDS.load(FIELDS.dump(prices("2", "3", "4.5", addon_basis="days")))
    expected = terms("2", "3", "4.5", months=False, by_day=True)
    assert SmarterMail.metering(settings, "EUR") == expected


def test_a_combined_price_alone_is_not_billed() -> None:
    assert SmarterMail.metering(prices("0", "0", "4.5"), "EUR") == terms("0", "0", "0")
    assert SmarterMail.metering(prices("0", "3", "4.5"), "EUR") == terms("0", "3", "4.5")


@pytest.mark.parametrize("bad", ["-1", "NaN", "Infinity"])
def test_a_price_that_makes_no_sense_or_is_not_there_is_not_billed(bad) -> None:
    assert SmarterMail.metering(prices(bad, "3", "0"), "EUR") == terms("0", "3", "0")
    assert SmarterMail.metering(prices("2", "3", "4.5"), "JPY") == terms("0", "0", "0")


def test_what_is_offered_does_not_depend_on_what_it_costs() -> None:
    for offered in (True, False):
        settings = prices("0", "3", "0", offer_eas=offered, offer_mapi=not offered)
        assert SmarterMail.offered_features(settings) == {"eas" if offered else "mapi"}


def test_limits_of_zero_are_unlimited_but_for_domain_aliases() -> None:
    assert SmarterMail.limits(FIELDS.defaults(), {}) == Limits(domain_aliases=0)
    found = SmarterMail.limits({**FIELDS.defaults(), "max_users": 5}, {"max_domain_aliases": "2"})
    assert (found.mailboxes, found.domain_aliases) == (5, 2)


@pytest.mark.parametrize(
    ("where", "url"),
    [
        (("m.example", 443, True), "https://m.example/interface/root#/login"),
        (("m.example", 9998, False), "http://m.example:9998/interface/root#/login"),
    ],
)
def test_the_sign_in_page_has_no_standard_port(where, url) -> None:
    host, port, secure = where
    assert SmarterMail.webmail_url(host, port, secure=secure) == url
