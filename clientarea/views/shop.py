"""The shop window: open to everybody. Nothing is ordered here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.orders import cart, catalogue
from billing.orders.items import Quote, Wanted
from clientarea import basket
from clientarea.forms.shop import CodeForm, ConfigureForm
from clientarea.pages import UNPROCESSABLE, show
from clientarea.writes import posted


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    basket.require_shop()
    currency = basket.currency_of(request)
    context = {
        "shelves": catalogue.shelves(currency),
        "currency": currency,
        "currencies": basket.currencies(request),
    }
    return show(request, "shop/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def product(request: HttpRequest, pk: int) -> HttpResponse:
    form = _form(request, pk)
    if request.method == "POST" and form.is_valid():
        found = _price(request, form)
        form.blame(found.items[0].errors)
        if not form.errors:
            return _add(request, form)
    context = {"form": form, "offer": form.offer, "quote": _first_price(request, form)}
    return show(request, "shop/product.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that says what the choice costs, while it is being made."""
    form = _form(request, pk)
    return show(request, "shop/price.html", {"quote": _first_price(request, form)})


@require_http_methods(["GET", "HEAD", "POST"])
def cart_page(request: HttpRequest) -> HttpResponse:
    basket.require_shop()
    kept = basket.read(request)
    form = CodeForm(posted(request), initial={"code": kept.code})
    if request.method == "POST" and form.is_valid():
        kept.code = form.cleaned_data["code"].strip()
        basket.write(request, kept)
        return redirect("shop:cart")
    found = basket.quote(request)
    context = {"quote": found, "form": form, "code": kept.code}
    return show(request, "shop/cart.html", context, status=200)


@require_POST
def remove(request: HttpRequest, position: int) -> HttpResponse:
    kept = basket.read(request)
    if position < len(kept.items):
        del kept.items[position]
        basket.write(request, kept)
    return redirect("shop:cart")


def _form(request: HttpRequest, pk: int) -> ConfigureForm:
    basket.require_shop()
    offer = catalogue.offer(pk, basket.currency_of(request))
    if offer is None:
        raise Http404
    return ConfigureForm(posted(request), offer=offer)


def _price(request: HttpRequest, form: ConfigureForm) -> Quote:
    return cart.quote([form.wanted()], basket.buyer_of(request), form.currency)


def _first_price(request: HttpRequest, form: ConfigureForm) -> Quote | None:
    """Of what is chosen so far; the domain may still be missing."""
    if not form.is_bound:
        return None
    form.is_valid()
    sent = form.wanted()
    options = {code: value for code, value in sent.options.items() if value is not None}
    example = Wanted(
        product=sent.product, cycle=sent.cycle, currency=sent.currency, domain="example.com",
        options=options,
    )  # fmt: skip
    visitor = basket.buyer_of(request)
    found = cart.quote([example], visitor, form.currency)
    return None if set(found.items[0].errors) - {"domain"} else found


def _add(request: HttpRequest, form: ConfigureForm) -> HttpResponse:
    kept = basket.read(request)
    if kept.full:
        messages.error(request, _("The cart is full. Order what is in it first."))
        return redirect("shop:cart")
    kept.items.append(form.wanted())
    kept.currency = form.currency
    basket.write(request, kept)
    messages.success(request, _("%s is in the cart.") % form.offer.product)
    return redirect("shop:cart")
