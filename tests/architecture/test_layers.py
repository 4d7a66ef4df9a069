"""Imports and foreign keys point downward only."""

import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.sources import PACKAGES, layer_of, run


def _own_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=False)
        if model.__module__.split(".")[0] in PACKAGES and model._meta.managed
    ]


def _relations() -> list[tuple[type[models.Model], "models.ForeignKey | models.ManyToManyField"]]:
    return [
        (model, field)
        for model in _own_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField) and field.model is model
    ]


def test_imports_point_downward_only():
    result = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_own_model_lives_in_a_known_layer():
    homeless = sorted(f"{m.__module__}.{m.__name__}" for m in _own_models() if layer_of(m.__module__) is None)

    assert homeless == []


def test_foreign_keys_point_downward_only():
    upward = []
    for model, field in _relations():
        here, there = layer_of(model.__module__), layer_of(field.related_model.__module__)
        if here is not None and there is not None and there < here:
            upward.append(
                f"{model.__module__}.{model.__name__}.{field.name} -> {field.related_model.__name__}"
            )

    assert upward == []


def test_neighbours_of_one_layer_do_not_point_at_each_other():
    sideways = [
        f"{model.__module__}.{model.__name__}.{field.name}"
        for model, field in _relations()
        if layer_of(model.__module__) is not None
        and layer_of(model.__module__) == layer_of(field.related_model.__module__)
        and model.__module__.split(".")[:2] != field.related_model.__module__.split(".")[:2]
    ]

    assert sideways == []


def test_deleting_a_row_never_deletes_another():
    cascading = [
        f"{model.__module__}.{model.__name__}.{field.name}"
        for model, field in _relations()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    ]

    assert cascading == []


@pytest.mark.parametrize("word", ["post_save", "pre_save", "m2m_changed", "post_delete", "@receiver"])
def test_nothing_happens_behind_a_save(word):
    result = run("grep", "-rln", "--include=*.py", word, *PACKAGES)

    assert result.stdout == ""
