"""Addresses that only a button leads to (POST), and what somebody meets who comes back to one.

A phone throws a page away to make room and asks for its address again, without what was sent. An empty 405
would leave the person nowhere: they read that nothing was done, and go on from the page with the button.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal
from backend.pages.doors import refuse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class NeedsButton(Refusal):
    """An address that only a button leads to was asked for without one."""

    code = "needs_button"
    status = 405
    message = _("这一步要在页面上按按钮才会办理，重新打开网址不会改动任何内容。")


def by_button(view: View[P]) -> View[P]:
    """Let presses of a button in (POST); everybody else is shown the way to the page above, with 405."""

    @wraps(view)
    def button(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        answer = refuse(request, NeedsButton(), back=_page_above(request.path_info))
        answer["Allow"] = "POST"
        return answer

    button.by_button = True  # type: ignore[attr-defined]  # read by _page_above
    return button


def _page_above(address: str) -> str:
    """Return the nearest address above this one that shows a page, or "" for the home page."""
    steps = address.strip("/").split("/")
    for length in range(len(steps) - 1, 0, -1):
        above = f"/{'/'.join(steps[:length])}/"
        try:
            found = resolve(above)
        except Resolver404:
            continue
        if not getattr(found.func, "by_button", False):
            return above
    return ""
