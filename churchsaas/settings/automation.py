"""Sending messages to people: portions, claims and repeats."""

from django.core.exceptions import ImproperlyConfigured

from .environment import read
from .jobs import JOB_TIMEOUT

# How many one job takes before it goes to the end of the queue. Large enough that taking and checking them
# costs little beside sending them, small enough that another church waits for a second at most.
MESSAGES_AT_ONCE = read("MESSAGES_AT_ONCE")
# How long whoever took a message may leave it without a sign of life. Longer than one message can take at
# worst (connecting, signing in, four answers of EMAIL_TIMEOUT and one of EMAIL_CONTENT_TIMEOUT): one that
# is still under way then is taken for interrupted.
MESSAGE_LEASE = read("MESSAGE_LEASE")
# The first wait after a temporary error; the second and the third are five times as long as the one before.
MESSAGE_RETRY = read("MESSAGE_RETRY")
# A job begins no further message after that long: so the last one ends before JOB_TIMEOUT ends the job, and a
# worker that is told to stop (SIGTERM) is not killed over it.
MESSAGES_SECONDS = min(20.0, JOB_TIMEOUT / 3)

if min(MESSAGES_AT_ONCE, MESSAGE_LEASE, MESSAGE_RETRY) < 1:
    raise ImproperlyConfigured("MESSAGES_AT_ONCE, MESSAGE_LEASE and MESSAGE_RETRY are 1 or more.")
