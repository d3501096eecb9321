from tests.factories.accounts import (
    CustomerFactory,
    MembershipFactory,
    StaffFactory,
    UserFactory,
)
from tests.factories.products import (
    OptionFactory,
    OptionGroupFactory,
    PriceFactory,
    ProductFactory,
    ProductGroupFactory,
)
from tests.factories.provisioning import (
    CommandFactory,
    MailboxFactory,
    PlacementFactory,
    ReadingFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)

__all__ = [
    "CommandFactory",
    "CustomerFactory",
    "MailboxFactory",
    "MembershipFactory",
    "OptionFactory",
    "OptionGroupFactory",
    "PlacementFactory",
    "PriceFactory",
    "ProductFactory",
    "ProductGroupFactory",
    "ReadingFactory",
    "ServerFactory",
    "ServerGroupFactory",
    "ServiceFactory",
    "StaffFactory",
    "UserFactory",
]
