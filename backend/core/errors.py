"""Refusals: every “no” of the platform is a class with a stable code, a status and a sentence.

`docs/errors.md` is generated from these classes (`manage.py error_catalogue`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a document: where (a JSON pointer), a short code, and a sentence."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):  # noqa: N818 – a refusal is an answer, not a malfunction
    """A request was understood and is refused; rendered as problem+json by `problems.py`.

    `message` may hold %(name)s placeholders, filled from the keyword data given at raise time.
    `constraint` names the database constraints that mean the same, so that a race lost to PostgreSQL
    reads exactly like the service's own refusal. `faults` lists what is wrong inside a document.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    message: ClassVar[Promise | str] = _("这个请求不能办理。")
    constraint: ClassVar[str | tuple[str, ...]] = ()
    faults: tuple[Fault, ...] = ()

    def __init__(self, *, field: str | None = None, **data: object) -> None:
        """Keep which input field is meant (dotted or JSON-pointer) and what fills the sentence."""
        self.field = field
        self.data = data
        super().__init__(self.code)

    def __str__(self) -> str:
        """Return the sentence a person reads, in the active language."""
        text = str(self.message)
        return text % self.data if self.data else text


class Invalid(Refusal):
    """The input has the wrong shape."""

    code = "invalid"
    status = 400
    message = _("提交的内容有误，请检查后重试。")


class Forbidden(Refusal):
    """The caller's role can never do this."""

    code = "forbidden"
    status = 403
    message = _("您没有办理这件事的权限。")


class NotFound(Refusal):
    """It does not exist, or not for this caller."""

    code = "not_found"
    status = 404
    message = _("没有找到，或者不在您的管理范围内。")


class Busy(Refusal):
    """The same request is still being worked on."""

    code = "busy"
    status = 409
    message = _("上一次提交还在处理，请稍候再试。")
    constraint = "remembered_answer_unique_key"


class TooManyRequests(Refusal):
    """A limit per time was reached; `data["retry_after"]` is in seconds."""

    code = "too_many_requests"
    status = 429
    message = _("操作太频繁，请 %(retry_after)s 秒后再试。")


class Conflict(Refusal):
    """The database refused to write it and no feature claims the constraint."""

    code = "conflict"
    status = 409
    message = _("这项内容与已有的记录冲突，没有保存。")


def every_refusal(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Yield every declared refusal class, the base first."""
    yield base
    for child in base.__subclasses__():
        yield from every_refusal(child)


def refusal_for(error: IntegrityError) -> Refusal:
    """Translate a database refusal into the coded one that claims its constraint, else `Conflict`."""
    diag = getattr(error.__cause__, "diag", None)
    name = getattr(diag, "constraint_name", None)
    for kind in every_refusal():
        claimed = (kind.constraint,) if isinstance(kind.constraint, str) else kind.constraint
        if name and name in claimed:
            return _without_data(kind)
    return Conflict()


def refusal_coded(code: str) -> Refusal:
    """Return the refusal with this code, for who is told once more what they were told before.

    A code that an earlier version knew is a refusal all the same, without a word of its own.
    """
    return _without_data(next((kind for kind in every_refusal() if kind.code == code), Refusal))


class _Missing(dict[str, object]):
    """Fills placeholders that are not known: to a race loser, or any more."""

    def __missing__(self, key: str) -> str:
        return "—"


def _without_data(kind: type[Refusal]) -> Refusal:
    refusal = kind()
    refusal.data = _Missing({"": ""})
    return refusal
