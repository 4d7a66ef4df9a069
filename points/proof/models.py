"""The chain of days, the digests proofs are made of, and the salts by which people find themselves."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from backend.core.triggers import append_only
from points.ledger.models import Account, Transfer
from points.proof import triggers
from points.proof.chain import Day

_DIGEST = r"^[0-9a-f]{64}$"
_SALT_BYTES = 16


class DayProof(models.Model):
    """What a closed day comes to, chained to the day before. Points; digests are SHA-256 in hexadecimal.

    `outstanding` is what volunteers own after the day, with what is set aside for them.
    """

    sequence = models.IntegerField(_("序号"))
    day = models.DateField(_("业务日"))
    previous = models.CharField(_("前一天的摘要"), max_length=64)
    root = models.CharField(_("账目摘要"), max_length=64)
    head = models.CharField(_("摘要"), max_length=64)
    transfers = models.IntegerField(_("笔数"))
    issued = models.BigIntegerField(_("发放"))
    redeemed = models.BigIntegerField(_("兑换"))
    expired = models.BigIntegerField(_("到期"))
    pool = models.BigIntegerField(_("捐入积分池"))
    adjusted = models.BigIntegerField(_("调整"))
    outstanding = models.BigIntegerField(_("未使用"))
    proven_at = models.DateTimeField(_("公布时间"))

    class Meta:
        verbose_name = _("日账摘要")
        verbose_name_plural = _("日账摘要")
        ordering = ("-sequence",)
        constraints = [
            models.UniqueConstraint(fields=("sequence",), name="day_proof_sequence_once"),
            models.UniqueConstraint(fields=("day",), name="day_proof_day_once"),
            models.UniqueConstraint(fields=("previous",), name="day_proof_never_forks"),
            models.CheckConstraint(
                condition=Q(previous__regex=_DIGEST, root__regex=_DIGEST, head__regex=_DIGEST),
                name="day_proof_digests_are_digests",
            ),
            models.CheckConstraint(condition=Q(transfers__gte=0), name="day_proof_counts_transfers"),
        ]
        triggers = [append_only("day_proof_append_only"), *triggers.DAY_PROOF]

    def __str__(self) -> str:
        return str(self.day)

    def published(self) -> Day:
        """Return the day as outsiders see it."""
        return Day(
            sequence=self.sequence,
            day=self.day.isoformat(),
            previous=self.previous,
            transfers=self.transfers,
            root=self.root,
            issued=self.issued,
            redeemed=self.redeemed,
            expired=self.expired,
            pool=self.pool,
            adjusted=self.adjusted,
            outstanding=self.outstanding,
            head=self.head,
        )


class ProofBlock(models.Model):
    """The root over 64 neighbouring transfers of a day, so that a proof need not read the whole day."""

    proof = models.ForeignKey(
        DayProof, on_delete=models.PROTECT, db_index=False, related_name="blocks", verbose_name=_("日账摘要")
    )
    place = models.IntegerField(_("序号"))
    last = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name=_("最后一笔")
    )
    root = models.CharField(_("摘要"), max_length=64)

    class Meta:
        verbose_name = _("分段摘要")
        verbose_name_plural = _("分段摘要")
        ordering = ("proof", "place")
        constraints = [
            models.UniqueConstraint(fields=("proof", "place"), name="proof_block_once"),
            models.CheckConstraint(
                condition=Q(root__regex=_DIGEST, place__gte=0), name="proof_block_is_a_digest"
            ),
        ]
        triggers = [append_only("proof_block_append_only")]

    def __str__(self) -> str:
        return f"{self.proof_id}/{self.place}"


class AccountSalt(models.Model):
    """128 random bits by which one account can be recognised in public; its owner alone is given them.

    No page of the back office shows them: whoever knows a salt can follow that person through the exports.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, related_name="proof_salt", verbose_name=_("账户")
    )
    salt = models.BinaryField(_("核验码"), max_length=_SALT_BYTES)

    class Meta:
        verbose_name = _("核验码")
        verbose_name_plural = _("核验码")
        constraints = [
            models.CheckConstraint(
                condition=Exact(Length("salt"), _SALT_BYTES), name="account_salt_has_128_bits"
            ),
        ]
        triggers = [append_only("account_salt_append_only")]

    def __str__(self) -> str:
        return str(self.account_id)
