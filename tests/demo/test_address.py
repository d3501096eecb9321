from __future__ import annotations

import pytest

from demo.address import Address, CannotListen, chosen
from tests.support.demo import free_port


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", "80.5"])
def test_a_port_that_is_none_is_named(port):
    with pytest.raises(CannotListen, match=f"PORT={port} is no port"):
        chosen({"PORT": port})


def test_without_a_word_it_listens_on_this_machine_alone():
    address = chosen({"PORT": str(free_port())})
    assert address.host == "127.0.0.1"
    assert not address.is_open_to_others


def test_open_to_everybody_is_known_as_such_and_still_found_from_here():
    address = Address("0.0.0.0", 8080)
    assert address.is_open_to_others
    assert (address.bind, address.url) == ("0.0.0.0:8080", "http://127.0.0.1:8080")
