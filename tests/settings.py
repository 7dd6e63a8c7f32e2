"""Settings of the tests: the project's own, on a PostgreSQL server of their own.

With DATABASE_URL set that server is used (its role needs CREATEDB); otherwise the embedded one,
made for this run, without waiting for the disk.
"""

import os
import sys
from pathlib import Path

from core.embedded_postgres import embedded_server
from tests.data_directory import data_directory

ROOT = Path(__file__).resolve().parent.parent

# Containers like to switch this off, and then each of the hundred processes that tests start compiles
# all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

os.environ.setdefault("SECRET_KEY", "tests-only-not-a-secret-0123456789-abcdefghijklmnop")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGVzdHMtb25seS1ub3QtYS1zZWNyZXQtMDEyMzQ1Njc=")
os.environ.setdefault("DEBUG", "off")
os.environ.setdefault("HTTPS", "off")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("VAR_DIR", str(ROOT / "var" / "tests"))
if not os.environ.get("DATABASE_URL"):
    POSTGRES = embedded_server(
        data_directory(ROOT),
        settings={
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "256MB",
            "max_connections": "300",
        },
        remove_at_exit=True,
    )
    os.environ["DATABASE_URL"] = POSTGRES.get_uri()

from churchsaas.settings import *  # noqa: E402, F403 - after the environment

MIDDLEWARE = [
    "tests.static_files.StaticFilesOnce" if name.startswith("whitenoise.") else name
    for name in MIDDLEWARE  # noqa: F405 - the project's, from above
]
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2PasswordHasher"]
