"""Why the market refuses a service or a slot of one."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class ServiceAlone(Refusal):
    """A service has a time of its own and is redeemed on its own."""

    code = "service_alone"
    status = 400
    message = _("服务要单独预约，请和实物分开兑换。")


class SlotMissing(Refusal):
    """A service needs one of its slots, goods need none."""

    code = "slot_missing"
    status = 400
    message = _("请为“%(product)s”选一个时段。")
    constraint = "redemption_line_names_slot"


class SlotFull(Refusal):
    """Fewer places are left than asked for."""

    code = "slot_full"
    message = _("这个时段只剩 %(left)s 个名额，请换一个时段。")
    constraint = "slot_taken_within"


class SlotOver(Refusal):
    """The slot has ended, or the store takes no more bookings for it."""

    code = "slot_over"
    message = _("这个时段已经结束或停止预约，请换一个。")
    constraint = "slot_taken_in_time"


class SlotNotYet(Refusal):
    """A service is given on its day, not before."""

    code = "slot_not_yet"
    message = _("预约的日子还没到，服务当天再核销。")
    constraint = "redemption_service_in_time"


class SlotInvalid(Refusal):
    """A slot lies ahead, lasts up to a day, and has at least one place, no fewer than are taken."""

    code = "slot_invalid"
    status = 400
    message = _("时段要在将来，从早到晚不超过一天，名额 1 到 %(most)s 个，且不少于已约的人数。")
    constraint = ("slot_forward", "slot_capacity_sane")


class SlotTaken(Refusal):
    """The service has a slot beginning at that time already."""

    code = "slot_exists"
    message = _("这项服务在这个时间已经有时段了。")
    constraint = "slot_once"


class ProductOfOtherKind(Refusal):
    """Goods have deliveries, services have slots."""

    code = "product_of_other_kind"
    status = 400
    message = _("实物才能入库，服务才能开时段。")
    constraint = ("batch_of_goods", "slot_of_service", "product_keeps_kind")
