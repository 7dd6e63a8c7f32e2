"""``manage.py make_bucket``: makes the bucket that AWS_STORAGE_BUCKET_NAME names, where there is none."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from files import objects
from files.stores.bucket import BucketStore

SECONDS_BETWEEN_ATTEMPTS = 2


class Command(BaseCommand):
    help = "Makes the bucket for uploaded files, where there is none. Does nothing where files lie on disk."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--wait", type=int, default=60, help="seconds to wait for the store to answer")

    def handle(self, *args: Any, wait: int, **options: Any) -> None:
        store = objects.store()
        if not isinstance(store, BucketStore):
            self.stdout.write("Files lie on disk.")
            return
        deadline = time.monotonic() + wait
        while True:
            try:
                made = store.make_bucket()
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"The store refuses: {error}") from error
                time.sleep(SECONDS_BETWEEN_ATTEMPTS)
            else:
                self.stdout.write("The bucket was made." if made else "The bucket is there.")
                return
