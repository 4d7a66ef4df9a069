"""Between a rule document and its form: which field says what, in both directions.

Nothing is lost on the way: a document that was put into the form and not changed comes back as it was, also
where it says what would be so without saying it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from backend.core.errors import Fault
from backend.pages.numbers import whole_number
from backend.pages.rule_forms import (
    FACTOR_DIGITS,
    PER_EVENT,
    FactorForm,
    HushedForm,
    MonthsForm,
    RateForm,
    RowForm,
    TermsForm,
)
from points.scoring.rules import BASIS_POINTS, OtherKind
from points.scoring.schema import MOST_ITEMS

Document = dict[str, Any]

ROWS: Final[dict[str, type[RowForm]]] = {kind.group: kind for kind in (RateForm, FactorForm, MonthsForm)}
_CAPS: Final = (
    ("record", "minutes"),
    ("record", "points"),
    ("day", "minutes"),
    ("day", "points"),
    ("month", "points"),
    ("year", "points"),
    ("lifetime", "points"),
)
_CONDITIONS: Final = ("categories", "recipients", "activity_types", "days", "difficulty")
_TRAITS: Final = ("skilled", "organizer", "night")
_UNSAID: Final[Document] = {  # what holds where a document does not say it
    "rates": [],
    "multiplier_mode": "highest",
    "multipliers": [],
    "bonuses": {},
    "other_awards": {},
    "caps": {},
    "minimum_attendance_percent": 0,
    "exclusions": {"manual": True, "complaint_upheld": True},
    "clawback": {"may_owe": True},
    "transfer": {"charity_pool": False},
}
# A pointer of the document and the field that says it; what is below a pointer belongs to its field too.
_FIELDS: Final[dict[str, str]] = {
    "/base/points": "base_points",
    "/base/per_minutes": "base_per_minutes",
    "/base/step_minutes": "base_step_minutes",
    "/multiplier_mode": "multiplier_mode",
    "/night/from": "night_from",
    "/night/until": "night_until",
    "/bonuses/first_service": "bonus_first_service",
    **{f"/other_awards/{kind}/points": f"other_{kind}_points" for kind in OtherKind},
    **{f"/other_awards/{kind}/monthly_limit": f"other_{kind}_limit" for kind in OtherKind},
    **{f"/caps/{period}/{what}": f"caps_{period}_{what}" for period, what in _CAPS},
    "/minimum_attendance_percent": "minimum_attendance_percent",
    "/exclusions/manual": "excludes_manual",
    "/exclusions/complaint_upheld": "excludes_complaint",
    "/expiry/policy": "expiry_policy",
    "/expiry/years": "expiry_years",
    "/expiry/months": "expiry_months",
    "/clawback/may_owe": "may_owe",
    "/transfer/charity_pool": "gives_to_pool",
    "/transfer/relative": "relative_monthly",
}
_ROW_FIELDS: Final[dict[str, str]] = {
    "/label/zh": "zh",
    "/label/en": "en",
    "/points": "points",
    "/per_minutes": "unit",
    "/per_event": "unit",
    "/basis_points": "factor",
    "/months": "months",
    **{f"/when/{name}": name for name in (*_CONDITIONS, *_TRAITS)},
}
_ROWS_AT: Final = {"/rates": "rates", "/multipliers": "multipliers", "/bonuses/months_in_a_row": "months"}


class RuleForm:
    """The whole form: what is said once, and the rows of what is said several times."""

    def __init__(self, data: QueryDict | None = None, *, document: Mapping[str, Any], begins: date) -> None:
        """Show a draft, or take what was sent about it; `document` is the draft as it is kept."""
        self._kept = document
        sent = data is not None
        self.terms = TermsForm(
            data, initial=None if sent else _terms_of(document) | {"effective_from": begins}
        )
        self.rows: dict[str, list[RowForm]] = {}
        for group, kind in ROWS.items():
            if data is not None:
                numbers = range(_count(data, group))
                self.rows[group] = [kind(data, prefix=f"{group}-{number}") for number in numbers]
            else:
                rows = enumerate(_rows_of(document)[group])
                self.rows[group] = [
                    kind(initial=initial, prefix=f"{group}-{number}") for number, initial in rows
                ]

    @property
    def forms(self) -> list[HushedForm]:
        """Every form of the page."""
        return [self.terms, *(row for rows in self.rows.values() for row in rows)]

    def hush(self) -> None:
        """Show what was typed and say nothing about it yet."""
        for form in self.forms:
            form.hush()

    def read(self) -> Document:
        """Return the document as the form has it now; what could not be read is left out and noted."""
        read = {group: [_said(row) for row in rows] for group, rows in self.rows.items()}
        self._places = {group: [n for n, said in enumerate(rows) if said] for group, rows in read.items()}
        said = {group: [one for one in rows if one] for group, rows in read.items()}
        said_once = _said(self.terms) or {}
        return _written_like(_document(said_once, said), self._kept)

    @property
    def sound(self) -> bool:
        """Whether everything could be read."""
        return not any(form.errors for form in self.forms)

    @property
    def wrong(self) -> list[tuple[str, Any]]:
        """What has to be put right: the name of each field, or row, and its label."""
        found: list[tuple[str, Any]] = []
        for form in self.forms:
            if form.prefix and form.non_field_errors():
                found.append((form.prefix, _("条件")))
            found += [(field.html_name, field.label) for field in form if field.errors]
        return found

    def add_faults(self, faults: Iterable[Fault]) -> None:
        """Put each fault at the field it means; a field that could not be read has its complaint already."""
        for fault in faults:
            form, name = self._field_at(fault.pointer)
            if name is None or name not in form.errors:
                form.add_error(name, fault.message)

    def _field_at(self, pointer: str) -> tuple[HushedForm, str | None]:
        for start, group in _ROWS_AT.items():
            number, _slash, rest = pointer.removeprefix(f"{start}/").partition("/")
            if pointer.startswith(f"{start}/") and number.isdecimal():
                row = self.rows[group][self._places[group][int(number)]]
                return row, _nearest(f"/{rest}", _ROW_FIELDS)
        return self.terms, _nearest(pointer, _FIELDS)


def with_rows(data: QueryDict, wish: str) -> QueryDict:
    """Return what was sent with a row more (`add-rates`) or without one (`drop-rates-2`)."""
    act, _dash, where = wish.partition("-")
    group, _dash, number = where.partition("-")
    changed = data.copy()
    if group not in ROWS:
        return changed
    count = _count(data, group)
    if act == "add":
        changed[f"{group}-count"] = str(min(count + 1, MOST_ITEMS))
    gone = whole_number(number)
    if act == "drop" and gone is not None and gone < count:
        for name in [name for name in data if name.startswith(f"{group}-") and name != f"{group}-count"]:
            place, _dash, field = name.removeprefix(f"{group}-").partition("-")
            values = changed.pop(name)
            at = whole_number(place)
            if at is not None and at != gone:
                changed.setlist(f"{group}-{at - (at > gone)}-{field}", values)
        changed[f"{group}-count"] = str(count - 1)
    return changed


def form_fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a document sends when nothing is changed."""
    fields: dict[str, Any] = {}
    form = RuleForm(document=document, begins=date(2026, 1, 1))
    for each in form.forms:
        for bound in each:
            value = bound.value()
            if isinstance(value, bool):
                value = "on" if value else None
            if value is not None:
                fields[bound.html_name] = value if isinstance(value, list) else str(value)
    return fields | {f"{group}-count": str(len(rows)) for group, rows in form.rows.items()}


def pretty(document: Mapping[str, Any]) -> str:
    """Return a document as JSON to read and to copy."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def _count(data: QueryDict, group: str) -> int:
    return min(whole_number(data.get(f"{group}-count", "")) or 0, MOST_ITEMS)


def _nearest(pointer: str, fields: Mapping[str, str]) -> str | None:
    """Return the field of a pointer or of the nearest one above it."""
    while pointer:
        if pointer in fields:
            return fields[pointer]
        pointer = pointer.rpartition("/")[0]
    return None


# --- from the document to the form ---


def _terms_of(document: Mapping[str, Any]) -> Document:
    base, expiry, night = document["base"], document["expiry"], document.get("night", {})
    excluded = _UNSAID["exclusions"] | document.get("exclusions", {})
    transfer = document.get("transfer", {})
    initial = {f"base_{name}": base[name] for name in ("points", "per_minutes", "step_minutes")}
    initial |= {
        "multiplier_mode": document.get("multiplier_mode", "highest"),
        "night_from": night.get("from"),
        "night_until": night.get("until"),
        "bonus_first_service": document.get("bonuses", {}).get("first_service"),
        "minimum_attendance_percent": document.get("minimum_attendance_percent", 0),
        "excludes_manual": excluded["manual"],
        "excludes_complaint": excluded["complaint_upheld"],
        "expiry_policy": expiry["policy"],
        "expiry_years": expiry.get("years"),
        "expiry_months": expiry.get("months"),
        "may_owe": document.get("clawback", {}).get("may_owe", True),
        "gives_to_pool": transfer.get("charity_pool", False),
        "relative_monthly": transfer.get("relative", {}).get("monthly_points"),
    }
    for period, what in _CAPS:
        initial[f"caps_{period}_{what}"] = document.get("caps", {}).get(period, {}).get(what)
    for kind, award in document.get("other_awards", {}).items():
        initial |= {f"other_{kind}_points": award["points"], f"other_{kind}_limit": award["monthly_limit"]}
    return initial


def _rows_of(document: Mapping[str, Any]) -> dict[str, list[Document]]:
    return {
        "rates": [
            {
                **_conditional(rate),
                "points": rate["points"],
                "unit": PER_EVENT if "per_event" in rate else str(rate["per_minutes"]),
            }
            for rate in document.get("rates", ())
        ],
        "multipliers": [
            {**_conditional(item), "factor": _factor(item["basis_points"])}
            for item in document.get("multipliers", ())
        ],
        "months": list(document.get("bonuses", {}).get("months_in_a_row", ())),
    }


def _conditional(item: Mapping[str, Any]) -> Document:
    when = item["when"]
    lists = {name: list(map(str, when[name])) for name in _CONDITIONS if name in when}
    return {**item["label"], **lists, **{name: True for name in _TRAITS if name in when}}


def _factor(basis_points: int) -> str:
    return f"{Decimal(basis_points).scaleb(-FACTOR_DIGITS).normalize():f}"


# --- from the form to the document ---


def _said(form: HushedForm) -> Document | None:
    """Return what a form says, without what is empty or could not be read; None for a row left blank."""
    form.full_clean()
    if isinstance(form, RowForm) and form.blank and not form.errors:
        return None
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "", [])}


def _picked(said: Document, **names: str) -> Document:
    """Return the named values by the document's names, without those that are not said."""
    return {name: said[field] for name, field in names.items() if field in said}


def _document(said: Document, rows: Mapping[str, list[Document]]) -> Document:
    bonuses = _picked(said, first_service="bonus_first_service")
    if rows["months"]:
        bonuses["months_in_a_row"] = rows["months"]
    document = {
        "base": _picked(
            said, points="base_points", per_minutes="base_per_minutes", step_minutes="base_step_minutes"
        ),
        "rates": [_rate(row) for row in rows["rates"]],
        "multipliers": [_multiplier(row) for row in rows["multipliers"]],
        "night": _picked(said, **{"from": "night_from", "until": "night_until"}),
        "bonuses": bonuses,
        "other_awards": {
            kind.value: _picked(said, points=f"other_{kind}_points", monthly_limit=f"other_{kind}_limit")
            for kind in OtherKind
        },
        "caps": {
            period: _picked(said, minutes=f"caps_{period}_minutes", points=f"caps_{period}_points")
            for period in dict(_CAPS)
        },
        "exclusions": {
            "manual": said.get("excludes_manual", False),
            "complaint_upheld": said.get("excludes_complaint", False),
        },
        "expiry": _picked(said, policy="expiry_policy", years="expiry_years", months="expiry_months"),
        "clawback": {"may_owe": said.get("may_owe", False)},
        "transfer": {"charity_pool": said.get("gives_to_pool", False)},
        **_picked(
            said, multiplier_mode="multiplier_mode", minimum_attendance_percent="minimum_attendance_percent"
        ),
    }
    if "relative_monthly" in said:
        document["transfer"]["relative"] = {"monthly_points": said["relative_monthly"]}
    for name in ("other_awards", "caps"):
        document[name] = {key: value for key, value in document[name].items() if value}
    return {name: value for name, value in document.items() if name in {"base", "expiry"} or value != {}}


def _rate(row: Document) -> Document:
    unit = row.get("unit")
    given: Document = {"per_event": True} if unit == PER_EVENT else {}
    if unit and unit != PER_EVENT:
        given = {"per_minutes": int(unit)}
    return _picked(row, points="points") | given | _named(row)


def _multiplier(row: Document) -> Document:
    factor = row.get("factor")
    return ({} if factor is None else {"basis_points": int(factor * BASIS_POINTS)}) | _named(row)


def _named(row: Document) -> Document:
    zh = row.get("zh", "")
    when: Document = {name: row[name] for name in _CONDITIONS if name in row}
    when |= {name: True for name in _TRAITS if row.get(name)}
    return {"label": {"zh": zh, "en": row.get("en", zh)}, "when": when}


def _written_like(document: Document, kept: Mapping[str, Any]) -> Document:
    """Return the document with everything that says the same as before spelled as it was."""
    written = {}
    for name in [*kept, *(name for name in document if name not in kept)]:
        if _explicit(name, document) != _explicit(name, kept):
            if name in document:
                written[name] = document[name]
        elif name in kept:
            written[name] = kept[name]
    return written


def _explicit(name: str, document: Mapping[str, Any]) -> Any:
    """Return what a document says under a name, also where it leaves it out."""
    value = document.get(name, _UNSAID.get(name))
    if isinstance(value, dict):
        value = {**_UNSAID.get(name, {}), **value}
        return {key: one for key, one in value.items() if one not in ({}, [])}
    return value
