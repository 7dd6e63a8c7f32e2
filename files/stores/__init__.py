"""Where the bytes lie: on disk, or in a bucket that speaks S3.

Both are django-storages' or Django's own storage with what they lack: listing with ages, removing all below
a prefix, and, for the bucket, addresses that browsers can reach.
"""
