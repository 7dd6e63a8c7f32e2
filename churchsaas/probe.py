"""``python -m churchsaas.probe [PORT]``: status 0 when the process on this machine's PORT is healthy.

For containers: the program answers on its own host name alone, which a plain request would not say.
"""

from __future__ import annotations

import os
import sys

from churchsaas.supervision import answers


def main(arguments: list[str]) -> int:
    port = arguments[0] if arguments else os.environ.get("PORT") or "8000"
    healthy = answers(int(port), "/healthz", host=os.environ.get("BASE_DOMAIN") or "localhost")
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
