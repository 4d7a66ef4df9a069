"""The doors of the pages: who may come in, and what a refusal looks like when it reaches the door.

Every view stands behind exactly one of them. A person who is not signed in is sent to sign in and brought
back; a signed-in person without the role meets 403; a `Refusal` nobody caught becomes a page with its
sentence and a next step, never a stack trace.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.gzip import gzip_page

from backend.accounts.scopes import Role
from backend.core.errors import Invalid, Refusal, refusal_for
from backend.pages.visitor import ActorRequest, PageRequest, Visitor, VolunteerRequest

P = ParamSpec("P")
R = TypeVar("R", bound=PageRequest)
Inner = Callable[Concatenate[R, P], HttpResponse]
Outer = Callable[Concatenate[HttpRequest, P], HttpResponse]
# Looks at a request that has just met its visitor: None lets it in, a response turns it away.
Check = Callable[[R], HttpResponse | None]


def _door(check: Check[R]) -> Callable[[Inner[R, P]], Outer[P]]:
    def hang(view: Inner[R, P]) -> Outer[P]:
        @gzip_page  # a shelf of 300 goods is 250 kB of markup that says much the same
        @wraps(view)
        def door(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            known = cast("R", request)
            known.visitor = Visitor(request)
            try:
                return check(known) or view(known, *args, **kwargs)
            except Refusal as refusal:
                return refuse(request, refusal)
            except IntegrityError as error:
                return refuse(request, refusal_for(error))
            except DataError:
                return refuse(request, Invalid())

        return door

    return hang


def refuse(request: HttpRequest, refusal: Refusal, *, back: str = "") -> HttpResponse:
    """Show a refusal as its sentence and a next step; a fragment asked for by htmx gets the sentence only."""
    template = "pages/part_refusal.html" if getattr(request, "htmx", False) else "pages/refusal.html"
    return render(request, template, {"refusal": refusal, "back": back}, status=refusal.status)


def _welcome(request: PageRequest) -> None:
    """Everybody may come in."""


def _sign_in_first(request: PageRequest) -> HttpResponse | None:
    if request.visitor.user:
        return None
    return redirect_to_login(request.get_full_path(), reverse("pages:login"))


def _register_first(request: VolunteerRequest) -> HttpResponse | None:
    elsewhere = _sign_in_first(request)
    if elsewhere:
        return elsewhere
    volunteer = request.visitor.volunteer
    if volunteer is None:
        return redirect(f"{reverse('pages:register')}?{urlencode({'next': request.get_full_path()})}")
    request.volunteer = volunteer
    return None


def anyone(view: Inner[PageRequest, P]) -> Outer[P]:
    """Let everybody in."""
    return _door(_welcome)(view)


def signed_in(view: Inner[PageRequest, P]) -> Outer[P]:
    """Let signed-in people in; others sign in first and come back."""
    return _door(_sign_in_first)(view)


def volunteers_only(view: Inner[VolunteerRequest, P]) -> Outer[P]:
    """Let registered volunteers in; a signed-in person who is none yet registers first and comes back."""
    return _door(_register_first)(view)


def roles_only(*roles: Role) -> Callable[[Inner[ActorRequest, P]], Outer[P]]:
    """Let people in who hold one of these roles anywhere; which objects they reach is the queries' matter."""

    def check(request: ActorRequest) -> HttpResponse | None:
        if request.visitor.user is None:
            return redirect_to_login(request.get_full_path(), reverse("pages:staff-login"))
        actor = request.visitor.actor
        if actor is None or not actor.has(*roles):
            raise PermissionDenied
        request.actor = actor
        return None

    return _door(check)
