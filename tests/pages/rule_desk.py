"""What the tests of the rules' pages do: open a version, send its form, move it on."""

import re

from django.urls import reverse

from backend.pages.rule_fields import form_fields


def page_of(rule_set):
    return reverse("pages:rule", args=[rule_set.pk])


def html(answer):
    """A page's text, without the spaces between tags."""
    return re.sub(r"\s+", " ", answer.content.decode())


def sent(rule_set, **changes):
    fields = form_fields(rule_set.document)
    day = rule_set.effective_from.isoformat()
    fields |= {"edition": rule_set.edition, "effective_from": day, "minutes": "150"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def move(client, rule_set, name, **body):
    return client.post(reverse(f"pages:rule-{name}", args=[rule_set.pk]), body)
