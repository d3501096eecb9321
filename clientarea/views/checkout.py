"""From the cart to an order: who orders, what it comes to, and that it is meant."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.utils import complete_signup
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import signup
from accounts.access import CustomerRequest, current_access, owned_or_404
from accounts.actors import actor_of
from accounts.adapters import AFTER_SIGN_IN
from accounts.models import User
from accounts.roles import CustomerRight
from billing.documents import sellers
from billing.models import Order
from billing.orders.place import Checkout, place
from clientarea import basket
from clientarea.forms.shop import CustomerForm, ReviewForm, SignUpForm
from clientarea.pages import customer_page, show, show_form
from clientarea.writes import Done, Sheet, handle, posted

ordering = customer_page(CustomerRight.ORDER)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password1", "password2")
def account(request: HttpRequest) -> HttpResponse:
    """Customers go on; people without a customer enter one; visitors sign in or sign up."""
    basket.require_shop()
    if isinstance(request.user, User):
        return _own_customer(request, request.user)
    request.session[AFTER_SIGN_IN] = reverse("shop:review")
    if not settings.SIGNUP_OPEN:
        return show(request, "shop/account.html", {"open": False})
    form = SignUpForm(posted(request), initial={"country": sellers.seller().country})
    if request.method == "POST" and form.is_valid():
        return _sign_up(request, form)
    return show_form(request, "shop/account.html", {"form": form, "open": True})


@require_http_methods(["GET", "HEAD", "POST"])
@ordering
def review(request: CustomerRequest) -> HttpResponse:
    basket.require_shop()
    quote = basket.quote(request)
    form = ReviewForm(posted(request))
    here = reverse("shop:review")

    def act() -> Done:
        order = place(_checkout(request, form))
        basket.clear(request)
        url = reverse("shop:thanks", args=[order.public_id])
        return Done(url=url, message=_("Thank you. Your order was placed."))

    context = {"quote": quote, "seller": sellers.seller(), "terms_url": settings.TERMS_URL}
    return handle(
        request, form, act, Sheet(template="shop/review.html", back=here, context=context)
    )


@require_safe
@ordering
def thanks(request: CustomerRequest, public_id: str) -> HttpResponse:
    order = owned_or_404(request, Order.objects.select_related("invoice"), public_id=public_id)
    items = order.items.select_related("product", "service")
    return show(request, "orders/page.html", {"order": order, "items": items, "thanks": True})


def _checkout(request: CustomerRequest, form: ReviewForm) -> Checkout:
    kept = basket.read(request)
    return Checkout(
        customer=request.customer,
        items=kept.items,
        code=kept.code,
        token=f"{request.customer.pk}:{form.cleaned_data['form_token']}"[:60],
        accepted=form.cleaned_data["terms"],
        seen=_amount(request.POST.get("seen", "")),
        by=request.user,
        ip=actor_of(request).ip,
    )


def _amount(text: str) -> Decimal:
    """What stood on the page; nothing that could be it when the form was tampered with."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(-1)


def _own_customer(request: HttpRequest, user: User) -> HttpResponse:
    if current_access(request) or user.is_staff:
        return redirect("shop:review")
    form = CustomerForm(posted(request), initial={"name": user.name})
    if request.method == "POST" and form.is_valid():
        signup.open_customer(user, {"email": user.email, **_details(request, form)})
        return redirect("shop:review")
    return show_form(request, "shop/account.html", {"form": form, "open": True})


def _sign_up(request: HttpRequest, form: SignUpForm) -> HttpResponse:
    """Whether an address is known here is told by mail alone."""
    email = form.cleaned_data["email"].lower()
    response: HttpResponse
    if User.objects.filter(email__iexact=email).exists():
        response = prevent_enumeration(request, email=email)
        return response
    user = signup.sign_up(
        email=email, password=form.cleaned_data["password1"], details=_details(request, form)
    )
    response = complete_signup(request, user, "mandatory", reverse("shop:review"))
    return response


def _details(request: HttpRequest, form: CustomerForm) -> dict[str, str]:
    return {**form.details(), "currency": basket.currency_of(request)}
