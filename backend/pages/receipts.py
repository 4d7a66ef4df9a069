"""Receipts: the public check, the sheet to print, taking one back; and the pictures donors agreed to show."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.core.errors import Forbidden, NotFound, Refusal
from backend.pages import pictures
from backend.pages.buttons import by_button
from backend.pages.doors import anyone, roles_only, signed_in
from backend.pages.giving_forms import ReasonForm
from backend.pages.notes import note
from backend.pages.visitor import ActorRequest, PageRequest
from points.giving import intake_queries, names, queries, receipts
from points.giving.models import DonorPicture
from points.market.rules import read_code


@require_safe
@never_cache
@anyone
def check(request: PageRequest, number: str) -> HttpResponse:
    """Say whether a receipt holds, to whoever has its number."""
    checked = receipts.check_receipt(number)
    return render(request, "pages/giving/check.html", {"checked": checked})


@require_safe
@never_cache
@signed_in
def sheet(request: PageRequest, number: str) -> HttpResponse:
    """Show a receipt ready for the printer, to its donor and to who keeps the store."""
    return _sheet(request, number, ReasonForm())


def _sheet(request: PageRequest, number: str, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    actor = request.visitor.actor
    if actor is None:
        raise Forbidden
    there = intake_queries.receipts_visible_to(actor).prefetch_related("donation__lines__product")
    receipt = get_object_or_404(there, number=read_code(number))
    where = settings.PUBLIC_BASE_URL + reverse("pages:receipt", args=[receipt.number])
    context = {
        "receipt": receipt,
        "donation": receipt.donation,
        "revoked": getattr(receipt, "revocation", None),
        "code": pictures.qr_svg(where, label=_("查验二维码")),
        "where": where,
        "may_revoke": queries.donations_kept_by(actor).filter(pk=receipt.donation_id).exists()
        and actor.user_id not in (receipt.issued_by_id, receipt.donation.handled_by_id),
        "form": form,
    }
    return render(request, "pages/giving/sheet.html", context, status=status)


@by_button
@roles_only(*queries.KEEPERS)
def revoke(request: ActorRequest, number: str) -> HttpResponse:
    """Take a receipt back, as a second person."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _sheet(request, number, form, status=400)
    try:
        receipts.revoke_receipt(
            number=number, reason=form.cleaned_data["reason"], actor=request.actor, at=timezone.now()
        )
    except Refusal as refusal:
        if refusal.field not in form.fields:
            raise
        form.add_refusal(refusal)
        return _sheet(request, number, form, status=refusal.status)
    note(request, _("这张收讫确认已作废。"))
    return redirect("pages:receipt-sheet", read_code(number))


@require_safe
@never_cache
@anyone
def picture(request: PageRequest, key: str) -> HttpResponse:
    """Send a donor's picture while they agree to it; a withdrawn one is gone with the next request.

    :raises NotFound: no such picture, or it may not be seen.
    """
    found = DonorPicture.objects.select_related("donor").filter(key=read_code(key)).first()
    if found is None:
        raise NotFound
    mine = request.visitor.user is not None and found.donor.user_id == request.visitor.user.pk
    seen = names.picture_of_donor(
        key=found.key, consent=found.donor.consent, show_picture=found.donor.show_picture
    )
    actor = request.visitor.actor
    kept = actor is not None and queries.donors_kept_by(actor).filter(pk=found.donor_id).exists()
    if seen is None and not mine and not kept:
        raise NotFound
    return HttpResponse(bytes(found.picture), content_type="image/jpeg")
