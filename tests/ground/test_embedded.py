"""The two servers out of wheels, prepared and run."""

import os
import stat
from pathlib import Path

import environ
import psycopg
import pytest
import redis

from backend.config import embedded

pytestmark = pytest.mark.xdist_group("embedded")  # one pair of servers serves all of these


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("Home With Spaces")


@pytest.fixture(scope="module")
def postgres_server(home):
    with embedded.running(embedded.postgres(home), log=home / "postgres.log") as service:
        embedded.create_database(service)
        yield service


@pytest.fixture(scope="module")
def valkey_server(home):
    service = embedded.valkey(home, password="a-password")
    with embedded.running(service, log=home / "valkey.log"):
        yield service


def _show(service, name):
    with psycopg.connect(service.url) as connection:
        return connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0]


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes"])
def test_a_commit_survives_a_power_cut(postgres_server, name):
    assert _show(postgres_server, name) == "on"


def test_tests_trade_durability_for_speed(tmp_path):
    service = embedded.postgres(tmp_path, durable=False)

    with embedded.running(service, log=tmp_path / "log"):
        embedded.create_database(service)

        assert _show(service, "fsync") == "off"


def test_text_is_unicode_whatever_locale_the_machine_has(postgres_server):
    with psycopg.connect(postgres_server.url) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate, upper('é')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert row == ("UTF8", "b", "C.UTF-8", "C", "É")


def test_postgres_listens_on_no_network_address(postgres_server):
    assert _show(postgres_server, "listen_addresses") == ""


def test_the_socket_is_its_owners_alone(postgres_server):
    assert stat.S_IMODE(postgres_server.scratch.stat().st_mode) == 0o700


def test_the_address_reaches_django_whole(postgres_server):
    parsed = environ.Env.db_url_config(postgres_server.url)

    assert (parsed["NAME"], parsed["HOST"], parsed["OPTIONS"]) == (
        "jishan",
        "",
        {"host": str(postgres_server.scratch)},
    )


def test_a_database_is_created_once(postgres_server):
    assert embedded.create_database(postgres_server) is False


def test_a_deep_home_still_gets_a_short_socket_path(tmp_path):
    owner = tmp_path / ("a-very-long-name-" * 8)

    directory = embedded.socket_directory(owner)

    assert len(str(directory / ".s.PGSQL.5432.lock").encode()) <= 107


def test_somebody_elses_socket_directory_is_refused(tmp_path):
    directory = embedded.socket_directory(tmp_path)
    directory.rmdir()
    directory.symlink_to(tmp_path)

    with pytest.raises(embedded.EmbeddedError, match="belongs to somebody else"):
        embedded.socket_directory(tmp_path)

    directory.unlink()


def test_valkey_asks_for_the_password(valkey_server):
    port = valkey_server.url.rsplit(":", 1)[1].split("/")[0]
    stranger = redis.Redis(port=int(port))

    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_valkey_password_is_not_in_the_process_list(valkey_server):
    assert "a-password" not in " ".join(valkey_server.argv)


def test_the_valkey_configuration_is_its_owners_alone(valkey_server):
    assert stat.S_IMODE(Path(valkey_server.argv[1]).stat().st_mode) == 0o600


def test_valkey_keeps_every_write(valkey_server):
    with redis.Redis.from_url(valkey_server.url) as client:
        settings = client.config_get("append*")

    assert (settings["appendonly"], settings["appendfsync"]) == ("yes", "everysec")


def test_a_server_that_cannot_start_says_why(tmp_path):
    service = embedded.postgres(tmp_path)
    (tmp_path / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n", encoding="utf-8")

    with (
        pytest.raises(embedded.EmbeddedError, match="no_such_setting"),
        embedded.running(service, log=tmp_path / "log"),
    ):
        pass


def test_a_private_parent_stays_unreadable(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)

    embedded.postgres(private / "home")

    assert stat.S_IMODE(private.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH) == 0


def test_the_cluster_belongs_to_whoever_runs_it(postgres_server, home):
    owner = (home / "postgres").stat().st_uid

    assert (owner == os.geteuid()) == (postgres_server.user is None)
