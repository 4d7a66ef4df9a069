"""The one published JSON Schema of a rule document (docs/rule-set.schema.json is this, a test compares).

What a schema cannot say – two rates that claim the same service, a cap below a step – is in `documents.py`.
"""

from typing import Any, Final

from backend.core.workdays import DayKind
from points.scoring.rules import MINUTES_A_DAY, ExpiryPolicy, MultiplierMode, OtherKind
from volunteers.activities.choices import ActivityType, Recipient
from volunteers.people.choices import ServiceCategory

MOST_POINTS: Final = 1_000_000
MOST_ITEMS: Final = 40
MOST_BASIS_POINTS: Final = 100_000  # ten times

Schema = dict[str, Any]


def _object(required: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _whole(low: int, high: int, says: str = "") -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high} | ({"description": says} if says else {})


def _some_of(values: list[Any], says: str = "") -> Schema:
    several = {"type": "array", "items": {"enum": values}, "minItems": 1, "uniqueItems": True}
    return several | ({"description": says} if says else {})


def _list(item: Schema, says: str) -> Schema:
    return {"type": "array", "items": item, "maxItems": MOST_ITEMS, "description": says}


_POINTS = _whole(0, MOST_POINTS)
_SOME_POINTS = _whole(1, MOST_POINTS)
_RATE = _whole(0, 1000)
_PER_MINUTES = {
    "enum": [minutes for minutes in range(1, MINUTES_A_DAY + 1) if MINUTES_A_DAY % minutes == 0],
    "description": "Minutes for which the points are given; a divisor of a day, so no rate has fractions.",
}
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_LABEL = _object(
    ("zh", "en"),
    zh={"type": "string", "minLength": 1, "maxLength": 40},
    en={"type": "string", "minLength": 1, "maxLength": 60},
)
_SERVICE: dict[str, Schema] = {
    "categories": _some_of(ServiceCategory.values, "Service categories."),
    "recipients": _some_of(Recipient.values, "Who is served."),
    "activity_types": _some_of(ActivityType.values, "Kinds of activity; `emergency` is one of them."),
}
_YES = {"const": True}
_CONDITION = _object(
    **_SERVICE,
    days=_some_of([DayKind.WEEKEND, DayKind.HOLIDAY, DayKind.WORKDAY], "By the Chinese calendar."),
    difficulty=_some_of([1, 2, 3], "Difficulty grade of the activity."),
    skilled=_YES | {"description": "A professional skill the activity asks for is used."},
    organizer=_YES | {"description": "The volunteer organises the activity."},
    night=_YES | {"description": "Only the minutes served at night (`night` says when that is)."},
) | {"minProperties": 1, "description": "All that is named must hold; of a list, one."}
_EXPIRY = _object(
    ("policy",),
    policy={"enum": list(ExpiryPolicy)},
    years=_whole(
        1, 20, "With end_of_year: gone after the n-th calendar year, that of the award being the first."
    ),
    months=_whole(1, 240, "With months: gone at the end of the n-th month after that of the award."),
) | {
    "allOf": [
        {
            "if": {"properties": {"policy": {"const": policy}}, "required": ["policy"]},
            "then": {
                "required": needed,
                "properties": {name: {"not": {}} for name in ("years", "months") if name not in needed},
            },
        }
        for policy, needed in (
            (ExpiryPolicy.END_OF_YEAR, ["years"]),
            (ExpiryPolicy.MONTHS, ["months"]),
            (ExpiryPolicy.NEVER, []),
        )
    ]
}

SCHEMA: Final[Schema] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:jishan:rule-set",
    "title": "积善 积分规则 · Jishan rule set",
    "description": "What service is worth in a region. Points and minutes are whole numbers.",
} | _object(
    ("base", "expiry"),
    base=_object(
        ("points", "per_minutes", "step_minutes"),
        points=_RATE,
        per_minutes=_PER_MINUTES,
        step_minutes=_whole(1, 240, "Only full steps count, rounded down, whatever the rate."),
    ),
    rates=_list(
        _object(
            ("when", "label", "points"),
            when=_object(**_SERVICE) | {"minProperties": 1},
            label=_LABEL,
            points=_RATE,
            per_minutes=_PER_MINUTES,
            per_event=_YES | {"description": "The points are for the event, however long it was."},
        )
        | {"oneOf": [{"required": ["per_minutes"]}, {"required": ["per_event"]}]},
        "Other rates; the first that fits counts, else the base.",
    ),
    multiplier_mode={"enum": list(MultiplierMode), "description": "Of several; default highest."},
    multipliers=_list(
        _object(
            ("basis_points", "label", "when"),
            basis_points=_whole(1, MOST_BASIS_POINTS, "10000 is a factor of 1."),
            label=_LABEL,
            when=_CONDITION,
        ),
        "Factors on the rate.",
    ),
    night=_object(("from", "until"), **{"from": _CLOCK, "until": _CLOCK})
    | {"description": "What counts as night; it may pass midnight."},
    bonuses=_object(
        first_service=_whole(1, MOST_POINTS, "For the first service ever."),
        months_in_a_row=_list(
            _object(("months", "points"), months=_whole(2, 120), points=_SOME_POINTS),
            "For the n-th month in a row with service.",
        ),
    ),
    other_awards=_object(
        **{
            kind.value: _object(("points", "monthly_limit"), points=_SOME_POINTS, monthly_limit=_SOME_POINTS)
            for kind in OtherKind
        }
    )
    | {"description": "What is not service: points for one, the most in a month. It never becomes hours."},
    caps=_object(
        record=_object(minutes=_whole(1, MINUTES_A_DAY), points=_POINTS),
        day=_object(minutes=_whole(1, MINUTES_A_DAY), points=_POINTS),
        month=_object(points=_POINTS),
        year=_object(points=_POINTS),
        lifetime=_object(points=_POINTS),
    )
    | {"description": "The most that counts; what is not named has no cap."},
    minimum_attendance_percent=_whole(0, 100, "Of the scheduled time; less earns nothing. Default 0."),
    exclusions=_object(manual={"type": "boolean"}, complaint_upheld={"type": "boolean"})
    | {"description": "What earns nothing: hours entered by hand, an upheld complaint. Default: both."},
    expiry=_EXPIRY,
    clawback=_object(("may_owe",), may_owe={"type": "boolean"})
    | {"description": "Whether points taken back may be owed (default), or only what is left is taken."},
    transfer=_object(
        charity_pool={"type": "boolean"},
        relative=_object(("monthly_points",), monthly_points=_SOME_POINTS),
    )
    | {"description": "Whom points may go to: the charity pool, one declared relative. Default: nobody."},
)
