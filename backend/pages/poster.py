"""A site's poster: a code in print, for places without a screen."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.pages import pictures
from backend.pages.doors import roles_only
from backend.pages.visitor import MANAGERS, ActorRequest
from venues.sites.models import Site
from venues.sites.queries import managed_by
from venues.sites.services import current_poster

_STYLE = "pages/poster.css"


@require_GET
@never_cache
@roles_only(*MANAGERS)
def poster(request: ActorRequest, site_id: int) -> HttpResponse:
    """Show one of my sites' posters, ready for the printer."""
    site = get_object_or_404(managed_by(request.actor), pk=site_id)
    return render(request, "pages/manager/poster.html", _poster_of(site))


def poster_file(site: Site) -> str:
    """Return a site's poster as one HTML file that needs nothing but itself.

    :raises SiteClosed: a closed site has no poster.
    """
    found = finders.find(_STYLE)
    style = Path(str(found)).read_text(encoding="utf-8")
    context = {**_poster_of(site), "style": mark_safe(style)}  # noqa: S308 – our own file
    return render_to_string("pages/manager/poster_file.html", context)


def _poster_of(site: Site) -> dict[str, Any]:
    code = current_poster(site=site)
    return {
        "site": site,
        "edition": site.poster_version,
        "code": pictures.qr_svg(code.url, label=_("签到二维码，请用手机相机扫")),
    }
