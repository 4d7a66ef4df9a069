"""Division codes: twelve digits, of which a level uses the first 2, 4, 6, 9 or 12."""

CODE_LENGTH = 12
PREFIX_LENGTHS = {"province": 2, "city": 4, "county": 6, "township": 9, "community": 12}


def prefix_of(code: str) -> str:
    """Return the part of a code that all codes below it share: `520102000000` → `520102`."""
    for length in PREFIX_LENGTHS.values():
        if not code[length:].strip("0"):
            return code[:length]
    return code


def ancestors_of(code: str) -> tuple[str, ...]:
    """Return the codes from the province down to the code itself."""
    prefix = prefix_of(code)
    steps = [prefix[:length] for length in PREFIX_LENGTHS.values() if length <= len(prefix)]
    return tuple(step.ljust(CODE_LENGTH, "0") for step in steps)
