"""How personal data looks when it must be recognisable and no more (rules.md F, look.md)."""

_SHORT_NAME = 2


def mask_name(name: str) -> str:
    """`张晓明` → `张*明`, `王五` → `王*`, `Anna Lee` → `A*e`."""
    name = name.strip()
    if len(name) < _SHORT_NAME:
        return "*"
    if len(name) == _SHORT_NAME:
        return f"{name[0]}*"
    return f"{name[0]}*{name[-1]}"


def mask_id(number: str) -> str:
    """`11010519491231002X` → `110***********002X`."""
    keep = 7
    if len(number) <= keep:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - keep)}{number[-4:]}"


def mask_phone(phone: str) -> str:
    """`13800001234` → `138****1234`."""
    keep = 7
    if len(phone) <= keep:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"
