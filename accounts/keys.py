"""Keys of one-time links: random in the mail, a hash in the database."""

from __future__ import annotations

import hashlib
import secrets
from urllib.parse import urljoin

from django.conf import settings


def new_key() -> str:
    return secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def public_url(path: str) -> str:
    return urljoin(settings.SITE_URL + "/", path.lstrip("/"))
