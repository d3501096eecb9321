from __future__ import annotations

import backoffice.admin  # noqa: F401 - registers the pages
from backoffice.site import site

app_name = "admin"
urlpatterns = site.get_urls()
