"""Every sentence has its English, and a reader gets the language they ask for."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "backend/locale/en/LC_MESSAGES/django.po"
CODE = ("backend", "venues", "volunteers", "points", "workers")

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Full-width punctuation counts: it would stand in the middle of an English sentence.
CHINESE_OR_FULL_WIDTH = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PLACEHOLDER = re.compile(r"#[a-z]+|%\(\w+\)|\{\w*\}|<[^<>]+>")
PLACEHOLDER_FORMS = [
    ("%(n)s 人 <b>", ["%(n)", "<b>"]),
    ("%(n)02d-{day}", ["%(n)", "{day}"]),
    ("#points 积分", ["#points"]),
    ("a < b, 50 %", []),
]
LITERAL = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*u?{LITERAL}(?:\s*,\s*u?{LITERAL})?")
PYTHON_CALLS = {
    "_": 0,
    **{f"{name}{lazy}": 0 for name in ("gettext", "ngettext") for lazy in ("", "_lazy", "_noop")},
    **{f"{name}{lazy}": 1 for name in ("pgettext", "npgettext") for lazy in ("", "_lazy")},
}


# --- the catalogue ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Message:
    """One entry of the catalogue; `texts` has two where there is a plural."""

    msgid: str
    plural: str
    context: str
    texts: tuple[str, ...]
    fuzzy: bool


def messages() -> list[Message]:
    """Read the .po file, its header left out."""
    blocks = CATALOGUE.read_text(encoding="utf-8").split("\n\n")
    return [message for message in map(_message, blocks) if message.msgid]


def _message(block: str) -> Message:
    """Read one entry: each keyword with the quoted lines that follow it."""
    fields: dict[str, str] = {}
    keyword = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        name, _, text = line.partition('"')
        keyword = name.strip() or keyword
        fields[keyword] = fields.get(keyword, "") + ast.literal_eval(f'"{text}')
    return Message(
        msgid=fields.get("msgid", ""),
        plural=fields.get("msgid_plural", ""),
        context=fields.get("msgctxt", ""),
        texts=tuple(text for name, text in fields.items() if name.startswith("msgstr")),
        fuzzy=any(line.startswith("#,") and "fuzzy" in line for line in block.splitlines()),
    )


def compiled() -> gettext.GNUTranslations:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


@pytest.mark.parametrize(("text", "found"), PLACEHOLDER_FORMS)
def test_placeholders_are_told_by_their_names(text, found):
    assert placeholders(text) == found


def test_no_message_is_missing_or_unsure():
    assert len(messages()) > 900
    assert [m.msgid for m in messages() if m.fuzzy or not m.texts or not all(m.texts)] == []


def test_every_message_keeps_its_placeholders():
    assert [
        (m.msgid, text) for m in messages() for text in m.texts if placeholders(text) != placeholders(m.msgid)
    ] == []


def test_the_english_is_english():
    assert [text for m in messages() for text in m.texts if CHINESE_OR_FULL_WIDTH.search(text)] == []


def test_the_compiled_catalogue_is_the_written_one():
    english = compiled()

    def texts(m: Message) -> tuple[str, ...]:
        if m.plural:
            return tuple(english.ngettext(m.msgid, m.plural, n) for n in (1, 2))
        return (english.pgettext(m.context, m.msgid) if m.context else english.gettext(m.msgid),)

    assert [m.msgid for m in messages() if texts(m) != m.texts] == []


# --- the code -----------------------------------------------------------------------------------------------
def said_in_python(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each literal handed to a gettext function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = PYTHON_CALLS.get(name, len(node.args))
        argument = node.args[place] if place < len(node.args) else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield node.lineno, argument.value


def said_in_template(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each `translate` and `blocktranslate`, read the way makemessages does."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for call in TEMPLATE_CALL.finditer(source):
        text = call[3] if "p" in call[1] else call[2]  # pgettext has its context first
        yield source.count("\n", 0, call.start()) + 1, ast.literal_eval(text)


def said() -> Iterator[tuple[str, str]]:
    """Yield the place and text of everything Chinese that our code asks to have translated."""
    for folder in CODE:
        for pattern, read in (("*.py", said_in_python), ("*.html", said_in_template)):
            for path in sorted((ROOT / folder).rglob(pattern)):
                for line, text in read(path):
                    if CHINESE.search(text):
                        yield f"{path.relative_to(ROOT)}:{line}", text


def test_everything_the_code_says_is_in_the_catalogue():
    known = {m.msgid for m in messages()}
    spoken = list(said())

    assert len(spoken) > 900
    assert [f"{place} {text}" for place, text in spoken if text not in known] == []


# --- the site -----------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _language_put_back():
    """A request leaves its language active in its thread; the next test starts from the site's own."""
    with translation.override("zh-hans"):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "given", "words"),
    [
        ("en", "en", "Become a volunteer"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en", "Become a volunteer"),
        ("zh", "zh-hans", "成为志愿者"),
        ("zh-CN,zh;q=0.9,en;q=0.1", "zh-hans", "成为志愿者"),
        ("", "zh-hans", "成为志愿者"),
    ],
)
def test_the_home_page_speaks_the_readers_language(asked, given, words):
    answer = Client().get("/", headers={"Accept-Language": asked})

    assert answer["Content-Language"] == given
    assert f'<html lang="{given}">' in answer.text
    assert words in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "detail"),
    [("en", "The username or password is not right."), ("zh-CN", "用户名或密码不对。")],
)
def test_a_refusal_of_the_api_speaks_the_readers_language(api, asked, detail):
    answer = api().post(
        "/api/v1/auth/token/",
        {"username": "nobody", "password": "nothing"},
        headers={"Accept-Language": asked},
    )

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        401,
        "credentials_wrong",
        detail,
    )
