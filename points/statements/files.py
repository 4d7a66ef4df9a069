"""The answers that carry a statement as a file; the API and the pages send the same."""

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from points.ledger.queries import Chosen
from points.statements import export
from volunteers.people.models import Volunteer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAME = "jishan-points"  # the name of a file travels: it says nothing of the person


def csv_file(volunteer: Volunteer, chosen: Chosen) -> HttpResponseBase:
    """Return the statement as CSV, sent while it is read."""
    answer = StreamingHttpResponse(export.as_csv(volunteer, chosen), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_NAME}.csv"'
    return _private(answer)


def xlsx_file(volunteer: Volunteer, chosen: Chosen) -> HttpResponseBase:
    """Return the statement as a workbook."""
    return _private(
        FileResponse(
            export.as_xlsx(volunteer, chosen), as_attachment=True, filename=f"{_NAME}.xlsx", content_type=XLSX
        )
    )


def _private(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Cache-Control"] = "private, no-store"
    return answer
