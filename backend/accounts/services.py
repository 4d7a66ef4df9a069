"""Coming in: one-time codes, passwords, memberships, organizations."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from backend.accounts import throttling
from backend.accounts.errors import (
    AccountDisabled,
    AccountLocked,
    CodeExpired,
    CodeNotSent,
    CodeWrong,
    CredentialsWrong,
    CreditCodeInvalid,
    PhoneMissing,
)
from backend.accounts.models import Membership, OneTimeCode, Organization, User
from backend.accounts.phones import normalize
from backend.accounts.scopes import Actor, Role, ScopeType
from backend.accounts.sms import sender
from backend.core import audit
from backend.core.crypto import blind_index
from backend.core.errors import Forbidden, TooManyRequests, refusal_for
from backend.regions.queries import get_region

_DIGITS = 6
PHONE_PURPOSE = "accounts.phone"
BOUND_PURPOSE = "accounts.bound_code"


@dataclass(frozen=True)
class CodeSent:
    """What the person who asked may know; `demo_code` only in demo mode, which production refuses."""

    expires_in: int
    demo_code: str | None


def request_code(*, phone: str, address: str, at: datetime) -> CodeSent:
    """Send a new six-digit code to a phone; an older one stops working. Kept hashed for five minutes.

    :raises PhoneInvalid: not a mainland mobile number.
    :raises CodeTooSoon: too many for this phone or from this address.
    :raises CodeNotSent: the carrier cannot be reached or refuses.
    """
    phone = normalize(phone)
    index = blind_index(phone, purpose=PHONE_PURPOSE)
    throttling.hit(limits=settings.OTP_PER_ADDRESS, name="otp-address", who=address)
    throttling.hit(limits=settings.OTP_PER_PHONE, name="otp-phone", who=index)
    return _send_new(index=index, phone=phone, at=at)


def send_bound_code(*, user: User, subject: str, at: datetime) -> CodeSent:
    """Send a code to a user's phone that is good for one thing only, which `subject` names ("redemption:7").

    It neither logs anybody in nor confirms anything else; limits and tries are those of every code.

    :raises PhoneMissing: the user has none. :raises CodeTooSoon: too many for this phone.
    :raises CodeNotSent: the carrier cannot be reached or refuses.
    """
    if user.phone is None:
        raise PhoneMissing
    throttling.hit(limits=settings.OTP_PER_PHONE, name="otp-bound", who=user.phone_index or "")
    return _send_new(index=_bound_index(user, subject), phone=user.phone.open(), at=at)


def spend_bound_code(*, user: User, subject: str, code: str, at: datetime) -> None:
    """Accept the code sent to this user for this subject, once; a wrong try is counted.

    No limit per address: a whole queue of people is confirmed from one counter.

    :raises CodeExpired: no live code. :raises CodeWrong: it does not match.
    """
    _require_code(index=_bound_index(user, subject), code=code, at=at)


def _bound_index(user: User, subject: str) -> str:
    return blind_index(f"{user.pk}\x00{subject}", purpose=BOUND_PURPOSE)


def _send_new(*, index: str, phone: str, at: datetime) -> CodeSent:
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    with transaction.atomic():
        OneTimeCode.objects.filter(phone_index=index, used_at__isnull=True).update(used_at=at)
        OneTimeCode.objects.create(
            phone_index=index,
            code_hash=_hash(index, code),
            created_at=at,
            expires_at=at + settings.OTP_LIFETIME,
            tries_left=settings.OTP_TRIES,
        )
    try:
        sender().send_code(phone=phone, code=code)
    except OSError as error:
        raise CodeNotSent from error
    return CodeSent(
        expires_in=int(settings.OTP_LIFETIME.total_seconds()), demo_code=code if settings.DEMO else None
    )


def verify_code(*, phone: str, code: str, address: str, at: datetime) -> User:
    """Exchange a code for the user of that phone, who is created on their first visit.

    A wrong try is counted even though the request is refused, and a code works once under any concurrency.

    :raises CodeExpired: no live code. :raises CodeWrong: it does not match. :raises AccountDisabled: closed.
    """
    phone = normalize(phone)
    index = blind_index(phone, purpose=PHONE_PURPOSE)
    throttling.hit(
        limits=settings.OTP_VERIFY_PER_ADDRESS, name="otp-verify", who=address, refusal=TooManyRequests
    )
    _require_code(index=index, code=code, at=at)
    user = user_of_phone(phone=phone)
    if not user.is_active:
        raise AccountDisabled
    return user


_MATCHED = -1


def _require_code(*, index: str, code: str, at: datetime) -> None:
    tries_left = _spend_try(index=index, code=code, at=at)
    if tries_left is None:
        raise CodeExpired(field="code")
    if tries_left >= 0:
        raise CodeWrong(field="code", tries_left=tries_left)


def _spend_try(*, index: str, code: str, at: datetime) -> int | None:
    """Return `_MATCHED`, the tries left after a mismatch, or None without a live code; commits either way."""
    with transaction.atomic():
        live = (
            OneTimeCode.objects.select_for_update()
            .filter(phone_index=index, used_at__isnull=True, expires_at__gt=at, tries_left__gt=0)
            .order_by("-id")
            .first()
        )
        if live is None:
            return None
        if hmac.compare_digest(live.code_hash, _hash(index, code)):
            live.used_at = at
            live.save(update_fields=["used_at"])
            return _MATCHED
        live.tries_left -= 1
        live.save(update_fields=["tries_left"])
        return live.tries_left


def user_of_phone(*, phone: str) -> User:
    """Return the user of a normalised phone, creating them when new; safe under concurrency."""
    index = blind_index(phone, purpose=PHONE_PURPOSE)
    user = User.objects.filter(phone_index=index).first()
    if user is not None:
        return user
    try:
        with transaction.atomic():
            user = User(phone=phone, phone_index=index)
            user.set_unusable_password()
            user.save()
    except IntegrityError:
        return User.objects.get(phone_index=index)
    return user


def verify_password(*, request: HttpRequest, username: str, password: str) -> User:
    """Return the staff user of a username and password.

    :raises AccountLocked: too many wrong tries. :raises CredentialsWrong: they do not match.
    """
    user = authenticate(request, username=username, password=password)
    if user is None:
        if AxesProxyHandler.is_locked(request, {"username": username}):
            # Or axes' middleware would put a plain-text page of its own in place of our answer.
            request.axes_locked_out = False  # type: ignore[attr-defined]  # axes' flag on it
            raise AccountLocked(retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()))
        raise CredentialsWrong
    # axes forgets wrong tries on Django's login signal, which no token login sends.
    AxesProxyHandler.reset_attempts(username=username, ip_address=get_client_ip_address(request))
    return user


def _hash(index: str, code: str) -> str:
    return hmac.new(settings.INDEX_KEY, f"otp\x00{index}\x00{code}".encode(), hashlib.sha256).hexdigest()


def grant(
    *, user: User, role: Role, scope_type: ScopeType, scope_id: str, actor: Actor | None, at: datetime
) -> Membership:
    """Give a user a role in a scope; giving it twice changes nothing. `actor` is None at installation.

    :raises Forbidden: the actor is no platform administrator.
    """
    if actor is not None and not actor.is_platform_admin:
        raise Forbidden
    with transaction.atomic():
        membership, created = Membership.objects.get_or_create(
            user=user,
            role=role,
            scope_type=scope_type,
            scope_id=scope_id,
            defaults={"granted_at": at, "granted_by_id": actor.user_id if actor else None},
        )
        if created:
            audit.record(actor=actor, action="membership.granted", target=membership, at=at)
    return membership


def revoke(*, membership: Membership, actor: Actor | None, at: datetime) -> None:
    """Take a role back; the audit keeps who held it where.

    :raises Forbidden: the actor is no platform administrator.
    """
    if actor is not None and not actor.is_platform_admin:
        raise Forbidden
    held = {name: getattr(membership, name) for name in ("user_id", "role", "scope_type", "scope_id")}
    with transaction.atomic():
        audit.record(actor=actor, action="membership.revoked", target=membership, detail=held, at=at)
        membership.delete()


def add_organization(
    *,
    name: str,
    kind: str,
    region_code: str,
    credit_code: str | None,
    contact_name: str = "",
    competent_department: str = "",
    actor: Actor | None,
    at: datetime,
) -> Organization:
    """Register an organization; a community-internal group may have no credit code.

    :raises CreditCodeInvalid: the code fails GB 32100 (rules.md F).
    :raises CreditCodeTaken: registered already.
    """
    region = get_region(region_code)
    checked_code = check_credit_code(credit_code) if credit_code else None
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                name=name,
                kind=kind,
                region=region,
                credit_code=checked_code,
                contact_name=contact_name,
                competent_department=competent_department,
            )
            audit.record(actor=actor, action="organization.added", target=organization, at=at)
    except IntegrityError as error:
        raise refusal_for(error) from error
    return organization


def check_credit_code(code: str) -> str:
    """Return the code in upper case.

    :raises CreditCodeInvalid: shape or check digit is wrong (GB 32100-2015).
    """
    try:
        return str(uscc.validate(code))
    except ValidationError as error:
        raise CreditCodeInvalid(field="credit_code") from error
