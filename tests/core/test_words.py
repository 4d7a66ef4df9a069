"""The one rule of what a name or a line may be."""

import pytest

from backend.core.words import plain_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  大米 5kg & 油 ", "大米 5kg & 油"),
        ("Cafe\u0301", "Café"),
        ("三分 \U0001f35a", "三分 \U0001f35a"),
        ("", ""),
        ("米" * 20, "米" * 20),
        ("米" * 21, None),
        ("米 < 面", None),
        ("</b>", None),
        *((f"米{sign}面", None) for sign in ("\x00", "\n", "\t", "\u200b", "\u202e", "\ue000", "\ud800")),
    ],
)
def test_a_line_is_kept_in_one_spelling_or_not_at_all(typed: str, kept: str | None) -> None:
    assert plain_line(typed, most=20) == kept
