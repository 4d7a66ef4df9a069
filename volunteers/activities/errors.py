"""Refusals about programmes, activities, shifts and sign-ups."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Forbidden, Invalid, Refusal


class DifficultyUnknown(Invalid):
    """Difficulty has three grades (rules.md D1)."""

    code = "difficulty_unknown"
    message = _("难度请选一级、二级或三级。")
    constraint = "activity_difficulty_known"


class ShiftOver(Refusal):
    """The shift has ended."""

    code = "shift_over"
    message = _("这个班次已经结束，请选别的班次。")


class ShiftCancelled(Refusal):
    """The shift does not take place."""

    code = "shift_cancelled"
    message = _("这个班次已取消，请选别的班次。")
    constraint = "sign_up_shift_open"


class ShiftFull(Refusal):
    """No place is left; only a race can meet it, the service offers the waiting list."""

    code = "shift_full"
    message = _("这个班次的名额刚刚满了，请再试一次进入候补。")
    constraint = ("shift_not_overfull", "shift_taken_is_counted")


class ShiftStarted(Refusal):
    """Too late to give the place back (Order 685 Art 22: tell in time)."""

    code = "shift_started"
    message = _("班次已经开始，不能再取消报名。来不了请联系活动负责人。")


class AlreadySignedUp(Refusal):
    """Two requests for the same place at once; the other one got it."""

    code = "already_signed_up"
    message = _("您已经报过这个班次了。")
    constraint = "sign_up_once"


class OverlappingShift(Refusal):
    """Nobody can be in two places."""

    code = "overlapping_shift"
    message = _("您在这个时间已经报了另一个班次，请先取消那一个。")
    constraint = "sign_up_no_overlap"


class RegistrationNotActive(Refusal):
    """Pending, rejected or suspended volunteers cannot take places."""

    code = "registration_not_active"
    message = _("您的登记还没有通过审核，或者已暂停，暂时不能报名。")
    constraint = "sign_up_volunteer_active"


class PrivacyConsentWithdrawn(Refusal):
    """Without the consent to process personal information there is nothing we may record."""

    code = "privacy_consent_withdrawn"
    message = _("您撤回了个人信息处理的同意，重新同意后才能报名。")


class TooYoungForActivity(Refusal):
    """Under the activity's age, or a minor where minors are not allowed (rules.md B, C6)."""

    code = "too_young_for_activity"
    message = _("这个活动要求年满 %(min_age)s 周岁。")
    constraint = "sign_up_old_enough"


class GuardianConsentMissing(Refusal):
    """Under 14 (PIPL Art 31) and the guardian has not agreed, or no longer does."""

    code = "guardian_consent_missing"
    message = _("未满 14 周岁，需要监护人同意后才能报名。")
    constraint = "sign_up_guardian_agrees"


class SignUpSettled(Refusal):
    """A cancelled sign-up stays cancelled; signing up again makes a new one."""

    code = "sign_up_settled"
    message = _("这次报名已经取消了，需要的话请重新报名。")
    constraint = ("sign_up_moves", "sign_up_cancellation_dated")


class ShiftTimesInvalid(Invalid):
    """A shift ends after it starts, lasts at most 24 hours and longer than its break."""

    code = "shift_times_invalid"
    message = _("班次的结束时间要晚于开始时间，不超过 24 小时，并且比休息时间长。")
    constraint = ("shift_longer_than_break", "shift_within_a_day")


class CapacityInvalid(Invalid):
    """A shift has at least one place, and not fewer than are taken."""

    code = "capacity_invalid"
    message = _("名额至少 1 个，也不能少于已报上的人数。")
    constraint = "shift_capacity_positive"


class ProgrammeDatesInvalid(Invalid):
    """A programme ends on or after the day it starts."""

    code = "programme_dates_invalid"
    message = _("项目的结束日期不能早于开始日期。")
    constraint = "programme_ends_after_start"


class ProgrammeClosed(Refusal):
    """A closed programme gets no new activities or shifts."""

    code = "programme_closed"
    message = _("这个项目已结项，不能再安排活动。")


class EmergencyAdultsOnly(Invalid):
    """Minors have no place in emergency response (rules.md B, C6)."""

    code = "emergency_adults_only"
    message = _("突发事件应对活动不能招募未成年人。")
    constraint = "activity_emergency_adults_only"


class SiteNotYours(Forbidden):
    """The site belongs to another organization and the actor does not manage it."""

    code = "site_not_yours"
    message = _("这个站点不归您管理，请先联系站点的管理组织。")
