"""Where a person goes next: only ever to an address of this site."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def wished_address(request: HttpRequest) -> str:
    """Return where the person wanted to go (`next`), or "" when they did not say, or said somewhere else."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wish if ours and wish.startswith("/") else ""


def next_address(request: HttpRequest, *, default: str) -> str:
    """Return the wished-for address, else the default address or url name."""
    return wished_address(request) or resolve_url(default)
