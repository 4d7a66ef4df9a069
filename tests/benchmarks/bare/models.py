"""Two tables as wide as a scan and an attendance, without a rule."""

from django.db import models


class BareVisit(models.Model):
    user_id = models.BigIntegerField(db_index=True)
    site_id = models.BigIntegerField()
    status = models.CharField(max_length=10)
    begun_at = models.DateTimeField()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return f"{self.user_id}@{self.site_id}"


class BareScan(models.Model):
    visit = models.ForeignKey(BareVisit, on_delete=models.PROTECT)
    user_id = models.BigIntegerField()
    nonce = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    answer = models.TextField()

    class Meta:
        app_label = "bare"
        indexes = [models.Index(fields=("user_id", "nonce"), name="bare_scan_by_nonce")]

    def __str__(self) -> str:
        return self.nonce
