"""The mail directory: pages read the mirror, writes go to the platform first and then into it.

Everything here raises subclasses of ModuleError and nothing else for trouble with a platform.
"""

from provisioning.directory.aliases import (
    add_domain_alias,
    delete_alias,
    delete_domain_alias,
    save_alias,
)
from provisioning.directory.deleted import list_deleted, restore
from provisioning.directory.dkim import disable_dkim, enable_dkim, read_dkim
from provisioning.directory.groups import (
    create_group,
    delete_group,
    list_groups,
    move_mailboxes,
)
from provisioning.directory.lists import (
    change_members,
    create_list,
    delete_list,
    list_members,
    update_list,
)
from provisioning.directory.mail_settings import read_settings, write_settings
from provisioning.directory.mailboxes import (
    create_mailbox,
    delete_mailbox,
    read_mailbox,
    set_mailbox_password,
    update_mailbox,
)
from provisioning.directory.policy import limits, password_problems
from provisioning.directory.refreshing import refresh, refresh_quietly, services_to_refresh

__all__ = [
    "add_domain_alias",
    "change_members",
    "create_group",
    "create_list",
    "create_mailbox",
    "delete_alias",
    "delete_domain_alias",
    "delete_group",
    "delete_list",
    "delete_mailbox",
    "disable_dkim",
    "enable_dkim",
    "limits",
    "list_deleted",
    "list_groups",
    "list_members",
    "move_mailboxes",
    "password_problems",
    "read_dkim",
    "read_mailbox",
    "read_settings",
    "refresh",
    "refresh_quietly",
    "restore",
    "save_alias",
    "services_to_refresh",
    "set_mailbox_password",
    "update_list",
    "update_mailbox",
    "write_settings",
]
