from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from clientarea import payment_urls, platform_urls
from clientarea.views import (
    activity,
    aliases,
    cancellation,
    company,
    dashboard,
    dkim,
    dns,
    domain_aliases,
    invoices,
    lists,
    mail_settings,
    mailbox_changes,
    mailboxes,
    orders,
    plan,
    sign_on,
    team,
)

app_name = "clientarea"

MAILBOXES: list[URLPattern | URLResolver] = [
    path("", mailboxes.index, name="mailboxes"),
    path("export", mailboxes.export, name="mailboxes_export"),
    path("new", mailbox_changes.create, name="mailbox_create"),
    path("<path:address>/edit", mailbox_changes.edit, name="mailbox_edit"),
    path("<path:address>/password", mailbox_changes.password, name="mailbox_password"),
    path("<path:address>/delete", mailbox_changes.delete, name="mailbox_delete"),
    path("<path:address>/settings/<slug:code>", mail_settings.of_mailbox, name="mailbox_settings"),
    path("<path:address>/login", sign_on.mailbox, name="mailbox_login"),
]
ALIASES: list[URLPattern | URLResolver] = [
    path("aliases/", aliases.index, name="aliases"),
    path("aliases/export", aliases.export, name="aliases_export"),
    path("aliases/new", aliases.create, name="alias_create"),
    path("aliases/<path:address>/edit", aliases.edit, name="alias_edit"),
    path("aliases/<path:address>/delete", aliases.delete, name="alias_delete"),
    path("redirects/", aliases.redirects, name="redirects"),
    path("redirects/new", aliases.create_redirect, name="redirect_create"),
]
LISTS: list[URLPattern | URLResolver] = [
    path("", lists.index, name="lists"),
    path("new", lists.create, name="list_create"),
    path("<path:address>/members", lists.members, name="list_members"),
    path("<path:address>/edit", lists.edit, name="list_edit"),
    path("<path:address>/delete", lists.delete, name="list_delete"),
]
DNS: list[URLPattern | URLResolver] = [
    path("", dns.guide, name="dns"),
    path("refresh", dns.refresh, name="dns_refresh"),
    path("pills", dns.pills, name="dns_pills"),
    path("dmarc", dns.dmarc, name="dmarc"),
]
SERVICE: list[URLPattern | URLResolver] = [
    path("", dashboard.service, name="service"),
    path("sign-on", sign_on.customer, name="sign_on"),
    path("plan", plan.change, name="plan"),
    path("plan/cancel", plan.cancel, name="plan_cancel"),
    path("mailboxes/", include(MAILBOXES)),
    path("", include(ALIASES)),
    path("lists/", include(LISTS)),
    path("domain-aliases/", domain_aliases.index, name="domain_aliases"),
    path("domain-aliases/<str:name>/delete", domain_aliases.delete, name="domain_alias_delete"),
    path("settings/", mail_settings.index, name="settings_index"),
    path("settings/<slug:code>/", mail_settings.of_domain, name="settings"),
    path("dkim/", dkim.index, name="dkim"),
    path("dkim/enable", dkim.enable, name="dkim_enable"),
    path("dkim/disable", dkim.disable, name="dkim_disable"),
    path("dns/", include(DNS)),
    path("activity/", activity.index, name="activity"),
    path("", include(platform_urls.urlpatterns)),
    path("cancel/", cancellation.cancel, name="service_cancel"),
    path("cancel/withdraw", cancellation.withdraw, name="cancellation_withdraw"),
]
TEAM: list[URLPattern | URLResolver] = [
    path("", team.index, name="team"),
    path("invite", team.invite, name="team_invite"),
    path("members/<str:email>/role", team.role, name="member_role"),
    path("members/<str:email>/remove", team.remove, name="member_remove"),
    path("invites/<str:email>/again", team.invite_again, name="invite_again"),
    path("invites/<str:email>/withdraw", team.invite_withdraw, name="invite_withdraw"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.home, name="home"),
    path("services/<str:public_id>/", include(SERVICE)),
    path("invoices/", invoices.index, name="invoices"),
    path("invoices/<str:public_id>/", invoices.page, name="invoice"),
    path("invoices/<str:public_id>/pdf", invoices.pdf, name="invoice_pdf"),
    path("orders/", orders.index, name="orders"),
    path("orders/<str:public_id>/", orders.page, name="order"),
    path("", include(payment_urls.urlpatterns)),
    path("company/", company.details, name="company"),
    path("team/", include(TEAM)),
]
