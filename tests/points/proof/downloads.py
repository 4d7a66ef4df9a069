"""Asking `jishan-verify`, and forging what it is asked about."""

import gzip
import json

from points.proof import verify
from points.proof.checking import read_chain
from tests.factories.proof import FIRST


def ask(capsys, *arguments):
    """What `jishan-verify` answers: the exit status, and what it says in English."""
    status = verify.main([*map(str, arguments), "--language", "en"])
    return status, capsys.readouterr().out


def told(path):
    return json.loads(path.read_text("utf-8"))


def rewrite(path, change):
    """Change a file of JSON."""
    data = told(path)
    change(data)
    path.write_text(json.dumps(data), "utf-8")


def edit(path, change):
    """Change the lines of an export."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    change(lines)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def export_of(chain, day=FIRST):
    return chain.parent / f"{day}.tsv.gz"


def reckon_again(chain, place):
    """Give a day and all after it the heads their figures have, as a clever forger would."""
    rows = told(chain)["days"]
    for number in range(place, len(rows)):
        if number:
            rows[number]["previous"] = rows[number - 1]["head"]
        day = read_chain({"format": "jishan-chain-1", "days": [rows[number]]})
        rows[number]["head"] = day[0].reckoned()
    chain.write_text(json.dumps({"format": "jishan-chain-1", "days": rows}), "utf-8")
