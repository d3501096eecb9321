"""The options that a platform needs are made with one button, once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AuditEvent
from products.models import Option, OptionGroup
from provisioning.declared import offers
from provisioning.registry import MODULES, module_class
from tests.factories import OptionFactory, OptionGroupFactory

pytestmark = pytest.mark.django_db
MAKE = "/admin/products/optiongroup/make/{}/"
NEEDY = [code for code in MODULES if module_class(code).required_options]


@pytest.mark.parametrize("code", NEEDY)
def test_the_button_makes_every_option_as_a_quantity_from_0(boss: Client, code: str) -> None:
    kind = module_class(code)
    answer = boss.post(MAKE.format(code), follow=True)
    group = OptionGroup.objects.get()
    assert answer.redirect_chain[-1][0] == f"/admin/products/optiongroup/{group.pk}/change/"
    made = {option.code: option for option in group.options.all()}
    assert set(made) == set(kind.required_options)
    assert {(option.type, option.minimum) for option in made.values()} == {("quantity", 0)}
    assert {made[key].name for key in kind.option_labels} == set(kind.option_labels.values())
    assert offers.missing_options(kind, [group]) == []
    assert AuditEvent.objects.filter(action="optiongroup.added").exists()


def test_pressing_it_again_makes_nothing_new(boss: Client) -> None:
    for _click in range(2):
        boss.post(MAKE.format("opensrs"))
    assert OptionGroup.objects.count() == 1
    assert Option.objects.count() == 2


def test_a_group_that_lacks_one_is_left_alone_and_a_whole_one_is_made(boss: Client) -> None:
    half = OptionGroupFactory(name="OpenSRS Hosted Email options")
    OptionFactory(group=half, code="mailboxes", type="quantity")
    boss.post(MAKE.format("opensrs"))
    assert half.options.count() == 1
    whole = OptionGroup.objects.exclude(pk=half.pk).get()
    assert whole.options.count() == 2


def test_a_platform_that_needs_none_has_no_such_button(boss: Client) -> None:
    assert boss.post(MAKE.format("easymailarchive")).status_code == 404
    assert not OptionGroup.objects.exists()


def test_the_product_page_offers_it_and_comes_back_with_the_group_ticked(boss: Client) -> None:
    add = "/admin/products/product/add/?platform=opensrs"
    assert MAKE.format("opensrs") in boss.get(add).content.decode()
    answer = boss.post(MAKE.format("opensrs"), {"next": add})
    group = OptionGroup.objects.get()
    assert answer["Location"] == f"{add}&option_groups={group.pk}"
    page = boss.get(answer["Location"])
    assert MAKE.format("opensrs") not in page.content.decode()
    assert [str(key) for key in page.context["adminform"].form["option_groups"].value()] == [
        str(group.pk)
    ]


def test_the_list_of_groups_has_a_button_for_each_platform_that_needs_options(
    boss: Client,
) -> None:
    text = boss.get("/admin/products/optiongroup/").content.decode()
    for code in MODULES:
        assert (MAKE.format(code) in text) == (code in NEEDY)
    boss.post(MAKE.format("opensrs"))
    assert MAKE.format("opensrs") not in boss.get("/admin/products/optiongroup/").content.decode()
