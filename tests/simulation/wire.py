"""A bare HTTP caller, so that the tests speak to the socket and not to the panel's client."""

from __future__ import annotations

from typing import Any

import requests

ADMIN = {"username": "admin", "password": "Simulated-Sys4dmin"}
EVERYTHING = {"search": None, "skip": 0, "take": 99999, "sortField": "userName"}


class Api:
    """Calls below ``/api/v1/``; ``headers`` (bearer token, identity) go with each of them."""

    def __init__(self, url: str, **headers: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers.update(headers)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(f"{self.url}/api/v1/{path}", timeout=5, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.session.post(f"{self.url}/api/v1/{path}", json=body, timeout=5, **options)

    def with_token(self, token: str, **headers: str) -> Api:
        return Api(self.url, Authorization=f"Bearer {token}", **headers)

    def log_in(self, username: str, password: str, **fields: Any) -> requests.Response:
        return self.post(
            "auth/authenticate-user", {"username": username, "password": password, **fields}
        )

    def as_admin(self, **fields: Any) -> Api:
        return self.with_token(self.log_in(**ADMIN, **fields).json()["accessToken"])

    def as_user(self, username: str, password: str) -> Api:
        return self.with_token(self.log_in(username, password).json()["accessToken"])

    def inside(self, domain: str, user: str = "") -> Api:
        """The same token with the identity headers on it."""
        headers = {"X-SmarterMailDomain": domain, "X-SmarterMailUser": user}
        token = str(self.session.headers["Authorization"])
        return Api(
            self.url, Authorization=token, **{key: headers[key] for key in headers if headers[key]}
        )

    def managing(self, domain: str) -> Api:
        reply = self.post(f"settings/sysadmin/manage-domain/{domain}").json()
        return self.with_token(reply["impersonateAccessToken"])

    def close(self) -> None:
        self.session.close()


def control(url: str, path: str, body: Any = None, *, method: str = "POST") -> requests.Response:
    return requests.request(method, f"{url}/_sim/{path}", json=body, timeout=5)
