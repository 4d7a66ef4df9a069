#!/usr/bin/env python
"""Jishan's command line: `manage.py up` runs the whole site, `manage.py help` lists the rest."""

import os
import sys

from django.core.management import execute_from_command_line

from backend.config.installation import join_running_copy


def main() -> None:
    """Run one command, against the running copy when there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    if sys.argv[1:2] != ["up"]:
        join_running_copy(os.environ)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
