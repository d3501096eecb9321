"""The page on which a person pays, in a demo: a choice of test cards instead of typed numbers."""

from __future__ import annotations

from html import escape

from billing.gateways.stripe.amounts import from_units
from billing.gateways.stripe.simulator.cards import CARDS
from billing.gateways.stripe.simulator.state import Data
from config.money import format_money

STYLE = """
:root{color-scheme:light dark}*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f4f5f8;color:#1c2433}
main{max-width:30rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:12px;
box-shadow:0 1px 3px #0002}
h1{font-size:1.9rem;margin:.2rem 0 1rem}.note{font-size:.85rem;color:#5b6577;margin:0}
label{display:flex;gap:.6rem;padding:.55rem .7rem;border:1px solid #d6dae3;border-radius:8px;
margin:.4rem 0;cursor:pointer}label:has(:checked){border-color:#3d5fd6;background:#eef2ff}
label span{flex:1}label small{color:#5b6577;font-variant-numeric:tabular-nums}
button{font:inherit;width:100%;padding:.7rem;border:0;border-radius:8px;margin-top:.8rem;
background:#3d5fd6;color:#fff;cursor:pointer}button.plain{background:#e6e9f0;color:#1c2433}
.bad{background:#fdecec;color:#8d1f1f;padding:.6rem .8rem;border-radius:8px}
a{color:inherit}
@media(prefers-color-scheme:dark){body{background:#11151d;color:#e6e9f0}main{background:#1a202b}
label{border-color:#3a4353}label:has(:checked){background:#202c4d}.note,label small{color:#97a3b8}
button.plain{background:#323b4b;color:#e6e9f0}}
"""
FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots"
content="noindex"><link rel="icon" href="data:,"><title>Test payment page</title>
<style>{style}</style></head>
<body><main><p class="note">Test payment page: a stand-in for Stripe, no money moves.</p>{body}
</main></body></html>"""


def _frame(body: str) -> str:
    return FRAME.format(style=STYLE, body=body)


def closed(session: Data) -> str:
    return _frame(
        "<h1>This page is closed</h1><p>It was used or has expired.</p>"
        f'<p><a href="{escape(session["cancel_url"])}">Back to the seller</a></p>'
    )


def form(session: Data, trouble: str = "") -> str:
    saying = f'<p class="bad" role="alert">{escape(trouble)}</p>' if trouble else ""
    button = "Pay" if session["mode"] == "payment" else "Save"
    cards = "".join(_choice(number, first=index == 0) for index, number in enumerate(CARDS))
    return _frame(
        f"{_head(session)}{saying}<form method=post>{cards}"
        f"<button>{button}</button></form>"
        f'<p><a href="{escape(session["cancel_url"])}">Cancel and go back</a></p>'
    )


def _head(session: Data) -> str:
    if session["mode"] == "setup":
        return "<h1>Save a card</h1><p>It can be charged later while you are away.</p>"
    currency = session["currency"].upper()
    amount = format_money(from_units(session["amount_total"], currency), currency)
    kept = session["intent_data"]["setup_future_usage"]
    later = "<p>The card is kept for later invoices.</p>" if kept else ""
    return f"<p>{escape(session['title'])}</p><h1>{amount}</h1>{later}"


def _choice(number: str, *, first: bool) -> str:
    checked = " checked" if first else ""
    return (
        f'<label><input type="radio" name="card" value="{number}"{checked}>'
        f"<span>{escape(CARDS[number].label)}</span><small>…{number[-4:]}</small></label>"
    )


def confirmation(number: str) -> str:
    hidden = f'<input type="hidden" name="card" value="{escape(number)}">'
    return _frame(
        "<h1>Your bank asks</h1><p>Do you want to make this payment?</p>"
        f"<form method=post>{hidden}<button name=bank value=yes>Confirm</button>"
        "<button class=plain name=bank value=no>Refuse</button></form>"
    )
