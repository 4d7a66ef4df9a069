"""Why the stockroom refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class LocationInvalid(Refusal):
    """A shelf has a short code like A-01 and a name."""

    code = "location_invalid"
    status = 400
    message = _("货位编号由大写字母、数字和短横线组成，例如 A-01；名称不超过 40 个字。")
    constraint = ("shelf_location_code_form", "shelf_location_named")


class LocationTaken(Refusal):
    """The store has another shelf with this code."""

    code = "location_taken"
    message = _("这家慈善超市已有编号相同的货位。")
    constraint = "shelf_location_code_once"


class LocationUnknown(Refusal):
    """No such shelf in this store."""

    code = "location_unknown"
    status = 400
    message = _("这家慈善超市没有这个货位。")
    constraint = "product_on_own_shelf"


class MinimumStockInvalid(Refusal):
    """A minimum is at least one; without one nobody is warned."""

    code = "minimum_stock_invalid"
    status = 400
    message = _("最低库存要在 1 到 %(most)s 之间，不提醒就留空。")
    constraint = "product_minimum_sane"


class ProductInvalid(Refusal):
    """A product has a plain name, a unit and a price in points within bounds."""

    code = "product_invalid"
    status = 400
    message = _("请填写商品名称、单位和 1 到 1000000 之间的积分，不要带符号 < >。")
    constraint = ("product_named", "product_points_sane", "product_category_known", "product_status_known")


class CountGoingOn(Refusal):
    """A store is counted once at a time, or one loss would be written down twice."""

    code = "count_going_on"
    message = _("这家慈善超市有一次盘点还没结束，请先办完再开新的。")
    constraint = "stock_count_one_at_a_time"


class CountScopeInvalid(Refusal):
    """A count of a category names it, a count of a shelf names one of the store."""

    code = "count_scope_invalid"
    status = 400
    message = _("请选择要盘点的类别，或这家慈善超市的一个货位。")
    constraint = ("stock_count_scope_sound", "stock_count_scope_known", "stock_count_shelf_of_store")


class CountNotOpen(Refusal):
    """What was counted goes in while the count is open."""

    code = "count_not_open"
    message = _("这次盘点已经结束，不能再录入。需要补录请退回重点。")


class CountNotClosed(Refusal):
    """Only a finished count is decided."""

    code = "count_not_closed"
    message = _("这次盘点还在录入或已经办结，现在不能复核。")
    constraint = "stock_count_status_moves"


class CountEmpty(Refusal):
    """Nothing was counted yet."""

    code = "count_empty"
    message = _("还没有录入任何商品，不能结束盘点。")
    constraint = "stock_count_not_empty"


class CountedProductUnknown(Refusal):
    """The product or batch is not part of what is counted."""

    code = "counted_product_unknown"
    status = 400
    message = _("这件商品不在本次盘点范围内，或批次、保质期与商品不符。")
    constraint = "count_line_in_scope"


class CountedBothWays(Refusal):
    """Goods of one expiry are counted together or batch by batch, not both."""

    code = "counted_both_ways"
    message = _("同一商品、同一保质期，要么合起来点，要么逐批点，不能混着录。")
    constraint = "count_line_one_way"


class CountedQuantityInvalid(Refusal):
    """A count is a whole number from zero on."""

    code = "counted_quantity_invalid"
    status = 400
    message = _("点到的数量要在 0 到 %(most)s 之间，没有就填 0。")
    constraint = "count_line_not_negative"


class CounterApproves(Refusal):
    """Who counted does not approve."""

    code = "counter_approves"
    status = 403
    message = _("参加过盘点的人不能复核，请另一位工作人员来办。")
    constraint = "stock_count_approved_by_another"


class CountedBelowReserved(Refusal):
    """Less was found than is set aside for volunteers: those redemptions come first."""

    code = "counted_below_reserved"
    message = _("“%(product)s”点到的比已预留的少，请先办结这些兑换再通过：%(redemptions)s。")


class NoteInvalid(Refusal):
    """What may be left out may not be too long or hold markup: it would be lost unseen."""

    code = "stock_note_invalid"
    status = 400
    message = _("说明最多 %(most)s 个字，不要带符号 < >。")


class TransferEmpty(Refusal):
    """A transfer has between one and fifty lines, each batch once."""

    code = "transfer_size"
    status = 400
    message = _("一次调拨 1 到 %(most)s 行，同一批次只写一行。")
    constraint = ("transfer_batch_once", "transfer_line_positive")


class TransferElsewhere(Refusal):
    """Goods go to another store of the same organisation."""

    code = "transfer_elsewhere"
    status = 400
    message = _("只能调到同一组织管理的另一家慈善超市。")
    constraint = ("transfer_between_two", "transfer_in_one_organization")


class TransferBatchUnknown(Refusal):
    """The batch is not in the store that sends."""

    code = "transfer_batch_unknown"
    status = 400
    message = _("调出的慈善超市没有这个批次。")
    constraint = "transfer_line_takes_out"


class TransferTooMuch(Refusal):
    """Only goods that are neither gone nor reserved can be sent."""

    code = "transfer_too_much"
    message = _("“%(product)s”这一批可调出的只有 %(left)s 件，其余已发放或已预留。")


class TransferSettled(Refusal):
    """It was received or taken back before."""

    code = "transfer_settled"
    message = _("这次调拨已经收货或撤回，不能再办。")
    constraint = ("transfer_status_moves", "transfer_facts_stay", "transfer_line_settled_once")


class TransferCountInvalid(Refusal):
    """Each line is counted on arrival: from nothing up to what was sent."""

    code = "transfer_count_invalid"
    status = 400
    message = _("每一行都要写实收数量，从 0 到发出的数量。")
    constraint = ("transfer_line_received_within", "transfer_accounted_for")


class TransferProductUnknown(Refusal):
    """No product of the receiving store matches; one has to be chosen or made first."""

    code = "transfer_product_unknown"
    status = 400
    message = _("收货的慈善超市没有与“%(product)s”条码或名称相同的商品，请选择一件，或先新建。")


class LossNotOpen(Refusal):
    """Nothing is missing in this transfer, or it was written off before."""

    code = "loss_not_open"
    message = _("这次调拨没有待核的短少。")


class LossUnexplained(Refusal):
    """What is missing is written off with a reason."""

    code = "loss_unexplained"
    status = 400
    message = _("短少要写明原因，例如“路上破损”。")
    constraint = "transfer_loss_explained"


class ReceiverExplainsLoss(Refusal):
    """Who received does not write off what is missing."""

    code = "receiver_explains_loss"
    status = 403
    message = _("收货的人不能核销短少，请另一位工作人员来办。")
    constraint = "transfer_loss_by_another"


class RecallUnexplained(Refusal):
    """A recall says why."""

    code = "recall_unexplained"
    status = 400
    message = _("召回要写明原因，例如“厂家通知：包装破损”。")
    constraint = "recall_explained"


class AlreadyRecalled(Refusal):
    """The goods were called back before."""

    code = "already_recalled"
    message = _("这批商品已经召回过了。")
    constraint = ("recall_once", "recall_names_root")


class RecallLifted(Refusal):
    """The recall was lifted before, for good."""

    code = "recall_lifted"
    message = _("这次召回已经解除。需要的话，请重新召回。")
    constraint = "recall_lift_final"


class RecallLiftedByOpener(Refusal):
    """Whoever called the goods back does not lift that alone."""

    code = "recall_lifted_by_opener"
    status = 403
    message = _("发起召回的人不能自己解除，请另一位管理员或社区工作人员来办。")
    constraint = "recall_lifted_by_another"


class RecallLiftUnexplained(Refusal):
    """Lifting says why."""

    code = "recall_lift_unexplained"
    status = 400
    message = _("解除召回要写明原因，例如“批次填错了”。")
    constraint = "recall_lift_whole"


class NothingLeft(Refusal):
    """There is nothing free to write off."""

    code = "nothing_left"
    message = _("没有可报损的商品：已经发放、报损，或还有预留没有取消。")
