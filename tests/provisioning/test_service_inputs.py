from __future__ import annotations

import pytest

from provisioning.connection.links import account_of
from provisioning.models import Service
from provisioning.registry import installed, module_class
from tests.factories import ServiceFactory

pytestmark = pytest.mark.django_db

WITH_INPUTS = [code for code, module in installed().items() if module.service_fields.fields]


@pytest.mark.parametrize("code", WITH_INPUTS)
def test_what_was_typed_for_a_service_reaches_its_module_typed(code):
    fields = module_class(code).service_fields
    service = ServiceFactory()
    product = service.product
    product.module, product.module_settings = code, {}
    product.save()
    first = fields.fields[0]
    Service.objects.filter(pk=service.pk).update(inputs={first.code: "typed"})
    account = account_of(Service.objects.select_related("product", "customer").get(pk=service.pk))
    assert account.inputs[first.code] == "typed"
    assert set(account.inputs) == {item.code for item in fields.fields}


def test_a_service_of_no_platform_has_no_inputs():
    service = ServiceFactory()
    service.product.module = ""
    assert account_of(service).inputs == {}
