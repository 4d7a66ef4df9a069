"""`python -m backend.config.probe URL`: exit 0 when the address answers 200; for container health checks.

It asks under the site's own name, for in production any other Host is refused.
"""

import os
import sys
from urllib.request import Request, urlopen


def main(url: str) -> int:
    """0 when healthy, 1 when not."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
    try:
        with urlopen(Request(url, headers={"Host": name}), timeout=4) as answer:  # noqa: S310 – our own address
            return 0 if answer.status == 200 else 1  # noqa: PLR2004 – HTTP's own number
    except OSError:  # URLError is one
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
