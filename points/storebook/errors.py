"""Why a statement is not shown."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class StatementPeriodInvalid(Refusal):
    """A statement tells of one week or one month."""

    code = "statement_period_invalid"
    status = 400
    message = _("请写一个月份（如 2026-09）或一周（如 2026-W38）。")


class StatementPeriodOpen(Refusal):
    """A week or month is published when it is over, and never changes after."""

    code = "statement_period_open"
    status = 404
    message = _("这段时间还没有结束，结束后才公布。")
