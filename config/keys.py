from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet

# Known to everyone, so that `DEBUG=1` starts without set-up; a system check refuses both elsewhere.
DEVELOPMENT_SECRET_KEY = "development-only-" * 4
DEVELOPMENT_FERNET_KEY = base64.urlsafe_b64encode(
    hashlib.sha256(b"postmeter development").digest()
).decode()


def fernet_keys(value: str) -> list[str]:
    """The keys of a comma-separated list, newest first; ValueError when one is not a Fernet key."""
    keys = [part.strip() for part in value.split(",") if part.strip()]
    for key in keys:
        Fernet(key)
    if not keys:
        raise ValueError("no key")
    return keys
