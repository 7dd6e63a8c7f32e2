"""The platform's pages, for superusers: churches, their hosts, background jobs.

``churches`` registers nothing itself: the room that knows users does, because opening a church
takes an administrator.
"""

from . import churches, domains, jobs

__all__ = ["churches", "domains", "jobs"]
