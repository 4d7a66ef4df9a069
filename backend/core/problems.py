"""Errors on the wire: RFC 9457 problem+json for the API, a page with a next step for people."""

from typing import Any, ClassVar

import structlog
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import Error
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.status import HTTP_503_SERVICE_UNAVAILABLE

from backend.core.errors import Invalid, Refusal, TooManyRequests, refusal_for

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"


class ProblemException(exceptions.APIException):
    """A `Refusal` on its way through DRF."""

    def __init__(self, refusal: Refusal) -> None:
        """Carry the refusal's sentence, code and status."""
        super().__init__(detail=str(refusal), code=refusal.code)
        self.status_code = refusal.status
        self.refusal = refusal


class Unavailable(exceptions.APIException):
    """A server behind us is away for the moment."""

    status_code = HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"

    def __init__(self) -> None:
        """Say it in the reader's language."""
        super().__init__(detail=_("服务正在恢复，请稍后再试；已提交的内容不会丢失。"))


class ProblemHandler(ExceptionHandler):
    """Turns refusals and database refusals into problems; nothing a caller sends becomes a 500."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """Map our exceptions onto DRF's; leave the rest to the library."""
        if isinstance(exc, Refusal):
            return ProblemException(exc)
        if isinstance(exc, IntegrityError):
            return ProblemException(refusal_for(exc))
        if isinstance(exc, (OperationalError, InterfaceError)):
            log.error("database_unavailable", error=type(exc).__name__)
            return Unavailable()
        # RecursionError is JSON nested a hundred thousand deep.
        if isinstance(exc, (DataError, BadRequest, RequestDataTooBig, UnicodeError, RecursionError)):
            return ProblemException(Invalid())
        if isinstance(exc, exceptions.ParseError):  # its own words are the parser's, in English
            return exceptions.ParseError(_("提交的内容格式不对，读不懂。"))
        return super().convert_known_exceptions(exc)

    def convert_unhandled_exceptions(self, exc: Exception) -> exceptions.APIException:
        """Say that it is our fault, and nothing of what went wrong."""
        if isinstance(exc, exceptions.APIException):
            return exc
        return exceptions.APIException(
            detail=_("我们这边出了问题，已经记录下来。请稍后再试。"), code="server_error"
        )

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        """Log what is our fault; add the headers problems carry."""
        if isinstance(exc, ProblemException) and isinstance(exc.refusal, TooManyRequests):
            response["Retry-After"] = str(exc.refusal.data.get("retry_after", 1))
        elif isinstance(exc, ProblemException) and exc.refusal.code == "busy":
            response["Retry-After"] = "1"
        elif isinstance(exc, Unavailable):
            response["Retry-After"] = "5"
        response.content_type = PROBLEM_JSON
        super().report_exception(exc, response)


class ProblemFormatter(ExceptionFormatter):
    """The body of a problem: type, title, status, code, detail and, per field, a pointer."""

    titles: ClassVar[dict[int, str]] = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        405: "Method Not Allowed",
        406: "Not Acceptable",
        409: "Conflict",
        415: "Unsupported Media Type",
        422: "Unprocessable Content",
        423: "Locked",
        429: "Too Many Requests",
        500: "Internal Server Error",
        503: "Service Unavailable",
    }

    def format_error_response(self, error_response: Any) -> dict[str, Any]:
        """Return the problem document."""
        errors: list[Error] = error_response.errors
        status = self.exc.status_code
        first = errors[0]
        code = "invalid" if isinstance(self.exc, exceptions.ValidationError) else first.code
        return {
            "type": f"urn:jishan:problem:{code}",
            "title": self.titles.get(status, "Error"),
            "status": status,
            "code": code,
            "detail": _("提交的内容有误，请检查后重试。") if code == "invalid" else first.detail,
            "errors": self._faults() or [self._field_error(error) for error in errors if self._attr(error)],
        }

    def _faults(self) -> list[dict[str, str]]:
        """Return what a refusal found wrong in a document, each with its own pointer."""
        faults = self.exc.refusal.faults if isinstance(self.exc, ProblemException) else ()
        return [
            {"pointer": fault.pointer, "code": fault.code, "detail": str(fault.message)} for fault in faults
        ]

    def _attr(self, error: Error) -> str | None:
        if isinstance(self.exc, ProblemException):
            return self.exc.refusal.field
        if isinstance(self.exc, exceptions.ValidationError):
            return error.attr or "non_field_errors"
        return None

    def _field_error(self, error: Error) -> dict[str, str]:
        attr = self._attr(error) or ""
        pointer = attr if attr.startswith("/") else "/" + attr.replace(".", "/")
        return {"pointer": pointer, "code": error.code, "detail": error.detail}


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/health/"))


def _page(request: HttpRequest, *, status: int, code: str, detail: str, template: str) -> HttpResponse:
    if _wants_json(request):
        body = {
            "type": f"urn:jishan:problem:{code}",
            "title": ProblemFormatter.titles[status],
            "status": status,
            "code": code,
            "detail": detail,
            "errors": [],
        }
        return JsonResponse(body, status=status, content_type=PROBLEM_JSON)
    return render(request, template, {"detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 – Django's signature
    """Answer a request Django itself could not read."""
    return _page(
        request, status=400, code="invalid", detail=_("这个请求读不懂，请返回重试。"), template="400.html"
    )


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:  # noqa: ARG001 – Django's signature
    """Answer an address that is nobody's."""
    return _page(
        request, status=404, code="not_found", detail=_("没有这个页面，请从首页进入。"), template="404.html"
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer our own failure with a next step."""
    return _page(
        request,
        status=500,
        code="server_error",
        detail=_("我们这边出了问题，已经记录下来。请稍后再试。"),
        template="500.html",
    )
