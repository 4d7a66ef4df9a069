"""Goods and donors from a spreadsheet: upload, look at what a worker found, take it in."""

import csv
from http import HTTPStatus
from io import BytesIO, StringIO
from typing import Any, cast

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from openpyxl import Workbook

from backend.accounts.scopes import Actor
from backend.core.errors import Refusal
from backend.pages.buttons import by_button
from backend.pages.doors import roles_only
from backend.pages.forms import PageForm
from backend.pages.lists import page_of
from backend.pages.visitor import ActorRequest
from points.giving.choices import DonorKind
from points.giving.queries import KEEPERS
from points.imports import queries, services
from points.imports.models import ImportJob
from points.imports.reading import LARGEST_MEGABYTES, MOST_ROWS, read_upload
from points.imports.states import LIVE, WORKING, ImportKind, ImportState
from points.market.choices import ProductCategory

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportForm(PageForm):
    """What, where to, and the file."""

    refusal_fields = {"region": "target", "store": "target"}

    target = forms.ChoiceField(
        label=gettext_lazy("导入什么，放到哪里"), widget=forms.Select(attrs={"data-testid": "target"})
    )
    file = forms.FileField(
        label=gettext_lazy("表格文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx", "data-testid": "file"}),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        """Offer the actor's stores, and the communities whose donors they keep."""
        super().__init__(*args, **kwargs)
        self.stores = {f"store-{one.pk}": one for one in queries.stores_for(actor)}
        self.regions = {f"region-{one.pk}": one for one in queries.communities_for(actor)}
        groups = [
            (_("商品和库存"), [(key, store.name) for key, store in self.stores.items()]),
            (_("捐赠人"), [(key, region.name) for key, region in self.regions.items()]),
        ]
        cast("forms.ChoiceField", self.fields["target"]).choices = [group for group in groups if group[1]]


@require_http_methods(["GET", "POST"])
@never_cache
@roles_only(*KEEPERS)
def imports(request: ActorRequest) -> HttpResponse:
    """Upload a file, and list what was uploaded before."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = ImportForm(*sent, actor=request.actor), 200
    if sent and not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    elif sent:
        target = form.cleaned_data["target"]
        store = form.stores.get(target)
        try:
            job = services.upload(
                kind=ImportKind.GOODS if store else ImportKind.DONORS,
                content=read_upload(form.cleaned_data["file"]),
                file_name=form.cleaned_data["file"].name,
                store=store,
                region=form.regions.get(target),
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_refusal(refusal)
            status = refusal.status
        else:
            return redirect("pages:import", job.pk)
    context = {
        "form": form,
        "page_obj": page_of(request, queries.imports_of(request.actor)),
        "megabytes": LARGEST_MEGABYTES,
        "most_rows": MOST_ROWS,
    }
    return render(request, "pages/clerk/imports.html", context, status=status)


@require_GET
@never_cache
@roles_only(*KEEPERS)
def one_import(request: ActorRequest, job_id: int) -> HttpResponse:
    """Show how far an import is, what it will make, and what is wrong with it."""
    return _page(request, _mine(request, job_id))


@by_button
@roles_only(*KEEPERS)
def run(request: ActorRequest, job_id: int) -> HttpResponse:
    """Have a checked file taken in."""
    job = _mine(request, job_id)
    try:
        services.run(job_id=job.pk, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        return _page(request, _mine(request, job_id), refusal=refusal)
    return redirect("pages:import", job.pk)


@by_button
@roles_only(*KEEPERS)
def cancel(request: ActorRequest, job_id: int) -> HttpResponse:
    """Let an import be."""
    job = _mine(request, job_id)
    try:
        services.cancel(job_id=job.pk, actor=request.actor, at=timezone.now())
    except Refusal as refusal:
        return _page(request, _mine(request, job_id), refusal=refusal)
    return redirect("pages:import", job.pk)


@require_GET
@roles_only(*KEEPERS)
def template(request: ActorRequest, kind: str, form: str) -> HttpResponse:  # noqa: ARG001 – every door gives it
    """Return an empty table with the right heading and one line as an example."""
    if kind not in ImportKind.values or form not in ("csv", "xlsx"):
        raise Http404
    columns = services.RESOURCES[kind].columns
    example = _EXAMPLES[kind] | {"expires_on": f"{timezone.localdate().year + 1}-06-30"}
    lines = [[str(label) for label in columns.values()], [example.get(key, "") for key in columns]]
    content, mime = (_as_xlsx(lines), _XLSX) if form == "xlsx" else (_as_csv(lines), "text/csv")
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = f'attachment; filename="jishan-{kind}.{form}"'
    return response


_EXAMPLES: dict[str, dict[str, str]] = {
    ImportKind.GOODS: {
        "name": "大米 5 公斤",
        "unit": "袋",
        "category": str(ProductCategory.GRAIN_OIL.label),
        "points": "44",
        "barcode": "6901234567892",
        "quantity": "50",
    },
    ImportKind.DONORS: {"name": "便民超市", "kind": str(DonorKind.ENTERPRISE.label)},
}


def _as_csv(lines: list[list[str]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for GBK


def _as_xlsx(lines: list[list[str]]) -> bytes:
    book, packed = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    book.save(packed)
    return packed.getvalue()


def _mine(request: ActorRequest, job_id: int) -> ImportJob:
    job = queries.imports_of(request.actor).filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job


def _page(request: ActorRequest, job: ImportJob, *, refusal: Refusal | None = None) -> HttpResponse:
    columns = services.RESOURCES[job.kind].columns
    shown = [key for key in columns if any(row.get(key) for row in job.preview)]
    context = {
        "job": job,
        "percent": queries.percent(job),
        "working": job.state in WORKING,
        "may_run": job.state == ImportState.CHECKED and not job.faulty,
        "may_cancel": job.state in LIVE and job.state != ImportState.IMPORTING,
        "heading": [columns[key] for key in shown],
        "lines": [[row.get(key, "") for key in shown] for row in job.preview],
        "refusal": refusal,
    }
    return render(request, "pages/clerk/import.html", context, status=refusal.status if refusal else 200)
