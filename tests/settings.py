"""Production's settings on the databases the environment names, or on none."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

TEST_DEFAULTS = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "tests-only-" * 5,
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SITE_URL": "http://testserver",
    "DATABASE_URL": "sqlite://:memory:",
    "REDIS_URL": "memory://",
    "EMAIL_URL": "memorymail://",
    "CURRENCIES": "EUR,USD",
    "LOG_FORMAT": "text",
    "LOG_LEVEL": "WARNING",
    "STAFF_REQUIRE_MFA": "0",
}
for _name, _value in TEST_DEFAULTS.items():
    os.environ.setdefault(_name, _value)

# Test processes side by side share one Valkey: each has a database for messages and one for
# its cache.
if os.environ["REDIS_URL"].startswith("redis") and "PYTEST_XDIST_WORKER" in os.environ:
    _server = urlsplit(os.environ["REDIS_URL"])
    _number = 2 * int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    os.environ["REDIS_URL"] = _server._replace(path=f"/{_number}").geturl()

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
