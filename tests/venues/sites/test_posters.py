"""The printed code of a site: it lasts, and a whole edition of it is retired at once."""

from urllib.parse import urlsplit

import pytest

from backend.accounts.scopes import Role
from backend.core.codes import TokenExpired, TokenMalformed
from backend.core.errors import Forbidden, NotFound
from backend.core.models import AuditEntry
from tests.factories.accounts import make_actor
from tests.factories.attendance import pass_of
from tests.factories.venues import SiteFactory
from tests.factories.volunteers import VolunteerFactory
from venues.sites import qr, services
from venues.sites.errors import SiteClosed
from venues.sites.models import SiteStatus
from venues.sites.queries import accepted_keys, accepted_poster_keys

pytestmark = pytest.mark.django_db


def test_a_poster_shows_the_same_code_every_day(now):
    site = SiteFactory()

    poster = services.current_poster(site=site)

    assert poster == services.current_poster(site=site)
    assert urlsplit(poster.url).path == f"/s/{poster.token}"
    read = qr.verify(poster.token, keys=accepted_poster_keys(site), at=now)
    assert (read.site_id, read.is_poster) == (site.pk, True)


def test_a_poster_is_not_what_the_screen_shows(now):
    site = SiteFactory()
    shown = services.current_qr(site=site, at=now)

    assert qr.read(shown.token).is_poster is False
    with pytest.raises((TokenMalformed, TokenExpired)):
        qr.verify(services.current_poster(site=site).token, keys={2: b"x" * 32}, at=now)
    assert accepted_keys(site, at=now).items().isdisjoint(accepted_poster_keys(site).items())


def test_a_closed_site_has_no_poster():
    with pytest.raises(SiteClosed):
        services.current_poster(site=SiteFactory(status=SiteStatus.CLOSED))


def test_retiring_makes_every_poster_worthless_and_leaves_the_screen_alone(now):
    site = SiteFactory()
    poster, shown = services.current_poster(site=site), services.current_qr(site=site, at=now)

    retired = services.retire_posters(site=site, actor=make_actor(Role.SITE_MANAGER, site.pk), at=now)

    with pytest.raises(TokenExpired):
        qr.verify(poster.token, keys=accepted_poster_keys(retired), at=now)
    assert qr.verify(shown.token, keys=accepted_keys(retired, at=now), at=now).site_id == site.pk
    again = services.current_poster(site=retired).token
    assert qr.verify(again, keys=accepted_poster_keys(retired), at=now).key_version == 2


def test_retiring_is_audited(now):
    site = SiteFactory()
    manager = make_actor(Role.SITE_MANAGER, site.pk)

    services.retire_posters(site=site, actor=manager, at=now)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.target_id, entry.detail) == (
        "site.posters_retired",
        manager.user_id,
        str(site.pk),
        {"version": 2},
    )


@pytest.mark.parametrize(
    ("role", "scope", "refusal"),
    [
        (Role.SITE_MANAGER, 999_999, NotFound),
        (Role.ORGANIZATION_MANAGER, 999_999, NotFound),
        (Role.COMMUNITY_STAFF, "51", NotFound),
        (Role.SUPERVISOR, "52", Forbidden),
        (Role.STORE_CLERK, 1, Forbidden),
    ],
)
def test_nobody_else_may_retire_posters(role, scope, refusal, now):
    site = SiteFactory()

    with pytest.raises(refusal):
        services.retire_posters(site=site, actor=make_actor(role, scope), at=now)

    site.refresh_from_db()
    assert (site.poster_version, AuditEntry.objects.count()) == (1, 0)


def test_a_volunteers_code_is_no_sites(now):
    with pytest.raises(TokenMalformed):
        qr.read(pass_of(VolunteerFactory(), now))
