"""The second factor of signing in: codes by time (RFC 6238), and recovery codes.

``codes`` and ``challenges`` know the codes and the time between the two steps of a sign-in,
``requirement`` whose role must have one, ``domain`` has the doors.
"""
