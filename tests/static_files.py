"""Static files in tests: looked through once a process, not once for each client of a test."""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesOnce(WhiteNoiseMiddleware):
    """WhiteNoise as the project has it. Every test client loads the middleware anew, and looking through
    some 230 files takes longer than most requests.
    """

    _found: dict[str, Any] = {}

    def add_files_from_finders(self) -> None:
        if not self._found:
            super().add_files_from_finders()
            self._found.update(self.files)
        self.files.update(self._found)
