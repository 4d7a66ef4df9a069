"""The container files agree with each other and with the settings; no container engine is needed."""

import re

import pytest
import yaml

from tests.architecture.sources import ROOT

_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
_COMPOSE = yaml.safe_load(_TEXT)
_OWN = ("prepare", "web", "worker", "beat")


def test_it_is_the_small_production():
    assert sorted(_COMPOSE["services"]) == ["beat", "postgres", "prepare", "proxy", "redis", "web", "worker"]


def test_every_value_it_requires_is_in_the_example():
    required = set(re.findall(r"\$\{([A-Z_]+):\?\}", _TEXT))
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")

    assert required <= set(re.findall(r"^([A-Z_]+)=", example, flags=re.MULTILINE))


def test_the_example_carries_no_value():
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")

    assert re.findall(r"^[A-Z_]+=\S+", example, flags=re.MULTILINE) == []


@pytest.mark.parametrize("name", _OWN)
def test_our_containers_cannot_write_or_gain_anything(name):
    service = _COMPOSE["services"][name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


@pytest.mark.parametrize("name", _OWN)
def test_our_containers_are_production_without_demo(name):
    environment = _COMPOSE["services"][name]["environment"]

    assert (environment["JISHAN_ENV"], environment["JISHAN_DEMO"]) == ("production", "0")


def test_only_the_proxy_is_reachable():
    assert [name for name, service in _COMPOSE["services"].items() if "ports" in service] == ["proxy"]


@pytest.mark.parametrize("name", ["web", "worker", "beat", "postgres", "redis"])
def test_every_lasting_service_is_watched(name):
    service = _COMPOSE["services"][name]
    from_image = name == "web" and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert "healthcheck" in service or from_image


def test_every_named_volume_is_declared():
    used = {
        mount.split(":")[0]
        for service in _COMPOSE["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith(".")
    }

    assert used == set(_COMPOSE["volumes"])


def test_the_image_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert users == ["jishan"]


@pytest.mark.parametrize(
    "source", re.findall(r"^COPY (?!--)(.+)", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
)
def test_every_file_the_image_copies_exists(source):
    assert [name for name in source.split()[:-1] if not (ROOT / name).exists()] == []
