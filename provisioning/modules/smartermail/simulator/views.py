"""The server's objects as the wire shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from provisioning.modules.smartermail.simulator.model import (
    MB,
    NEVER,
    Alias,
    Dkim,
    DkimKey,
    Domain,
    MailingList,
    User,
)
from provisioning.modules.smartermail.simulator.variants import Variants

USER, DOMAIN_ADMIN, ALIAS, LIST = 0, 1, 4, 5

# domainData says one name, domainSettings another, for the same limit.
LIMITS = {"userLimit": "maxUsers", "aliasLimit": "maxAliases", "listLimit": "maxLists"}

DKIM_OPTIONS: dict[str, Any] = {
    "dkimCanonicalizationAlgorithmBody": "relaxed",
    "dkimCanonicalizationAlgorithmHeader": "relaxed",
    "dkimHeaderFieldOption": "include",
    "dkimHeaderFields": ["From", "To", "Subject", "Date", "Message-ID"],
    "maxMessageSign": 0,
}

MAIL_DEFAULTS: dict[str, Any] = {
    "hideFromGAL": False,
    "isCatchAll": False,
    "enablePop": True,
    "enableImap": True,
    "enableSmtp": True,
    "enableWebmail": True,
    "enableMailForwarding": True,
    "replyToAddress": "",
    "userContactInfo": {},
}


def domain_data(domain: Domain, variants: Variants) -> dict[str, Any]:
    settings, size = domain.settings, domain.size
    usage = {"diskUsage": size, "size": size, "sizeMb": size / MB}
    omitted = {
        "diskUsage": variants.omit_disk_usage,
        "size": variants.omit_size,
        "sizeMb": variants.omit_size_mb,
    }
    return {
        "name": domain.name,
        "path": settings["domainPath"],
        "hostname": settings["hostname"],
        "isEnabled": settings["isEnabled"],
        "status": "Enabled" if settings["isEnabled"] else "Disabled",
        "userCount": len(domain.users),
        "aliasCount": len(domain.aliases),
        "domainAliasCount": len(domain.domain_aliases),
        "listCount": len(domain.lists),
        "maxSize": settings["maxSize"],
        "fileStorageSize": 0,
        "fileStorageSizeMb": 0.0,
        "mainDomainAdmin": settings["mainDomainAdmin"],
        "imgLink": "",
        **{key: settings[source] for key, source in LIMITS.items()},
        **{key: value for key, value in usage.items() if not omitted[key]},
        **domain.raw_usage,
    }


def domain_settings(domain: Domain, variants: Variants) -> dict[str, Any]:
    shown = dict(domain.settings)
    if variants.dkim_in_domain_call:
        shown["domainKeysSettings"] = dkim_settings(domain.dkim)
    return shown


def dkim_settings(dkim: Dkim) -> dict[str, Any]:
    return {
        "isActive": dkim.is_active,
        "forced": dkim.forced,
        **dkim_key(dkim.active or DkimKey("", "", 0, NEVER)),
        "pending": dkim_key(dkim.pending) if dkim.pending else None,
        **DKIM_OPTIONS,
        **dkim.options,
    }


def dkim_key(key: DkimKey) -> dict[str, Any]:
    return {
        "selector": key.selector,
        "publicKey": key.public_key,
        "keySize": key.bits,
        "nextCheckUtc": key.next_check,
    }


def user_data(domain: Domain, user: User) -> dict[str, Any]:
    is_primary = domain.admin is user
    return {
        "userName": user.name,
        "emailAddress": domain.address(user.name),
        "fullName": user.full_name,
        "domain": domain.name,
        "description": "",
        "securityFlags": {
            "authType": 0,
            "authenticatingWindowsDomain": None,
            "isDisabled": not user.is_enabled,
            "isPrimarySystemAdmin": False,
            "isDomainAdmin": user.is_domain_admin,
            "isSystemAdmin": False,
        },
        "isPrimaryDomainAdmin": is_primary,
        "currentMailboxSize": user.size,
        "maxMailboxSize": user.max_size,
        "lastLoginTime": user.last_login,
        "createDate": user.created,
        "isPasswordExpired": user.must_change_password,
        "passwordLocked": False,
        "roles": ["DomainAdmin"] if user.is_domain_admin else [],
        "tempPassword": user.temp_password,
        **user.data,
    }


def mail_settings(user: User) -> dict[str, Any]:
    return {
        **MAIL_DEFAULTS,
        **user.mail,
        "isEnabled": user.is_enabled,
        "canReceiveMail": user.can_receive,
        "maxSize": user.max_size,
        "totalMailboxSize": user.size,
    }


def account_user(domain: Domain, user: User) -> dict[str, Any]:
    return {
        "userName": user.name,
        "displayName": user.full_name or user.name,
        "fullName": user.full_name,
        "emailAddress": domain.address(user.name),
        "accountType": DOMAIN_ADMIN if user.is_domain_admin else USER,
        "isEnabled": user.is_enabled,
        "lastLogin": user.last_login,
        "totalMailboxSize": user.size,
    }


def account_alias(domain: Domain, alias: Alias, variants: Variants) -> dict[str, Any]:
    row: dict[str, Any] = {
        "userName": alias.name,
        "displayName": alias.displayName,
        "fullName": "",
        "emailAddress": domain.address(alias.name),
        "accountType": ALIAS,
        "isEnabled": alias.isEnabled,
        "lastLogin": NEVER,
        "totalMailboxSize": 0,
        "allowSending": alias.allowSending,
        "hideFromGAL": alias.hideFromGAL,
        "internalOnly": alias.internalOnly,
        "includeAllDomainUsers": alias.includeAllDomainUsers,
    }
    if not variants.alias_rows_without_targets:
        row["aliasTargetList"] = list(alias.aliasTargetList)
    return row


def account_list(domain: Domain, one: MailingList) -> dict[str, Any]:
    return {
        "userName": one.name,
        "displayName": one.name,
        "fullName": "",
        "emailAddress": domain.address(one.name),
        "accountType": LIST,
        "isEnabled": True,
        "lastLogin": NEVER,
        "totalMailboxSize": 0,
    }


def account_quick(user: User) -> dict[str, Any]:
    return {
        "userName": user.name,
        "displayName": user.full_name or user.name,
        "bytesUsed": user.size,
        "bytesAllowed": user.max_size or None,
        "status": "Enabled" if user.is_enabled else "Disabled",
        "lastLoginTime": user.last_login,
    }


def alias_data(alias: Alias) -> dict[str, Any]:
    return asdict(alias)
