"""Pages that only some platforms have, below one service."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clientarea.views import account, deleted, groups

urlpatterns: list[URLPattern | URLResolver] = [
    path("check", account.check, name="service_check"),
    path("start-again", account.start_again, name="service_start_again"),
    path("account/reveal", account.reveal, name="service_reveal"),
    path("groups/", groups.index, name="groups"),
    path("groups/<str:name>/move", groups.move, name="group_move"),
    path("groups/<str:name>/delete", groups.delete, name="group_delete"),
    path("deleted/", deleted.index, name="deleted"),
    path("deleted/<path:key>/restore", deleted.restore, name="deleted_restore"),
]
