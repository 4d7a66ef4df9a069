"""The file that ships, loaded once: 42,646 divisions, and what is asked of them."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from backend.regions.errors import RegionUnknown
from backend.regions.models import Region
from backend.regions.queries import children_of, get_region, path_label, path_of, search
from backend.regions.services import load_regions

DIVISIONS = 42_646


@pytest.fixture(scope="module", autouse=True)
def _country(django_db_setup, django_db_blocker):
    """Load every division for the tests of this file, and leave none behind."""
    with django_db_blocker.unblock():
        load_regions()
        yield
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE regions_region CASCADE")


pytestmark = pytest.mark.django_db


def names(regions):
    return [region.name for region in regions]


# --- loading ---------------------------------------------------------------------------------------------


def test_every_division_is_there():
    assert Region.objects.count() == DIVISIONS


def test_there_are_thirty_one_provinces_and_nothing_else_hangs_in_the_air():
    roots = Region.objects.filter(parent=None)

    assert roots.count() == 31
    assert set(roots.values_list("level", flat=True)) == {"province"}


def test_every_division_lies_under_its_parent():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM regions_region child "
            "JOIN regions_region parent ON parent.code = child.parent_id "
            "WHERE rtrim(parent.code, '0') <> left(child.code, length(rtrim(parent.code, '0')))"
        )
        assert cursor.fetchone() == (0,)


def test_loading_again_mends_names_and_adds_nothing(capsys):
    Region.objects.filter(code="520102016000").update(name="错", parent=None)

    call_command("load_regions")

    region = Region.objects.get(code="520102016000")
    assert (region.name, region.parent_id) == ("新华路街道", "520102000000")
    assert Region.objects.count() == DIVISIONS
    assert capsys.readouterr().out == f"{DIVISIONS} regions\n"


def test_loading_again_removes_nothing():
    Region.objects.create(code="520102016999", name="新社区", level="community", parent_id="520102016000")

    assert load_regions() == DIVISIONS
    assert Region.objects.count() == DIVISIONS + 1


# --- asking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("520000000000", "贵州省"),
        ("520102016000", "贵州省贵阳市南明区新华路街道"),
        ("110101000000", "北京市东城区"),
        ("429004000000", "湖北省仙桃市"),
        ("520102016998", "贵州省贵阳市南明区新华路街道"),
        ("990000000000", ""),
        ("", ""),
        ("52", ""),
        ("\x00" * 12, ""),
        ("５２０１０２０１６０００", ""),
    ],
)
def test_labels(code, label):
    assert path_label(code) == label


def test_a_path_goes_from_the_province_down():
    assert names(path_of("520102016000")) == ["贵州省", "贵阳市", "南明区", "新华路街道"]


def test_a_path_is_read_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        path_label("520102016000")


def test_children_are_the_next_level():
    assert len(children_of(None)) == len(children_of("")) == 31
    assert names(children_of("520100000000"))[:3] == ["南明区", "云岩区", "花溪区"]
    assert set(children_of("520102000000").values_list("level", flat=True)) == {"township"}


@pytest.mark.parametrize(
    "code", ["52", "990000000000", "x" * 12, "\x00", "５２０１０２０１６０００", "9" * 5000]
)
def test_a_code_that_is_none_has_no_children(code):
    assert list(children_of(code)) == []


def test_searching_finds_names_that_contain_the_text():
    assert names(search("新华路街道", prefix="520102")) == ["新华路街道"]
    assert set(search("南明").values_list("code", flat=True)) >= {"520102000000"}


def test_searching_stays_inside_a_subtree():
    found = search("街道", prefix="520102").values_list("code", flat=True)

    assert {code[:6] for code in found} == {"520102"}


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --", "街\x00道%"])
def test_searching_takes_every_character_as_itself(text):
    assert list(search(text)) == []


def test_a_known_code_gives_its_region():
    assert get_region("520102016000").name == "新华路街道"


@pytest.mark.parametrize(
    "code", ["", "52", "990000000000", "x" * 12, "\x00" * 12, "５２０１０２０１６０００", "9" * 5000]
)
def test_an_unknown_code_is_refused(code):
    with pytest.raises(RegionUnknown) as refused:
        get_region(code)

    assert (refused.value.code, refused.value.field) == ("region_unknown", "region")


# --- over the wire ---------------------------------------------------------------------------------------


def test_anybody_may_walk_down_the_tree(client):
    provinces = client.get("/api/v1/regions/").json()
    cities = client.get("/api/v1/regions/", {"parent": "520000000000"}).json()

    assert len(provinces) == 31
    assert cities[0] == {"code": "520100000000", "name": "贵阳市", "level": "city", "parent": "520000000000"}


def test_anybody_may_search(client):
    found = client.get("/api/v1/regions/", {"search": "新华路街道"}).json()

    assert "520102016000" in [region["code"] for region in found]


def test_a_search_gives_at_most_fifty(client):
    assert len(client.get("/api/v1/regions/", {"search": "街道"}).json()) == 50


def test_a_region_shows_the_way_down_to_it(client):
    assert client.get("/api/v1/regions/520102016000/").json() == {
        "code": "520102016000",
        "name": "新华路街道",
        "level": "township",
        "parent": "520102000000",
        "path": [
            {"code": "520000000000", "name": "贵州省"},
            {"code": "520100000000", "name": "贵阳市"},
            {"code": "520102000000", "name": "南明区"},
            {"code": "520102016000", "name": "新华路街道"},
        ],
    }


def test_an_unknown_region_is_not_found(client):
    answer = client.get("/api/v1/regions/990000000000/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("address", ["５２０１０２０１６０００", "520102", "x", "5201020160000", "%00" * 12])
def test_an_address_that_is_no_code_is_not_found(client, address):
    assert client.get(f"/api/v1/regions/{address}/").status_code == 404


@pytest.mark.parametrize("name", ["parent", "search"])
@pytest.mark.parametrize(
    "rubbish",
    [
        "x\x00",
        "\x00x",
        "５２０１０２０１６０００",
        "9" * 5000,
        "\ud800".encode("utf-8", "surrogatepass"),
        "%",
    ],
)
def test_rubbish_finds_nothing(client, name, rubbish):
    answer = client.get("/api/v1/regions/", {name: rubbish})

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("query", ["parent=%FF%FE", "search=%FF%FE", "search=%ED%A0%80"])
def test_bytes_that_are_no_text_find_nothing(client, query):
    answer = client.get(f"/api/v1/regions/?{query}")

    assert (answer.status_code, answer.json()) == (200, [])


def test_nobody_writes(client):
    assert client.post("/api/v1/regions/").status_code == 405
    assert Region.objects.count() == DIVISIONS


# --- around the Python -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["52", "5201020160OO", "５２０１０２０１６０００", "52010201600\n"])
def test_postgresql_takes_twelve_digits_only(code):
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="region_code_is_12_digits"):
        cursor.execute("INSERT INTO regions_region (code, name, level) VALUES (%s, 'x', 'county')", [code])
