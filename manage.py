#!/usr/bin/env python
"""The command line of ChurchSaaS."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
    # Whatever the caller's environment says: what forks must not hold a pool of connections.
    os.environ["CHURCHSAAS_PROCESS"] = "command"
    # Deferred: Django must not be imported before the settings module is named.
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
