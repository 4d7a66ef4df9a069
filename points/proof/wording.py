"""What `jishan-verify` and `verify_chain` say, in both languages, without Django."""

from __future__ import annotations

from points.proof.checking import Finding

LANGUAGES = ("zh", "en")

_SAID = {
    "head": ("这一天的摘要与它自己的数字对不上", "the head of this day is not the hash of its own figures"),
    "first": ("链的第一天不是第一天", "the chain does not begin at its first day"),
    "previous": ("没有接在前一天的摘要之后", "does not continue the head of the day before"),
    "gap": (
        "与前一天之间缺了日子，或者顺序错了",
        "days are missing, doubled or out of order before this one",
    ),
    "outstanding": ("未使用积分与前一天接不上", "the outstanding points do not follow from the day before"),
    "unknown_head": (
        "您记下的这个摘要不在链上：链被改过",
        "the head you noted is not in the chain: it was rewritten",
    ),
    "file_name": ("文件名不是 年-月-日.tsv 或 .tsv.gz", "the file is not called YYYY-MM-DD.tsv or .tsv.gz"),
    "not_in_chain": ("链上没有这一天", "the chain has no such day"),
    "unreadable": ("文件读不出来，可能没有下载完", "the file cannot be read; perhaps the download broke off"),
    "count": ("笔数不对", "wrong number of transfers"),
    "root": ("有一笔或几笔被改过", "one or more transfers were changed"),
    "total_issued": ("发放合计不对", "wrong total of issued points"),
    "total_redeemed": ("兑换合计不对", "wrong total of redeemed points"),
    "total_expired": ("到期合计不对", "wrong total of expired points"),
    "total_pool": ("积分池合计不对", "wrong total of points given to the pool"),
    "total_adjusted": ("调整合计不对", "wrong total of adjustments"),
    "garbage": ("这一行不是账目的格式", "this line is not in the format of the book"),
    "other_day": ("这一行是另一天的", "this line belongs to another day"),
    "out_of_order": (
        "这一行的序号不对：有增、有删或换了位置",
        "this line is out of order: added, removed or moved",
    ),
    "unbalanced": ("这一笔收付不相等", "this transfer does not sum to zero"),
    "unknown_account": ("这一笔用了不存在的账户", "this transfer names an account that does not exist"),
    "not_a_statement": ("不是积分账单文件", "this is not a statement"),
    "twice": ("同一笔列了两次", "the same transfer is listed twice"),
    "not_yours": (
        "这一笔不是您的，或者积分数被改过",
        "this transfer is not yours, or its points were changed",
    ),
    "seal": ("说明、时间或来源被改过", "the sentence, time or source was changed"),
    "not_included": ("这一笔不在那一天公布的账里", "this transfer is not among those published for its day"),
    "blocks": ("证明用的分段摘要被改过", "the digests that proofs are made of were changed"),
    "not_proven": ("已结账，但没有摘要", "closed, but without a digest"),
    "before_first": ("链开始之前就有转账", "there are transfers before the chain begins"),
}


def say(finding: Finding, *, language: str) -> str:
    """Return the sentence of a finding."""
    sentence = _SAID[finding.code][LANGUAGES.index(language)]
    values = ""
    if finding.wanted:
        values = (
            f"（应为 {finding.wanted}，实为 {finding.found}）"
            if language == "zh"
            else f" (should be {finding.wanted}, is {finding.found})"
        )
    colon = "：" if language == "zh" else ": "
    return f"{finding.where}{colon}{sentence}{values}" if finding.where else f"{sentence}{values}"


def codes() -> frozenset[str]:
    """Return every code there is a sentence for."""
    return frozenset(_SAID)
