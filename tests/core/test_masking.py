"""Recognisable, and no more."""

import pytest

from backend.core.masking import mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张晓明", "张*明"),
        ("王五", "王*"),
        ("欧阳娜娜", "欧*娜"),
        ("阿卜杜拉·买买提", "阿*提"),
        ("Anna Lee", "A*e"),
        (" 李雷 ", "李*"),
        ("李", "*"),
        ("", "*"),
    ],
)
def test_names(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "110***********002X"),
        ("H12345678", "H12**5678"),
        ("E1234567", "E12*4567"),
        ("1234567", "*******"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_document_numbers(number, masked):
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13800001234", "138****1234"), ("085112345678", "085****5678"), ("1234567", "*******"), ("", "")],
)
def test_phones(phone, masked):
    assert mask_phone(phone) == masked
