"""The models of this context, gathered for Django; each lives in its feature."""

from points.appeals.models import Appeal, AppealGift, AppealLine, AppealNotice, AppealReport
from points.ballots.models import Ballot, BallotEntry, BallotLot
from points.boards.models import Honor, HoursTotal
from points.gifts.models import Gift, Relative
from points.giving.contact_models import ContactRequest
from points.giving.intake_models import Intake, IntakeLine, IntakeSignature, Receipt, ReceiptRevocation
from points.giving.models import ConsentChange, Donation, DonationLine, Donor, DonorPicture
from points.giving.question_models import DonorQuestion, QuestionAnswer, QuestionNotice
from points.imports.models import ImportJob
from points.ledger.models import Account, ClosedDay, Entry, ExpiryWarning, Lot, LotUse, Transfer
from points.market.models import Batch, Product, ShelfLocation, StockMove, Store
from points.market.offline_models import OfflineCollection, OfflineLease, OfflineList
from points.market.redemption_models import Redemption, RedemptionLine
from points.market.return_models import GoodsReturn
from points.market.slot_models import ServiceSlot, SlotMove
from points.proof.models import AccountSalt, DayProof, ProofBlock
from points.relief.models import (
    ReliefCase,
    ReliefIssue,
    ReliefKeeper,
    ReliefNotice,
    ReliefPolicy,
    ReliefReview,
)
from points.revision.models import RevisionRun
from points.scoring.bonus_models import BonusAward
from points.scoring.models import Award, RuleSet
from points.scoring.other_models import OtherAward
from points.stockroom.models import CountAdjustment, CountLine, StockCount, StockNotice
from points.stockroom.recall_models import Recall
from points.stockroom.transfer_models import StockTransfer, StockTransferLine
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
    "Ballot",
    "BallotEntry",
    "BallotLot",
    "Batch",
    "BonusAward",
    "ClosedDay",
    "ConsentChange",
    "ContactRequest",
    "CountAdjustment",
    "CountLine",
    "DayProof",
    "Donation",
    "DonationLine",
    "Donor",
    "DonorPicture",
    "DonorQuestion",
    "Entry",
    "ExpiryWarning",
    "Gift",
    "GoodsReturn",
    "Honor",
    "HoursTotal",
    "ImportJob",
    "Intake",
    "IntakeLine",
    "IntakeSignature",
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
    "Recall",
    "Receipt",
    "ReceiptRevocation",
    "Redemption",
    "RedemptionLine",
    "Relative",
    "ReliefCase",
    "ReliefIssue",
    "ReliefKeeper",
    "ReliefNotice",
    "ReliefPolicy",
    "ReliefReview",
    "RevisionRun",
    "RuleSet",
    "ServiceSlot",
    "ShelfLocation",
    "SlotMove",
    "StockCount",
    "StockMove",
    "StockNotice",
    "StockTransfer",
    "StockTransferLine",
    "Store",
    "Transfer",
]
