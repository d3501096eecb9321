"""The vendor's ways of saying no."""

from __future__ import annotations


class ApiError(Exception):
    """Answered as ``status`` with ``success: false`` and ``message``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class BusinessError(ApiError):
    """Bad input or a broken rule: 400, or 200 on builds that answer so."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)


class UnknownEntity(ApiError):
    """A name in the path or body that the server does not have."""

    def __init__(self, message: str) -> None:
        super().__init__(404, message)


class Unauthorized(ApiError):
    def __init__(self, message: str = "Unauthorized") -> None:
        super().__init__(401, message)


class Forbidden(ApiError):
    def __init__(self, message: str = "INVALID_PERMISSIONS") -> None:
        super().__init__(403, message)


class NoSuchCall(Exception):
    """This build does not have the call at all: a bare 404, as for any unknown path."""


INVALID_INPUT = "Invalid input parameters"
NO_DOMAIN = "Domain does not exist"
NO_USER = "USER_NOT_FOUND"
NO_ALIAS = "ALIAS_NOT_FOUND"
NO_LIST = "MAILING_LIST_NOT_FOUND"
