"""Why the market refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class RedeemerNotActive(Refusal):
    """Only an active volunteer may redeem."""

    code = "redeemer_not_active"
    status = 403
    message = _("您的志愿者登记还没有生效或已暂停，暂时不能兑换。请联系社区。")


class StoreClosed(Refusal):
    """The store does not hand out goods at present."""

    code = "store_closed"
    message = _("“%(store)s”目前停业，请换一家慈善超市。")


class BasketEmpty(Refusal):
    """A redemption needs between one and twenty kinds of goods, each at least once."""

    code = "basket_size"
    status = 400
    message = _("一次可以兑换 1 到 %(most)s 种商品，每种 1 到 %(each)s 件。")
    constraint = "redemption_line_positive"


class ProductListedTwice(Refusal):
    """The same product stands on two lines."""

    code = "product_listed_twice"
    status = 400
    message = _("同一种商品请合并成一行，改数量即可。")
    constraint = "redemption_product_price_once"


class ProductUnavailable(Refusal):
    """No such product on this store's shelf."""

    code = "product_unavailable"
    status = 400
    message = _("这家慈善超市的货架上没有这件商品。")
    constraint = ("redemption_line_of_that_store", "batch_in_store_of_product")


class OutOfStock(Refusal):
    """Fewer are left than asked for."""

    code = "out_of_stock"
    message = _("“%(product)s”只剩 %(left)s %(unit)s，请减少数量或换一种。")
    constraint = (
        "batch_reserved_within",
        "batch_not_negative",
        "stock_relief_share_kept",
        "stock_put_back_of_set_aside",
    )


class PersonLimitReached(Refusal):
    """The volunteer has had their share of this product in this period."""

    code = "person_limit_reached"
    message = _("“%(product)s”超过每人的份额：%(sentence)s。")


class HouseholdLimitReached(Refusal):
    """Those who live together have had their share of this product in this period."""

    code = "household_limit_reached"
    message = _("“%(product)s”超过每户的份额：%(sentence)s。")


class TooManyRedemptions(Refusal):
    """The store serves each person so many times in a period (rules.md D4: practice)."""

    code = "too_many_redemptions"
    message = _("“%(store)s”每人%(every)s限兑 %(most)s 次，这一期的次数已经用完。")


class BalanceBelowMinimum(Refusal):
    """The store asks for a minimum balance before anything is redeemed (rules.md D4: practice)."""

    code = "balance_below_minimum"
    message = _("“%(store)s”要有 %(minimum)s 积分才能兑换，您还差 %(missing)s 积分。")


class TooYoungForProduct(Refusal):
    """The product is for people of an age."""

    code = "too_young_for_product"
    status = 403
    message = _("“%(product)s”要满 %(age)s 周岁才能兑换。")


class ResidentsOnly(Refusal):
    """The product is for the people around the store."""

    code = "residents_only"
    status = 403
    message = _("“%(product)s”%(rule)s，您登记的住址不在这里。")


class PriceRose(Refusal):
    """The basket costs more than the volunteer was shown."""

    code = "price_rose"
    message = _("价格有变：现在一共要 %(points)s 积分，比刚才多。请看过再确认。")


class PriceChanged(Refusal):
    """The price fell while the basket was being written."""

    code = "price_changed"
    message = _("价格刚刚变了，什么都没有扣，请再提交一次。")
    constraint = "redemption_line_price_within"


class PickupCodeTaken(Refusal):
    """Two redemptions drew the same random code."""

    code = "pickup_code_taken"
    message = _("领取码生成失败，什么都没有扣，请再提交一次。")
    constraint = "redemption_code_once"


class PickupCodeWrong(Refusal):
    """The code is not that of this redemption, or of none."""

    code = "pickup_code_wrong"
    status = 400
    message = _("领取码不对，请让志愿者打开兑换页面再核对一次。")


class RedemptionAlreadyCollected(Refusal):
    """The goods were handed over before."""

    code = "redemption_already_collected"
    message = _("这单已经领取过了，不能再领一次。")


class RedemptionSettled(Refusal):
    """Somebody settled it in the same moment."""

    code = "redemption_settled"
    message = _("这单刚刚已经处理过，请刷新后查看。")
    constraint = ("redemption_status_moves", "stock_reservation_settled_once")


class RedemptionCancelled(Refusal):
    """The redemption was cancelled before."""

    code = "redemption_cancelled"
    message = _("这单已经取消，积分已退回。")


class RedemptionLapsed(Refusal):
    """The goods were not collected in time."""

    code = "redemption_lapsed"
    message = _("这单超过领取时间，积分会退回，可以重新兑换。")


class RedemptionReturned(Refusal):
    """The goods came back after they had been collected."""

    code = "redemption_returned"
    message = _("这单的商品已经退回，积分已退还。")


class RedemptionNotConfirmed(Refusal):
    """What a clerk put together at the counter is handed over only once the volunteer has agreed."""

    code = "redemption_not_confirmed"
    message = _("这单还没有得到志愿者确认，请先请本人确认再发放。")
    constraint = ("redemption_counter_confirmed", "redemption_confirmed_by_someone")


class ConfirmedBySamePerson(Refusal):
    """Without a phone, a second member of staff agrees for the volunteer."""

    code = "confirmed_by_same_person"
    status = 403
    message = _("代确认要由另一名工作人员来做。")
    constraint = "redemption_confirmed_by_another"


class ClerkServesSelf(Refusal):
    """A clerk's own redemption, or their household's, is handed over by a colleague."""

    code = "clerk_serves_self"
    status = 403
    message = _("不能给自己或家人发放，请让同事来办。")
    constraint = "redemption_not_self_served"


class GoodsExpired(Refusal):
    """Goods past their last usable day are neither taken in nor handed out."""

    code = "goods_expired"
    message = _("这批商品已过保质期（%(expires_on)s），不能入库或发放。")
    constraint = "stock_not_issued_after_expiry"


class GoodsRecalled(Refusal):
    """Goods called back stay where they are until they are written off."""

    code = "goods_recalled"
    message = _("这批商品已召回，不能预留、发放或调出。")
    constraint = "stock_not_moved_after_recall"


class StockTooLow(Refusal):
    """Only goods that are neither gone nor reserved can be written off."""

    code = "stock_too_low"
    message = _("这一批可报损的只有 %(left)s 件，其余已发放或已预留。")


class StockQuantityInvalid(Refusal):
    """A delivery or a write-off counts at least one."""

    code = "stock_quantity_invalid"
    status = 400
    message = _("数量要在 1 到 %(most)s 之间。")
    constraint = "stock_move_quantity_positive"


class WriteOffUnexplained(Refusal):
    """A write-off needs a reason."""

    code = "write_off_unexplained"
    status = 400
    message = _("报损要写明原因，例如“破损”“过期”。")
    constraint = "stock_write_off_explained"


class StoreOpeningInvalid(Refusal):
    """Opening hours are spans per weekday, in order, as for sites."""

    code = "store_opening_invalid"
    status = 400
    message = _("开放时间写法不对：每天若干段，例如周一 08:30 到 17:30。")
    constraint = "store_opening_object"


class BarcodeInvalid(Refusal):
    """Not EAN-13 or EAN-8, or the check digit is wrong."""

    code = "barcode_invalid"
    status = 400
    message = _("条码不对：要 13 位或 8 位数字，最后一位是校验码，请再扫一次。")
    constraint = ("product_barcode_form", "product_barcode_checked")


class ProductTermsInvalid(Refusal):
    """Shares are at least one, an age is one, and the residence lies around the store."""

    code = "product_terms_invalid"
    status = 400
    message = _("限兑至少 1 件，年龄 1 到 120 周岁，居民范围要包含本店所在地。")
    constraint = (
        "product_limits_positive",
        "product_limit_period_known",
        "product_minimum_age_sane",
        "product_residents_form",
        "product_residents_of_store",
    )


class StorePolicyInvalid(Refusal):
    """Figures of a store's policy of redeeming that make no sense."""

    code = "store_policy_invalid"
    status = 400
    message = _("规则不对：次数至少 1，临期天数 0 到 365 和临期价百分之 1 到 99 要一起填。")
    constraint = (
        "store_minimum_sane",
        "store_most_redemptions_positive",
        "store_period_known",
        "store_near_expiry_whole",
    )


class BarcodeTaken(Refusal):
    """The store already has a product with this barcode."""

    code = "barcode_taken"
    message = _("这家慈善超市已有使用这个条码的商品。")
    constraint = "product_barcode_once"


class StoreWordsInvalid(Refusal):
    """What a store and its goods are called, their unit, the address: one line of plain text."""

    code = "store_words_invalid"
    status = 400
    message = _("请用不超过 %(most)s 个普通文字填写，不能有尖括号或控制字符。")
    constraint = ("store_named", "store_words_plain")


class StoreNameTaken(Refusal):
    """The organisation already has a store of this name."""

    code = "store_name_taken"
    message = _("这个组织已有同名的慈善超市。")
    constraint = "store_name_once"


class WhoExpired(Refusal):
    """The volunteer's code was read too long ago, by another clerk, or not at all."""

    code = "who_expired"
    status = 400
    message = _("请再扫一次志愿者的服务码或志愿者卡。")


class CardNeeded(Refusal):
    """Without a phone, the volunteer's printed card has to be on the counter."""

    code = "card_needed"
    status = 400
    message = _("代确认要扫这位志愿者本人的志愿者卡。")


class ReturnTwice(Refusal):
    """The goods of this redemption are being brought back already, or were."""

    code = "return_twice"
    message = _("这单已经登记过退货，请在退货列表里查看。")
    constraint = "goods_return_once"


class NothingToReturn(Refusal):
    """Only goods that were handed over come back."""

    code = "nothing_to_return"
    message = _("这单还没有领取，不能退货；没领的可以直接取消。")
    constraint = ("goods_return_of_collected", "redemption_returned_by_two")


class ReturnUnexplained(Refusal):
    """Bringing goods back, and refusing to take them, needs a reason."""

    code = "return_unexplained"
    status = 400
    message = _("请写明原因，例如“包装破损”。")
    constraint = ("goods_return_explained", "goods_return_refusal_explained")


class ReturnDecidedBySame(Refusal):
    """Who entered a return does not decide about it."""

    code = "return_decided_by_same"
    status = 403
    message = _("退货要由另一名工作人员来定，登记的人不能自己同意。")
    constraint = "goods_return_decided_by_another"


class ReturnAlreadyDecided(Refusal):
    """Somebody has decided before."""

    code = "return_already_decided"
    message = _("这笔退货已经有人处理过了，请刷新后查看。")
    constraint = "goods_return_is_history"


class ReturnOfOwn(Refusal):
    """Nobody takes back what they or their household redeemed."""

    code = "return_of_own"
    status = 403
    message = _("不能办理自己或家人的退货，请让同事来办。")
    constraint = "goods_return_not_own"


class RedemptionOnOfflineList(Refusal):
    """A device holds it for handing over without network."""

    code = "redemption_on_offline_list"
    message = _("这单在柜台的离线清单上，请到那台设备上办理；%(until)s 以后恢复正常。")
    constraint = ("redemption_not_leased", "offline_lease_one_device")


class OfflineListNotOurs(Refusal):
    """The list was not given to this device by this platform."""

    code = "offline_list_not_ours"
    status = 403
    message = _("这份离线清单核对不上，请在这台设备上重新准备。")


class OfflineListOver(Refusal):
    """The hand-over is said to lie outside the time of its list."""

    code = "offline_list_over"
    message = _("发放的时间不在离线清单的有效期内。")
