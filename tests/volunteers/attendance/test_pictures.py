"""Only a picture gets through, and only the picture."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.factories.attendance import photograph
from volunteers.attendance.errors import SheetPictureInvalid
from volunteers.attendance.pictures import cleaned, fingerprint

GOOD = {kind: photograph(kind=kind, size=(24, 16)) for kind in ("JPEG", "PNG", "WEBP")}


def png_of(width, height, *, data=b""):
    """A PNG whose header says whatever one likes."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def opened(picture):
    with Image.open(BytesIO(picture)) as image:
        image.load()
        return image


@pytest.mark.parametrize("kind", GOOD)
def test_a_photograph_of_any_usual_kind_becomes_a_jpeg(kind):
    assert (opened(cleaned(GOOD[kind])).format, opened(cleaned(GOOD[kind])).size) == ("JPEG", (24, 16))


def test_a_comment_does_not_get_through():
    upload = photograph(comment=b"taken at 26.578,106.713")
    assert b"106.713" in upload

    assert b"106.713" not in cleaned(upload)


def test_a_large_photograph_is_made_smaller():
    assert opened(cleaned(photograph(size=(4800, 1200)))).size == (2400, 600)


def test_transparency_and_palettes_are_no_trouble():
    for mode in ("RGBA", "P", "L", "1", "LA"):
        kept = BytesIO()
        Image.new(mode, (8, 8)).save(kept, "PNG")

        assert opened(cleaned(kept.getvalue())).mode == "RGB"


@pytest.mark.parametrize(
    "upload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param("签到表".encode(), id="a text file"),
        pytest.param(b"%PDF-1.7\n", id="a PDF"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="an SVG"),
        pytest.param(GOOD["JPEG"][: len(GOOD["JPEG"]) // 2], id="half a JPEG"),
        pytest.param(GOOD["PNG"][:60], id="half a PNG"),
        pytest.param(GOOD["JPEG"][:4], id="the beginning of a JPEG"),
        pytest.param(photograph(kind="GIF"), id="a GIF"),
        pytest.param(photograph(kind="BMP"), id="a BMP"),
        pytest.param(png_of(8000, 8000), id="more pixels than allowed"),
        pytest.param(png_of(12_000, 12_000), id="so many that Pillow warns"),
        pytest.param(png_of(60_000, 60_000), id="a bomb"),
        pytest.param(png_of(2**31 - 1, 2**31 - 1), id="a bomb of all pixels there are"),
        pytest.param(png_of(0, 10), id="no width"),
        pytest.param(b"\xff\xd8" + b"\x00" * 8_000_000, id="too many bytes"),
    ],
)
def test_what_is_no_photograph_is_refused(upload):
    with pytest.raises(SheetPictureInvalid):
        cleaned(upload)


@settings(max_examples=150)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_damaged_photograph_is_a_picture_or_refused_and_nothing_else(kind, data):
    damaged = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))

    try:
        kept = cleaned(bytes(damaged))
    except SheetPictureInvalid:
        return

    assert opened(kept).format == "JPEG"


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(upload):
    with pytest.raises(SheetPictureInvalid):
        cleaned(upload)


def test_a_fingerprint_tells_uploads_apart():
    assert fingerprint(GOOD["JPEG"]) == fingerprint(bytes(GOOD["JPEG"]))
    assert len({fingerprint(upload) for upload in GOOD.values()}) == 3
    assert len(fingerprint(b"")) == 64
