"""Uploaded files: on disk below VAR_DIR, or in a bucket that speaks S3; how large, how many."""

from typing import Any
from urllib.parse import urlsplit

from .base import VAR_DIR
from .environment import read

MEGABYTE = 1024 * 1024
LARGEST_UPLOAD = read("FILE_LARGEST_UPLOAD") * MEGABYTE
# By the plans of tenants.models.Church.
FILE_QUOTAS = {
    plan: read(f"FILE_QUOTA_{plan.upper()}") * MEGABYTE for plan in ("free", "standard", "premium")
}


def store(bucket: str) -> dict[str, Any]:
    """The store of files: the bucket of that name, or the disk where there is none."""
    if not bucket:
        return {
            "BACKEND": "files.stores.disk.DiskStore",
            "OPTIONS": {
                "location": VAR_DIR / "files",
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    return {
        "BACKEND": "files.stores.bucket.BucketStore",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": read("AWS_S3_ENDPOINT_URL") or None,
            "public_url": read("AWS_S3_PUBLIC_URL"),
            "region_name": read("AWS_S3_REGION_NAME") or None,
            # Without them boto3 looks where it always does: a role of the machine, for one.
            "access_key": read("AWS_ACCESS_KEY_ID") or None,
            "secret_key": read("AWS_SECRET_ACCESS_KEY") or None,
        },
    }


def store_origins(bucket: str, *, endpoint: str, region: str) -> list[str]:
    """From where browsers fetch files, besides the church's own host (origins of RFC 6454)."""
    if not bucket:
        return []
    if endpoint:
        address = urlsplit(endpoint)
        return [f"{address.scheme}://{address.netloc}"]
    # Amazon's names of a bucket: the old one, which us-east-1 still has, and that of a region.
    return [f"https://{bucket}.s3.amazonaws.com", f"https://{bucket}.s3.{region}.amazonaws.com"]


STORE_ORIGINS = store_origins(
    read("AWS_STORAGE_BUCKET_NAME"),
    endpoint=read("AWS_S3_PUBLIC_URL") or read("AWS_S3_ENDPOINT_URL"),
    region=read("AWS_S3_REGION_NAME"),
)
STORAGES = {
    "default": store(read("AWS_STORAGE_BUCKET_NAME")),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
