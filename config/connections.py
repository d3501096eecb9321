"""Django and Celery settings made from connection URLs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

# Without these, processes that write at once lose transactions to "database is locked".
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
REDIS_SCHEMES = ("redis", "rediss", "unix")
CACHE_SCHEMES = (*REDIS_SCHEMES, "locmem")
BROKER_SCHEMES = ("redis", "rediss", "filesystem", "memory")


def database(config: dict[str, Any]) -> dict[str, Any]:
    if config["ENGINE"].endswith("sqlite3"):
        return config | {"OPTIONS": SQLITE_OPTIONS}
    return config | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def cache(url: str) -> dict[str, Any]:
    if urlsplit(url).scheme == "locmem":
        return {"BACKEND": "config.cache.LocalJSONCache", "LOCATION": "postmeter"}
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "OPTIONS": {"serializer": "config.cache.JSONSerializer"},
        "KEY_PREFIX": "postmeter",
    }


def next_database(url: str) -> str:
    """The same Redis server, one database number on: cache beside broker."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        return "locmem://"
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{number + 1}").geturl()


def broker(url: str) -> tuple[str, dict[str, Any]]:
    """Celery's broker URL and transport options.

    Redis: an unacknowledged message returns at most ``visibility_timeout`` plus one sweep after
    its worker died. Filesystem (``filesystem:///directory``) is for one machine without Redis.
    """
    parts = urlsplit(url)
    if parts.scheme == "filesystem":
        folders = {"data_folder_in": parts.path, "data_folder_out": parts.path}
        return "filesystem://", folders | {"polling_interval": 0.1}
    return url, {
        "visibility_timeout": 900,
        "unacked_restore_interval": 30,
        "unacked_restore_throttle": 1,
    }
