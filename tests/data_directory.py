"""Where the tests' PostgreSQL keeps its data: in memory, where there is room.

A copy of the template database is 800 small files. Making them takes half a second of CPU on a disk's
file system and a thirtieth of that in memory, and a run of all tests makes some three hundred copies.
"""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path

MEMORY = Path("/dev/shm")
# A run needs a quarter of it. Containers often have 64 MB there.
BYTES_NEEDED = 2 * 1024**3


def data_directory(checkout: Path) -> Path:
    """The directory for tests run from ``checkout``; TEST_POSTGRES_DIR names another."""
    if chosen := os.environ.get("TEST_POSTGRES_DIR"):
        return Path(chosen)
    in_memory = MEMORY / f"churchsaas-tests-{sha256(str(checkout).encode()).hexdigest()[:12]}" / "postgres"
    # One that exists is that of a run under way, or of one that was killed.
    if in_memory.exists() or (MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > BYTES_NEEDED):
        return in_memory
    return checkout / "var" / "test-postgres"
