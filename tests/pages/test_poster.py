"""A site's poster, on a page and as files."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.pages.scenes import browser, make_activity, manager_of
from venues.sites.models import Site, SiteStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """A place without a screen."""
    found: Site = make_activity().site
    return found


def test_the_poster_says_where_how_and_what_it_needs(site: Site) -> None:
    html = browser(manager_of(site)).get(reverse("pages:poster", args=[site.pk])).content.decode()

    assert site.name in html
    assert "<svg" in html
    assert html.count("<li><b>") == 3
    assert "海报码需要定位或工作人员确认" in html


def test_a_closed_site_has_no_poster(site: Site) -> None:
    site.status = SiteStatus.CLOSED
    site.save()

    response = browser(manager_of(site)).get(reverse("pages:poster", args=[site.pk]))

    assert response.status_code == 409


def test_another_sites_poster_is_not_found(site: Site) -> None:
    response = browser(manager_of(make_activity().site)).get(reverse("pages:poster", args=[site.pk]))

    assert response.status_code == 404


def test_every_active_site_gets_a_file_that_needs_nothing_else(site: Site, tmp_path: Path) -> None:
    closed = make_activity().site
    closed.status = SiteStatus.CLOSED
    closed.save()
    out = tmp_path / "posters"

    call_command("print_posters", out=out)

    (written,) = out.iterdir()
    html = written.read_text(encoding="utf-8")
    assert written.name == f"poster-{site.pk}.html"
    assert "<svg" in html
    assert "@page" in html
    assert re.findall(r"(?:src|href)=", html) == []
    assert "url(" not in html


def test_only_the_sites_asked_for_are_printed(site: Site, tmp_path: Path) -> None:
    make_activity()

    call_command("print_posters", site=[site.pk], out=tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [f"poster-{site.pk}.html"]


def test_a_site_that_is_not_there_is_an_error_and_nothing_is_written(site: Site, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=str(site.pk + 1)):
        call_command("print_posters", site=[site.pk, site.pk + 1], out=tmp_path)

    assert list(tmp_path.iterdir()) == []
