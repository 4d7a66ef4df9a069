"""The models of this context, gathered for Django; each lives in its feature."""

from points.appeals.models import Appeal, AppealGift, AppealLine, AppealNotice, AppealReport
from points.boards.models import Honor, HoursTotal
from points.gifts.models import Gift, Relative
from points.giving.models import Donation, DonationLine, Donor
from points.giving.question_models import DonorQuestion, QuestionAnswer, QuestionNotice
from points.ledger.models import Account, ClosedDay, Entry, ExpiryWarning, Lot, LotUse, Transfer
from points.market.models import Batch, Product, StockMove, Store
from points.market.offline_models import OfflineCollection, OfflineLease, OfflineList
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.return_models import GoodsReturn
from points.proof.models import AccountSalt, DayProof, ProofBlock
from points.revision.models import RevisionRun
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award, RuleSet
from points.scoring.other_models import OtherAward
from points.verification.models import LedgerCheck

__all__ = [
    "Account",
    "AccountSalt",
    "Appeal",
    "AppealGift",
    "AppealLine",
    "AppealNotice",
    "AppealReport",
    "Award",
    "Batch",
    "BonusAward",
    "ClosedDay",
    "DayProof",
    "Donation",
    "DonationLine",
    "Donor",
    "DonorQuestion",
    "Entry",
    "ExpiryWarning",
    "Gift",
    "GoodsReturn",
    "Honor",
    "HoursTotal",
    "LedgerCheck",
    "Lot",
    "LotUse",
    "OfflineCollection",
    "OfflineLease",
    "OfflineList",
    "OtherAward",
    "Product",
    "ProofBlock",
    "QuestionAnswer",
    "QuestionNotice",
    "Redemption",
    "RedemptionLine",
    "Relative",
    "RevisionRun",
    "RuleSet",
    "StockMove",
    "Store",
    "Transfer",
]
