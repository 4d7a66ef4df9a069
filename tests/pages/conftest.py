"""What the pages' tests share."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.scopes import Role, actor_for
from points.scoring import services
from points.scoring.models import RuleSet
from points.scoring.presets import DEFAULT_DOCUMENT
from tests.factories.accounts import make_staff
from tests.factories.ledger import default_rules
from tests.factories.regions import GUIYANG, make_path
from tests.pages.scenes import browser


@pytest.fixture(scope="session", autouse=True)
def _static_root() -> None:
    """Whitenoise warns about a missing directory of collected files; tests serve them from the finders."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def running() -> RuleSet:
    """What holds in the city: the default, from long ago."""
    make_path()
    return default_rules()


@pytest.fixture
def maker(running: RuleSet) -> User:
    """Somebody of the city's staff, who writes rules."""
    user = make_staff(Role.COMMUNITY_STAFF, "5201")
    user.display_name = "王小芳"
    user.save()
    return user


@pytest.fixture
def staff(maker: User) -> Client:
    """The maker at a browser."""
    return browser(maker)


@pytest.fixture
def checker(running: RuleSet) -> Client:
    """Somebody of the province's staff at a browser, who reviews."""
    return browser(make_staff(Role.COMMUNITY_STAFF, "52"))


@pytest.fixture
def draft(maker: User) -> RuleSet:
    """The default once more, from today on, as the maker's draft."""
    return services.draft_rule_set(
        region_code=GUIYANG,
        document=DEFAULT_DOCUMENT,
        effective_from=timezone.localdate(),
        actor=actor_for(maker),
        at=timezone.now(),
    )
