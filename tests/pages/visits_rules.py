"""Somebody at every page about the rules of points, with plenty on it."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from backend.accounts.scopes import Role
from tests.factories.accounts import make_staff
from tests.factories.ledger import OtherAwardFactory, default_rules
from tests.factories.points import RevisionRunFactory, finished_dry_run
from tests.pages.scenes import browser, make_draft
from tests.points.revision.runs import SEPTEMBER, newer_rules
from volunteers.activities.choices import Recipient
from volunteers.people.choices import ServiceCategory

ROWS = 20
CATEGORIES = ServiceCategory.values[:10]
RECIPIENTS = Recipient.values[:10]

Visit = tuple[Client, str]


def _rules() -> Visit:
    default_rules()
    for _ in range(ROWS):
        make_draft()
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:rules")


def _rule() -> Visit:
    return browser(make_staff(Role.SUPERVISOR, "5201")), reverse("pages:rule", args=[default_rules().pk])


def _rule_draft() -> Visit:
    """Every kind of row, many times over."""
    row = {"label": {"zh": "夜间", "en": "night"}, "when": {"days": ["weekend"]}}
    rates = [{**row, "points": 5, "per_minutes": 60, "when": {"categories": [one]}} for one in CATEGORIES]
    factors = [{**row, "basis_points": 15_000, "when": {"recipients": [one]}} for one in RECIPIENTS]
    draft = make_draft(rates=rates, multipliers=factors)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:rule", args=[draft.pk])


def _awards() -> Visit:
    for _ in range(ROWS):
        OtherAwardFactory()
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:awards")


def _dry_run() -> Visit:
    rules = newer_rules()
    for number in range(ROWS):
        RevisionRunFactory(to_rule_set=rules, first_day=SEPTEMBER + timedelta(days=number))
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:rule-dry-run", args=[rules.pk])


def _recompute() -> Visit:
    rules = newer_rules()
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:rule-recompute", args=[rules.pk])


def _revision() -> Visit:
    run = finished_dry_run(newer_rules(), people=ROWS)
    return browser(make_staff(Role.COMMUNITY_STAFF, "5201")), reverse("pages:revision", args=[run.pk])


VISITS: dict[str, Callable[[], Visit]] = {
    made.__name__.strip("_"): made
    for made in (_rules, _rule, _rule_draft, _awards, _dry_run, _recompute, _revision)
}
