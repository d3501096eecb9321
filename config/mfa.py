from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from config.crypto import seal, unseal


class SealingAdapter(DefaultMFAAdapter):
    """Keeps TOTP secrets and recovery seeds encrypted at rest."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
