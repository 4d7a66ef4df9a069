"""The back-office pages of this context, gathered for Django; each lives in its feature."""

from points.appeals.admin import AppealAdmin
from points.boards.admin import HonorAdmin, HoursTotalAdmin
from points.gifts.admin import GiftAdmin, RelativeAdmin
from points.giving.admin import DonationAdmin, DonorAdmin
from points.imports.admin import ImportJobAdmin
from points.ledger.admin import AccountAdmin, ClosedDayAdmin, ExpiryWarningAdmin, LotAdmin, TransferAdmin
from points.market.admin import BatchAdmin, ProductAdmin, RedemptionAdmin, StockMoveAdmin, StoreAdmin
from points.proof.admin import DayProofAdmin
from points.relief.admin import ReliefPolicyAdmin
from points.revision.admin import RevisionRunAdmin
from points.scoring.admin import AwardAdmin, RuleSetAdmin
from points.stockroom.admin import (
    RecallAdmin,
    ShelfLocationAdmin,
    StockCountAdmin,
    StockNoticeAdmin,
    StockTransferAdmin,
)
from points.verification.admin import LedgerCheckAdmin

__all__ = [
    "AccountAdmin",
    "AppealAdmin",
    "AwardAdmin",
    "BatchAdmin",
    "ClosedDayAdmin",
    "DayProofAdmin",
    "DonationAdmin",
    "DonorAdmin",
    "ExpiryWarningAdmin",
    "GiftAdmin",
    "HonorAdmin",
    "HoursTotalAdmin",
    "ImportJobAdmin",
    "LedgerCheckAdmin",
    "LotAdmin",
    "ProductAdmin",
    "RecallAdmin",
    "RedemptionAdmin",
    "RelativeAdmin",
    "ReliefPolicyAdmin",
    "RevisionRunAdmin",
    "RuleSetAdmin",
    "ShelfLocationAdmin",
    "StockCountAdmin",
    "StockMoveAdmin",
    "StockNoticeAdmin",
    "StockTransferAdmin",
    "StoreAdmin",
    "TransferAdmin",
]
