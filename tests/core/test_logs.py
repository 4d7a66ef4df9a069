"""No personal data in a log line, whoever writes it and however."""

import json
import logging
from collections import namedtuple

import pytest
import structlog

from backend.core.logs import scrub

PHONE = "13800001234"
RESIDENT_ID = "11010519491231002X"
Pair = namedtuple("Pair", "name phone")  # noqa: PYI024 – what a library may hand over


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("call 13800001234 now", "call [phone] now"),
        ("+8613800001234", "+[phone]"),
        ("手机13800001234，", "手机[phone]，"),
        ("id=11010519491231002X", "id=[id]"),
        ("id=11010519491231002x", "id=[id]"),
        ("440524188001010014", "[id]"),
        ("GET /s/AQIDBAUGBwgJ HTTP/1.1", "GET /s/[token] HTTP/1.1"),
        ("record 13800001234567", "record 13800001234567"),
        ("12800001234", "12800001234"),
        ("region 520102016001", "region 520102016001"),
        ("/s/short", "/s/short"),
        ("", ""),
    ],
)
def test_scrubbing(text, scrubbed):
    assert scrub(text) == scrubbed


def line(printed):
    (text,) = printed.getvalue().splitlines()
    return json.loads(text)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (f"sent to {PHONE}", ()),
        ("sent to %s", (PHONE,)),
        ("sent to %s", (int(PHONE),)),
        ("sent to %s", (ValueError(PHONE),)),
        ("sent to %(phone)s", ({"phone": PHONE},)),
        ("sent to %s", (Pair("张", PHONE),)),
        ("sent to %s", ([PHONE, {"phone": PHONE}],)),
        (ValueError(PHONE), ()),
    ],
)
def test_a_librarys_line_is_scrubbed(printed, message, arguments):
    logging.getLogger("some.library").error(message, *arguments)

    assert PHONE not in printed.getvalue()
    assert "[phone]" in line(printed)["event"]


def test_placeholders_that_do_not_match_are_still_a_line(printed):
    logging.getLogger("some.library").error("two %s %s", PHONE)  # noqa: PLE1206 – the point of the test

    assert line(printed)["event"] == "two %s %s ('[phone]',)"


def test_a_trace_is_scrubbed(printed):
    try:
        int(RESIDENT_ID)
    except ValueError:
        logging.getLogger("some.library").exception("failed")

    event = line(printed)["event"]
    assert event.startswith("failed\nTraceback (most recent call last):")
    assert event.endswith("ValueError: invalid literal for int() with base 10: '[id]'")


def test_a_structured_line_is_scrubbed_to_its_depths(printed):
    structlog.get_logger("jishan").error(
        "sent",
        phone=PHONE,
        number=int(PHONE),
        error=ValueError(PHONE),
        pairs=[Pair("张", PHONE)],
        by_phone={PHONE: {"id": RESIDENT_ID}},
        count=3,
        share=0.5,
        ok=True,
        nothing=None,
    )

    written = line(printed)
    assert {key: written[key] for key in written.keys() - {"timestamp", "level", "logger"}} == {
        "event": "sent",
        "phone": "[phone]",
        "number": "[phone]",
        "error": "ValueError('[phone]')",
        "pairs": [["张", "[phone]"]],
        "by_phone": {"[phone]": {"id": "[id]"}},
        "count": 3,
        "share": 0.5,
        "ok": True,
        "nothing": None,
    }


def test_a_structured_trace_is_scrubbed(printed):
    try:
        int(f"x{PHONE}")
    except ValueError:
        structlog.get_logger("jishan").exception("failed")

    assert line(printed)["exception"].endswith("with base 10: 'x[phone]'")


def test_lines_are_json_with_name_level_and_time(printed):
    logging.getLogger("some.library").warning("积善")

    written = line(printed)
    assert (written["event"], written["logger"], written["level"]) == ("积善", "some.library", "warning")
    assert "积善" in printed.getvalue()
    assert written["timestamp"].endswith("Z")
