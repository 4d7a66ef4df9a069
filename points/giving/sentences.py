"""What the trace says in one line; somebody who never saw a table understands it."""

from django.utils.translation import gettext


def of_money(organization: str) -> str:
    """Money is recorded, not followed."""
    return gettext("这笔捐赠已由%(organization)s登记。") % {"organization": organization}


def of_goods(
    *,
    product: str,
    unit: str,
    received: int,
    handed_out: int,
    in_stock: int,
    volunteers: int | None,
    families: int | None,
) -> str:
    """Say what became of goods; one kind by its name, several kinds as pieces."""
    goods = _goods(product, unit, received)
    facts = {"goods": goods, "left": in_stock, "unit": unit or gettext("件"), "out": handed_out}
    if handed_out <= 0:
        if in_stock <= 0:
            return gettext("%(goods)s已经收到，还没有发出去，去向见下表。") % facts
        return gettext("%(goods)s已经收到，在慈善超市等人来领。") % facts
    facts["who"] = _who(volunteers, families)
    if handed_out == received:
        return gettext("%(goods)s，全部到了%(who)s手里。") % facts
    if in_stock <= 0:
        return gettext("%(goods)s，有 %(out)s %(unit)s到了%(who)s手里。") % facts
    return (
        gettext("%(goods)s，已有 %(out)s %(unit)s到了%(who)s手里，还有 %(left)s %(unit)s等人来领。") % facts
    )


def of_people(volunteers: int | None) -> str:
    """“38 位志愿者”; None is one or two."""
    if volunteers is None:
        return gettext("少于 3 位志愿者")
    return gettext("%(n)s 位志愿者") % {"n": volunteers}


def of_families(families: int | None) -> str:
    """“12 户家庭”; None is one or two."""
    if families is None:
        return gettext("少于 3 户家庭")
    return gettext("%(n)s 户家庭") % {"n": families}


def _goods(product: str, unit: str, received: int) -> str:
    if not product:
        return gettext("捐赠的 %(n)s 件物资") % {"n": received}
    return gettext("捐赠的 %(n)s %(unit)s%(product)s") % {"n": received, "unit": unit, "product": product}


def _who(volunteers: int | None, families: int | None) -> str:
    told = []
    if volunteers != 0:
        told.append(_apart(of_people(volunteers)))
    if families != 0:
        told.append(_apart(of_families(families)))
    if len(told) == 1:
        return told[0]
    return gettext("%(one)s和%(other)s") % {"one": told[0], "other": told[1]}


def _apart(words: str) -> str:
    """Put a space before what begins with a figure or a Latin letter; “到了少于 3 位” takes none."""
    return f" {words}" if words[0].isascii() else words
