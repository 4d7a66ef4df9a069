"""The back-office pages of this context, gathered for Django; each lives in its feature."""

from points.ledger.admin import AccountAdmin, LotAdmin, TransferAdmin
from points.scoring.admin import AwardAdmin, RuleSetAdmin

__all__ = ["AccountAdmin", "AwardAdmin", "LotAdmin", "RuleSetAdmin", "TransferAdmin"]
