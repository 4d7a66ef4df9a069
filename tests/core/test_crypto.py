"""Sealed values: open only with the key and for the purpose they were sealed for."""

import base64
import copy
import re

import pytest
from django.core.management import call_command
from django.db import connection

from backend.accounts.models import User
from backend.core.crypto import SealBroken, Sealed, SealedField, blind_index

PURPOSE = "volunteers.id_number"
ID_NUMBER = "11010519491231002X"
OLD, NEW = b"o" * 32, b"n" * 32


def test_a_sealed_value_opens_again():
    assert Sealed.seal(ID_NUMBER, PURPOSE).open() == ID_NUMBER


@pytest.mark.parametrize("text", ["", "张晓明", "x" * 10_000, "\x00"])
def test_any_text_can_be_sealed(text):
    assert Sealed.seal(text, PURPOSE).open() == text


def test_the_same_value_never_looks_the_same():
    tokens = {Sealed.seal(ID_NUMBER, PURPOSE).token for _ in range(20)}

    assert len(tokens) == 20


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r:>3}".format, ascii])
def test_no_text_form_shows_the_value(show):
    shown = show(Sealed.seal(ID_NUMBER, PURPOSE))

    assert shown.strip() in {"•••", "'•••'", r"\u2022\u2022\u2022"}


def test_a_copy_opens_and_hides_as_well():
    twin = copy.deepcopy(Sealed.seal("a", PURPOSE))

    assert (twin.open(), str(twin)) == ("a", "•••")


def test_a_value_cannot_move_to_another_field():
    stolen = Sealed(Sealed.seal(ID_NUMBER, PURPOSE).token, "accounts.phone")

    with pytest.raises(SealBroken, match="altered"):
        stolen.open()


def altered(token, position):
    name, _, encoded = token.partition(":")
    raw = bytearray(base64.b64decode(encoded))
    raw[position] ^= 1
    return f"{name}:{base64.b64encode(bytes(raw)).decode()}"


@pytest.mark.parametrize("position", [0, 11, 12, -17, -1])
def test_an_altered_text_does_not_open(position):
    token = altered(Sealed.seal(ID_NUMBER, PURPOSE).token, position)

    with pytest.raises(SealBroken, match="altered"):
        Sealed(token, PURPOSE).open()


@pytest.mark.parametrize("rest", ["", "AAAA", "not base64!", "积善", "AAAA" * 10])
def test_rubbish_does_not_open(rest, settings):
    name = next(iter(settings.FIELD_KEYS))

    with pytest.raises(SealBroken):
        Sealed(f"{name}:{rest}", PURPOSE).open()


@pytest.mark.parametrize("token", ["", ":", "gone:AAAA", ID_NUMBER])
def test_a_key_that_is_not_there_is_named(token):
    with pytest.raises(SealBroken, match="no key named"):
        Sealed(token, PURPOSE).open()


# --- in a column -----------------------------------------------------------------------------------------


@pytest.fixture
def user(db):
    return User.objects.create(phone="13800001234", phone_index="a" * 64)


def stored(user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


def test_the_column_holds_no_plain_text(user):
    assert re.fullmatch(r"\w+:[A-Za-z0-9+/]+=*", stored(user))
    assert "13800001234" not in stored(user)


def test_what_comes_out_of_the_column_opens(user):
    assert User.objects.get(pk=user.pk).phone.open() == "13800001234"


def test_an_unsaved_instance_is_sealed_already():
    user = User(phone="13800001234")

    assert (str(user.phone), user.phone.open()) == ("•••", "13800001234")


def test_an_assignment_is_sealed_at_once(user):
    user.phone = "13900001234"

    assert (str(user.phone), user.phone.open()) == ("•••", "13900001234")


def test_saving_again_does_not_seal_twice(user):
    again = User.objects.get(pk=user.pk)
    before = stored(user)

    again.save()

    assert stored(user) == before


def test_a_deferred_column_is_read_when_asked_for(user):
    assert User.objects.defer("phone").get(pk=user.pk).phone.open() == "13800001234"


def test_an_update_seals_too(user):
    User.objects.filter(pk=user.pk).update(phone="13900001234")

    assert User.objects.get(pk=user.pk).phone.open() == "13900001234"


def test_no_phone_is_none(db):
    assert User.objects.create(username="clerk").phone is None


def test_the_database_cannot_move_a_value_to_another_field(user):
    moved = Sealed(stored(user), PURPOSE)

    with pytest.raises(SealBroken):
        moved.open()


def test_a_field_tells_migrations_its_purpose():
    field = SealedField(purpose=PURPOSE, null=True)

    _, path, arguments, options = field.deconstruct()

    assert (path, arguments, options) == (
        "backend.core.crypto.SealedField",
        [],
        {"null": True, "purpose": PURPOSE},
    )


# --- rotation --------------------------------------------------------------------------------------------


def test_new_values_are_sealed_with_the_first_key(settings):
    settings.FIELD_KEYS = {"k2": NEW, "k1": OLD}

    sealed = Sealed.seal("a", PURPOSE)

    assert (sealed.token[:3], sealed.is_current) == ("k2:", True)


def test_rotation_seals_every_value_with_the_newest_key(db, settings, capsys):
    settings.FIELD_KEYS = {"k1": OLD}
    for number in range(3):
        User.objects.create(phone=f"1380000000{number}", phone_index=str(number) * 64)
    User.objects.create(username="clerk")
    settings.FIELD_KEYS = {"k2": NEW, "k1": OLD}

    call_command("rotate_keys")

    settings.FIELD_KEYS = {"k2": NEW}
    assert [user.phone.open() for user in User.objects.exclude(phone=None).order_by("phone_index")] == [
        "13800000000",
        "13800000001",
        "13800000002",
    ]
    assert "accounts.User.phone: 3\n" in capsys.readouterr().out


def test_rotating_twice_changes_nothing(user, settings, capsys):
    settings.FIELD_KEYS = {"k2": NEW, **settings.FIELD_KEYS}
    call_command("rotate_keys")
    before = stored(user)
    capsys.readouterr()

    call_command("rotate_keys")

    assert stored(user) == before
    assert "accounts.User.phone: 0\n" in capsys.readouterr().out


# --- finding ---------------------------------------------------------------------------------------------


def test_an_index_is_stable_and_shows_nothing():
    index = blind_index(ID_NUMBER, purpose=PURPOSE)

    assert index == blind_index(ID_NUMBER, purpose=PURPOSE)
    assert re.fullmatch("[0-9a-f]{64}", index)


def test_an_index_depends_on_value_purpose_and_key(settings):
    indexes = {
        blind_index(ID_NUMBER, purpose=PURPOSE),
        blind_index("440524188001010014", purpose=PURPOSE),
        blind_index(ID_NUMBER, purpose="accounts.phone"),
    }
    settings.INDEX_KEY = b"another key"
    indexes.add(blind_index(ID_NUMBER, purpose=PURPOSE))

    assert len(indexes) == 4


def test_value_and_purpose_do_not_run_together():
    assert blind_index("bc", purpose="a") != blind_index("c", purpose="ab")
