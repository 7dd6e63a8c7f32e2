"""Where files are kept, and from where pages may show pictures."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from churchsaas.settings.files import store, store_origins


def test_without_a_bucket_files_lie_on_disk_for_the_program_alone():
    disk = store("")
    assert disk["BACKEND"].endswith("DiskStore")
    assert disk["OPTIONS"]["file_permissions_mode"] == 0o600
    assert store("ours")["OPTIONS"]["bucket_name"] == "ours"


@pytest.mark.parametrize(
    ("bucket", "endpoint", "origins"),
    [
        ("", "http://store:8333", []),
        ("ours", "https://files.example.org:8443/path", ["https://files.example.org:8443"]),
        ("ours", "", ["https://ours.s3.amazonaws.com", "https://ours.s3.eu-central-1.amazonaws.com"]),
    ],
)
def test_pictures_may_come_from_the_store_and_from_nowhere_else(bucket, endpoint, origins):
    assert store_origins(bucket, endpoint=endpoint, region="eu-central-1") == origins


def test_the_policy_of_the_pages_names_no_other_host(settings):
    allowed = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"]
    assert allowed == ["'self'", "data:", "blob:"]


def test_the_bucket_is_made_once(in_bucket, settings, capsys):
    options = settings.STORAGES["default"]["OPTIONS"]
    other = {
        "BACKEND": "files.stores.bucket.BucketStore",
        "OPTIONS": {**options, "bucket_name": "churchsaas"},
    }
    settings.STORAGES = {**settings.STORAGES, "default": other}
    for _ in range(2):
        call_command("make_bucket", wait=0)
    assert capsys.readouterr().out.splitlines() == ["The bucket was made.", "The bucket is there."]


def test_a_disk_needs_no_bucket(on_disk, capsys):
    call_command("make_bucket", wait=0)
    assert capsys.readouterr().out == "Files lie on disk.\n"
