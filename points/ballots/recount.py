"""Recount a ballot: `python3 recount.py ballot.json`, where the file is what the API tells of the ballot.

Needs Python and nothing else, and is the very program that draws. The seed has two halves. The secret was
drawn before anybody could enter, and its SHA-256, the commitment, was published at once. The head is that of
the public account book for the day the entries closed, and is made after that day is over. So nobody knew
both while anybody could still enter.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any


def commitment_of(secret: str) -> str:
    """Return what is published of a secret before entries open: its SHA-256, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def seed_of(*, ballot: int, secret: str, head: str) -> str:
    """Return the seed of a ballot, 64 hexadecimal characters."""
    return sha256(f"jishan-ballot:{ballot}:{secret}:{head}".encode()).hexdigest()


def order_of(*, seed: str, tickets: Iterable[str]) -> list[str]:
    """Return the tickets in the order in which they are drawn: by SHA-256 of `<seed>:<ticket>`."""
    return sorted(tickets, key=lambda ticket: sha256(f"{seed}:{ticket}".encode()).hexdigest())


def faults(told: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a drawn ballot as the API tells it; nothing, when the draw was right."""
    seed = seed_of(ballot=told["id"], secret=told["secret"], head=told["head"])
    drawn = [entry["ticket"] for entry in told["entries"]]
    won = [entry for entry in told["entries"] if entry["outcome"] == "won"]
    passed = [entry["outcome"] for entry in told["entries"][: _last_won(told["entries"])]]
    found = []
    if commitment_of(told["secret"]) != told["commitment"]:
        found.append("the secret is not the one that was committed to")
    if seed != told["seed"]:
        found.append("the seed does not follow from the secret and the head")
    if drawn != order_of(seed=seed, tickets=drawn):
        found.append("the tickets are not in the order of the seed")
    if len(won) > told["units"] or "lost" in passed:
        found.append("somebody won out of turn")
    return found


def _last_won(entries: list[Mapping[str, Any]]) -> int:
    return max(
        (place for place, entry in enumerate(entries, start=1) if entry["outcome"] == "won"), default=0
    )


def main(path: str) -> int:
    """Say whether the draw was right; the exit status is 0 or 1."""
    wrong = faults(json.loads(Path(path).read_text(encoding="utf-8")))
    sys.stdout.write("\n".join(wrong or ["The draw was right."]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
