"""Settings of an installation whose church addresses include some that break."""

from churchsaas.settings import *  # noqa: F403 - all of them, with one difference

ROOT_URLCONF = "tests.core.urls_with_faults"
