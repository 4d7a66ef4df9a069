"""Why the chain refuses."""

from django.utils.translation import gettext_lazy as _

from backend.core.errors import Refusal


class ChainBroken(Refusal):
    """What was to be written does not continue the chain: somebody went around the services."""

    code = "chain_broken"
    message = _("这一天的摘要接不上前一天，没有写入。")
    constraint = (
        "day_proof_follows",
        "day_proof_head_is_a_hash",
        "day_proof_of_a_closed_day",
        "day_proof_never_forks",
        "day_proof_sequence_once",
        "day_proof_day_once",
    )
