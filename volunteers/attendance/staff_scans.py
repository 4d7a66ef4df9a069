"""Staff scan a volunteer's own code: for the elderly, for no phone, for whoever gives no location.

Not sharing a location is never punished (rules.md C6): a member of staff who stands there is better evidence.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from backend.accounts.scopes import Actor
from backend.core import codes
from backend.core.codes import Claim, Kind, TokenExpired, TokenForged, TokenMalformed
from backend.core.errors import Forbidden, NotFound, Refusal
from venues.sites.queries import managed_by
from volunteers.attendance import facts
from volunteers.attendance.answers import ScanAnswer
from volunteers.attendance.choices import Channel
from volunteers.attendance.errors import OwnCode
from volunteers.attendance.facts import SiteFacts
from volunteers.attendance.moments import Capture
from volunteers.attendance.policy import Policy
from volunteers.attendance.queries import DECIDERS
from volunteers.attendance.scanning import Attempt, Reading, take
from volunteers.attendance.situation import TokenState
from volunteers.people.passes import keys_of

_CHANNELS = {Kind.PASS: Channel.PASS, Kind.CARD: Channel.CARD}


def scan_for(attempt: Attempt, *, actor: Actor, at: datetime) -> ScanAnswer:
    """Check somebody in or out by their rotating pass or printed card, at `attempt.site_id`.

    What is decided, kept and repeated is as for a volunteer's own scan; the row names who scanned. A code no
    volunteer has is an error, because there is nobody whose scan it could be.

    :raises Forbidden: a role that runs no site. :raises NotFound: not one of the actor's sites.
    :raises TokenMalformed: not a volunteer's code. :raises TokenForged: nobody's.
    :raises OwnCode: the actor's own; staff check in like everybody else.
    """
    if not actor.has(*DECIDERS):
        raise Forbidden
    if not managed_by(actor).filter(pk=attempt.site_id or 0).exists():
        raise NotFound(field="site")
    claim = codes.read(attempt.token)
    if claim.kind not in _CHANNELS:
        raise TokenMalformed(field="token")
    with transaction.atomic():
        volunteer = facts.lock_volunteer_by_key(claim.subject_id)
        if volunteer is None:
            raise TokenForged(field="token")
        if volunteer.user_id == actor.user_id:
            raise OwnCode(field="token")
        reading = _reading(attempt, claim, actor=actor)
        return take(attempt, reading, volunteer=volunteer, at=at)


def scan_many_for(attempts: Sequence[Attempt], *, actor: Actor, at: datetime) -> list[ScanAnswer | Refusal]:
    """Take in what a scanner kept while offline; return what each was answered, in the order given.

    Each row stands in a transaction of its own, in the order they happened, so a bad one spoils no other.
    """
    order = sorted(range(len(attempts)), key=lambda index: (attempts[index].captured_at or at, index))
    answers: dict[int, ScanAnswer | Refusal] = {}
    for index in order:
        try:
            answers[index] = scan_for(attempts[index], actor=actor, at=at)
        except Refusal as refusal:
            answers[index] = refusal
    return [answers[index] for index in range(len(attempts))]


def _reading(attempt: Attempt, claim: Claim, *, actor: Actor) -> Reading:
    keys = keys_of(claim)

    def judge(_: SiteFacts, capture: Capture | None, at: datetime, policy: Policy) -> TokenState:
        def verify(when: datetime) -> TokenState:
            try:
                codes.verify(attempt.token, keys=keys, at=when, tolerance=policy.code_tolerance_windows)
            except TokenExpired:
                return TokenState.EXPIRED
            except (TokenForged, TokenMalformed):
                return TokenState.FORGED
            return TokenState.LIVE

        lasting = claim.kind is Kind.CARD
        return facts.judge_moment(verify, lasting=lasting, capture=capture, at=at, policy=policy)

    return Reading(
        site_id=attempt.site_id, channel=_CHANNELS[claim.kind], judge=judge, scanned_by=actor.user_id
    )
