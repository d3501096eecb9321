from provisioning.models.calls import ModuleCall
from provisioning.models.commands import Command
from provisioning.models.directory import (
    Alias,
    DirectorySync,
    DistributionList,
    DomainAlias,
    Mailbox,
)
from provisioning.models.servers import Placement, Server, ServerGroup, ServerGroupMember
from provisioning.models.services import Service, ServiceOption
from provisioning.models.usage import FeatureInterval, UsageReading

__all__ = [
    "Alias",
    "Command",
    "DirectorySync",
    "DistributionList",
    "DomainAlias",
    "FeatureInterval",
    "Mailbox",
    "ModuleCall",
    "Placement",
    "Server",
    "ServerGroup",
    "ServerGroupMember",
    "Service",
    "ServiceOption",
    "UsageReading",
]
