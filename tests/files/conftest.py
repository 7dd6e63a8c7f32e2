"""Both stores, and files to put into them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.context import enter_church

STORES = ["disk", "bucket"]


@pytest.fixture
def on_disk(settings: Any, tmp_path: Path) -> Path:
    """Files lie in a folder of this test's own."""
    folder = tmp_path / "files"
    disk = {"BACKEND": "files.stores.disk.DiskStore", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": disk}
    return folder


@pytest.fixture
def in_bucket(settings: Any, s3_url: str) -> Any:
    """Files lie in a bucket of this test's own; the fixture is boto3's client of its store."""
    import boto3

    name = f"files-{uuid.uuid4().hex}"
    keys = {"region_name": "us-east-1", "endpoint_url": s3_url}
    client = boto3.client("s3", aws_access_key_id="key", aws_secret_access_key="secret", **keys)
    client.create_bucket(Bucket=name)
    options = {"bucket_name": name, "access_key": "key", "secret_key": "secret", **keys}
    bucket = {"BACKEND": "files.stores.bucket.BucketStore", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": bucket}
    return client


@pytest.fixture(params=STORES)
def either_store(request: pytest.FixtureRequest) -> str:
    """Once with files on disk, once with files in a bucket."""
    request.getfixturevalue({"disk": "on_disk", "bucket": "in_bucket"}[request.param])
    return str(request.param)


@pytest.fixture
def keys() -> Callable[[], list[str]]:
    """``keys()``: the keys of all that lies in the store, whoever's it is."""
    from files import objects

    return lambda: sorted(key for key, _written in objects.store().entries(""))


@pytest.fixture
def in_grace(grace: Any) -> Iterator[Any]:
    with enter_church(grace):
        yield grace
