"""The scene the contract tests share."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.utils import timezone, translation
from rest_framework_simplejwt.tokens import AccessToken

from backend.accounts.models import User
from tests.contract.scene import Scene, session_of, state
from tests.contract.world import build_world
from tests.factories.accounts import PASSWORD


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker) -> Iterator[Scene]:
    """Built once for a file; its tests undo what they do."""
    with django_db_blocker.unblock():
        try:
            world = build_world(timezone.now())
            User.objects.create(username="reader", password=MD5PasswordHasher().encode(PASSWORD, "salt"))
            people = {role: user for role, user in world.users.items() if user is not None}
            tokens = {role: str(AccessToken.for_user(user)) for role, user in people.items()}
            cookies = {role: session_of(user) for role, user in people.items()}
            yield Scene(world, tokens, cookies, state())
        finally:
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(autouse=True)
def _quick(settings) -> Iterator[None]:
    """No limits per minute, a password check that costs nothing, and no language left behind."""
    settings.OTP_PER_PHONE = settings.OTP_PER_ADDRESS = settings.OTP_VERIFY_PER_ADDRESS = "1000/second"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    translation.deactivate()
