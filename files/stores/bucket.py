"""Files in a bucket that speaks S3: Amazon's own, or a store of one's own behind the same protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

DELETED_AT_ONCE = 1_000


class BucketError(Exception):
    """The store has kept objects that it was told to delete."""


class BucketStore(S3Storage):
    """Addresses are presigned (AWS Signature Version 4), for ``public_url`` where browsers know the store
    by another name than this program.
    """

    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "public_url": ""}

    def __init__(self, **options: Any) -> None:
        # Names of stores of one's own have no certificate for one host a bucket.
        style = "path" if options.get("endpoint_url") else "virtual"
        config = Config(
            s3={"addressing_style": style},
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            # Newer checksums than other makers' stores know.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**{"client_config": config, **options})

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        # Whoever gets at an object otherwise than by our addresses saves it, too.
        return {**super().get_object_parameters(name), "ContentDisposition": "attachment"}

    @cached_property
    def _public_client(self) -> Any:
        client = self.connection.meta.client
        if not self.public_url:
            return client
        session = self._create_session()
        return session.client(
            "s3", region_name=self.region_name, endpoint_url=self.public_url, config=self.client_config
        )

    def presigned(self, key: str, *, seconds: int, disposition: str, content_type: str) -> str:
        """An address that is good for ``seconds`` and answers with these headers."""
        parameters = {
            "Bucket": self.bucket_name,
            "Key": key,
            "ResponseContentDisposition": disposition,
            "ResponseContentType": content_type,
            "ResponseCacheControl": f"private, max-age={seconds}",
        }
        url: str = self._public_client.generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=seconds
        )
        return url

    def entries(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Every object below ``prefix`` with when it was written."""
        pages = self.connection.meta.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix):
            for entry in page.get("Contents", ()):
                yield entry["Key"], entry["LastModified"]

    def delete_many(self, keys: list[str]) -> None:
        """Raises BucketError when some of them are still there."""
        for start in range(0, len(keys), DELETED_AT_ONCE):
            objects = [{"Key": key} for key in keys[start : start + DELETED_AT_ONCE]]
            answer = self.connection.meta.client.delete_objects(
                Bucket=self.bucket_name, Delete={"Objects": objects, "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise BucketError(f"{len(errors)} objects were not deleted: {errors[0].get('Code')}")

    def make_bucket(self) -> bool:
        """Makes the bucket; False where it is there. Raises ClientError, BotoCoreError."""
        client = self.connection.meta.client
        try:
            client.head_bucket(Bucket=self.bucket_name)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
        else:
            return False
        # Amazon's first region has no name here.
        elsewhere = self.region_name not in (None, "us-east-1")
        place = {"CreateBucketConfiguration": {"LocationConstraint": self.region_name}} if elsewhere else {}
        client.create_bucket(Bucket=self.bucket_name, **place)
        return True

    def forget(self, prefix: str) -> None:
        """A bucket has no folders that would be left."""
