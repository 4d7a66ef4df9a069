"""Donors: entering them, who they are, what they agree to, and claiming one's own file."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from backend.accounts.services import PHONE_PURPOSE
from backend.core import audit, outbox, publicity
from backend.core.crypto import blind_index
from backend.core.errors import Forbidden, NotFound
from backend.regions.models import Region
from points.giving import pictures, queries, rules
from points.giving.choices import ConsentBy, ConsentMatter, DonorKind, Publicity
from points.giving.errors import (
    ContactNeedsTwo,
    DonorAnonymous,
    DonorHasNoCreditCode,
    DonorIdInvalid,
    DonorNotClaimable,
    DonorPictureMissing,
)
from points.giving.models import KIND_PERSON, ConsentChange, Donor, DonorPicture
from points.market.rules import CODE_ALPHABET

ID_PURPOSE = "points.donor_id"
NUMBER_LENGTH = 12
LONGEST_CONTACT = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """What a donor's file holds under seal, opened for somebody who has said why."""

    contact: str | None
    id_number: str | None


def new_number() -> str:
    """Draw a number that opens something public, so it cannot be guessed."""
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(NUMBER_LENGTH))


def add_donor(
    *,
    name: str,
    kind: DonorKind | str,
    region: Region,
    actor: Actor | None,
    at: datetime,
    credit_code: str | None = None,
    contact: str | None = None,
    id_number: str | None = None,
    consent: Publicity | str = Publicity.HIDDEN,
    show_amount: bool = False,
) -> Donor:
    """Enter a donor, hidden unless they were asked (捐赠法 Art 8). `actor` None is the platform itself.

    :raises Forbidden, NotFound: the actor does not work in this region.
    :raises DonorNameInvalid: not plain text of 1 to 100 characters.
    :raises CreditCodeInvalid: fails GB 32100-2015. :raises DonorAlreadyKnown: entered before in this region.
    :raises DonorIdInvalid: fails GB 11643-1999, or not a person. :raises DonorPersonKnown: entered before.
    :raises DonorAnonymous: something was told of a donor of whom nothing is kept.
    """
    if actor is not None and not queries.works_in(actor, region.pk):
        refuse_reach(actor)
    facts = _facts(
        name=name,
        kind=kind,
        credit_code=credit_code,
        contact=contact,
        id_number=id_number,
        consent=consent,
        today=localdate(at),
    )
    with transaction.atomic():
        donor = Donor.objects.create(
            **facts,
            kind=kind,
            region=region,
            consent=consent,
            show_amount=show_amount,
            added_by_id=actor.user_id if actor else None,
            added_at=at,
        )
        by = ConsentBy.STAFF if actor else ConsentBy.PLATFORM
        _note_changes(donor, _SILENT, by=by, user_id=actor.user_id if actor else None, at=at)
        detail = {"consent": str(consent), "show_amount": show_amount}
        audit.record(actor=actor, action="donor.add", target=donor, at=at, detail=detail)
    return donor


def set_donor_consent(
    *,
    donor: Donor,
    actor: Actor | None,
    at: datetime,
    consent: Publicity | str | None = None,
    show_amount: bool | None = None,
    show_picture: bool | None = None,
) -> Donor:
    """Change how a donor appears in public; it takes effect with the next page anybody loads.

    Name, amount and picture are agreed to one by one; what is None stays as it is. The donor changes their
    own file; staff write down what a donor without a phone has signed. Every change is kept
    (慈善法 Art 82, PIPL Arts 15, 25).

    :raises Forbidden, NotFound: neither the donor's own account nor staff who reach the file.
    :raises DonorAnonymous: an anonymous donor has no name or picture to show.
    :raises DonorPictureMissing: there is no picture to agree to.
    """
    by = _require_say(donor, actor)
    with transaction.atomic():
        held = Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
        before = said_by(held)
        if consent is not None:
            held.consent = Publicity(consent)
        if show_amount is not None:
            held.show_amount = show_amount
        if show_picture is not None:
            held.show_picture = show_picture
        if held.kind == DonorKind.ANONYMOUS and (
            held.show_picture or held.consent not in (Publicity.HIDDEN, Publicity.ANONYMOUS)
        ):
            raise DonorAnonymous(field="consent")
        if show_picture and not DonorPicture.objects.filter(donor=held).exists():
            raise DonorPictureMissing(field="show_picture")
        held.save(update_fields=["consent", "show_amount", "show_picture"])
        _note_changes(held, before, by=by, user_id=actor.user_id if actor else None, at=at)
        detail = {
            "consent": held.consent,
            "show_amount": held.show_amount,
            "show_picture": held.show_picture,
        }
        audit.record(actor=actor, action="donor.consent", target=held, at=at, detail=detail)
        board_changed(held.region_id, at=at)
    return held


def set_donor_picture(*, donor: Donor, upload: bytes, actor: Actor, at: datetime) -> DonorPicture:
    """Keep a donor's photograph or logo. It is seen nowhere until the donor agrees to that separately.

    A new picture takes the agreement to the old one away: it was not given for this one.

    :raises Forbidden, NotFound: neither the donor's own account nor staff who reach the file.
    :raises DonorPictureInvalid: no picture, or too large. :raises DonorAnonymous: nothing is kept of them.
    """
    by = _require_say(donor, actor)
    if donor.kind == DonorKind.ANONYMOUS:
        raise DonorAnonymous(field="picture")
    picture = pictures.cleaned(upload)
    with transaction.atomic():
        held = Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
        before = said_by(held)
        kept, _made = DonorPicture.objects.update_or_create(
            donor=held,
            defaults={
                "picture": picture,
                "key": new_number(),
                "set_by_id": actor.user_id,
                "set_at": at,
            },
        )
        held.show_picture = False
        held.save(update_fields=["show_picture"])
        _note_changes(held, before, by=by, user_id=actor.user_id, at=at)
        audit.record(actor=actor, action="donor.picture", target=held, at=at)
        board_changed(held.region_id, at=at)
    return kept


def change_contact(*, donor: Donor, contact: str, reason: str, actor: Actor, at: datetime) -> Donor:
    """Write down a donor's phone, for a reason, where the file has none and nobody's account has it.

    One person suffices here, as when a donor is entered: nobody loses a file that nobody could claim. Where
    there is a contact or an owner, contact_requests.py asks two people.

    :raises Forbidden, NotFound: outside the actor's reach.
    :raises WordsInvalid: no reason given, or a contact that is not plain text.
    :raises DonorAnonymous: nothing is kept of an anonymous donor.
    :raises ContactNeedsTwo: the file has a contact or an owner.
    """
    reason = checked_contact_reason(donor, reason=reason, actor=actor)
    sealed = checked_contact(contact)
    with transaction.atomic():
        held = Donor.objects.select_for_update(no_key=True).get(pk=donor.pk)
        if held.contact is not None or held.user_id is not None:
            raise ContactNeedsTwo
        held.contact, held.contact_index = sealed["contact"], sealed["contact_index"]
        held.save(update_fields=["contact", "contact_index"])
        audit.record(actor=actor, action="donor.contact", target=held, at=at, detail={"reason": reason})
    return held


def checked_contact_reason(donor: Donor, *, reason: str, actor: Actor) -> str:
    """Return why a donor's contact shall change, for somebody who keeps the file.

    :raises Forbidden, NotFound: outside the actor's reach. :raises WordsInvalid: no reason given.
    :raises DonorAnonymous: nothing is kept of an anonymous donor.
    """
    if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        refuse_reach(actor)
    reason = rules.plain_words(reason, field="reason", most=200, needed=True)
    if donor.kind == DonorKind.ANONYMOUS:
        raise DonorAnonymous(field="contact")
    return reason


def checked_contact(contact: str) -> dict[str, str | None]:
    """Return a contact as its columns keep it, with the index of a phone; None for an empty one.

    :raises WordsInvalid: not plain text.
    """
    return _contact_facts(rules.plain_words(contact, field="contact", most=LONGEST_CONTACT))


def claim_donors(*, user: User, at: datetime) -> list[Donor]:
    """Make the files that were entered with this account's phone the account's own.

    The phone was proven by a one-time code when the account signed in; nothing else opens a file.

    :raises DonorNotClaimable: no such file waits.
    """
    with transaction.atomic():
        waiting = list(queries.claimable_by(user).select_for_update(of=("self",), no_key=True).order_by("pk"))
        if not waiting:
            raise DonorNotClaimable
        for donor in waiting:
            donor.user = user
            donor.save(update_fields=["user"])
            audit.record(actor=Actor(user_id=user.pk), action="donor.claim", target=donor, at=at)
    return waiting


def read_identity(*, donor: Donor, reason: str, actor: Actor, at: datetime) -> Identity:
    """Open contact and resident ID in full, for a reason; every reading is an audit row (design.md §4.9).

    :raises Forbidden, NotFound: outside the actor's reach. :raises WordsInvalid: no reason given.
    """
    if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        refuse_reach(actor)
    reason = rules.plain_words(reason, field="reason", most=200, needed=True)
    audit.record(actor=actor, action="donor.read_identity", target=donor, at=at, detail={"reason": reason})
    return Identity(
        contact=donor.contact.open() if donor.contact else None,
        id_number=donor.id_number.open() if donor.id_number else None,
    )


def said_by(donor: Donor) -> dict[str, str]:
    """Return what a donor agrees to, by matter, in the words of the history."""
    return {
        ConsentMatter.NAME: str(donor.consent),
        ConsentMatter.AMOUNT: "yes" if donor.show_amount else "no",
        ConsentMatter.PICTURE: "yes" if donor.show_picture else "no",
    }


def board_changed(region_id: str, *, at: datetime) -> None:
    """Make the donor board tell the new truth: when this commits, and once more through the outbox."""
    outbox.emit(
        topic="board.changed",
        key=f"board:{publicity.DONORS}",
        payload={"board": publicity.DONORS, "region": region_id},
        at=at,
    )
    publicity.renew_on_commit(publicity.DONORS)


def refuse_reach(actor: Actor) -> None:
    """Refuse somebody out of reach: 404 for the right role elsewhere, 403 for the wrong role."""
    if actor.has(*queries.KEEPERS):
        raise NotFound
    raise Forbidden


_SILENT: dict[str, str] = {
    ConsentMatter.NAME: str(Publicity.HIDDEN),
    ConsentMatter.AMOUNT: "no",
    ConsentMatter.PICTURE: "no",
}


def _facts(
    *,
    name: str,
    kind: DonorKind | str,
    credit_code: str | None,
    contact: str | None,
    id_number: str | None,
    consent: Publicity | str,
    today: date,
) -> dict[str, str | None]:
    """Return what may be kept of a donor of this kind, checked."""
    if kind == DonorKind.ANONYMOUS:
        if credit_code or contact or id_number or consent not in (Publicity.HIDDEN, Publicity.ANONYMOUS):
            raise DonorAnonymous(field="kind")
        return {"name": KIND_PERSON}
    name = rules.plain_name(name)
    if credit_code and kind == DonorKind.INDIVIDUAL:
        raise DonorHasNoCreditCode(field="credit_code")
    if id_number and kind != DonorKind.INDIVIDUAL:
        raise DonorIdInvalid(field="id_number")
    number = rules.checked_resident_id(id_number, today=today)
    return {
        "name": name,
        "credit_code": rules.checked_credit_code(credit_code),
        **_contact_facts(contact),
        "id_number": number,
        "id_index": blind_index(number, purpose=ID_PURPOSE) if number else None,
    }


def _contact_facts(contact: str | None) -> dict[str, str | None]:
    phone = rules.phone_in(contact)
    return {
        "contact": phone or contact or None,
        "contact_index": blind_index(phone, purpose=PHONE_PURPOSE) if phone else None,
    }


def _require_say(donor: Donor, actor: Actor | None) -> ConsentBy:
    """Return through whom the donor speaks.

    :raises Forbidden, NotFound: neither the donor nor staff who reach the file.
    """
    if actor is None:
        return ConsentBy.PLATFORM
    if donor.user_id is not None and donor.user_id == actor.user_id:
        return ConsentBy.DONOR
    if not queries.donors_kept_by(actor).filter(pk=donor.pk).exists():
        refuse_reach(actor)
    return ConsentBy.STAFF


def _note_changes(
    donor: Donor, before: dict[str, str], *, by: ConsentBy, user_id: int | None, at: datetime
) -> None:
    ConsentChange.objects.bulk_create(
        ConsentChange(
            donor=donor, matter=matter, old=before[matter], new=now, by=by, changed_by_id=user_id, at=at
        )
        for matter, now in said_by(donor).items()
        if now != before[matter]
    )
