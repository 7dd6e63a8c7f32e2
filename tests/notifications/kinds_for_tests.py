"""Kinds of facts that the tests tell: one for everybody, an urgent one, and one for administrators."""

from __future__ import annotations

from notifications.kinds import Kind, kinds, register

NEWS, URGENT, SECRET = "tests.news", "tests.urgent", "tests.secret"


def name_kinds() -> None:
    register(Kind(NEWS, "News", lambda data: f"News: {data['what']}"))
    register(Kind(URGENT, "Alarm", lambda data: f"Alarm: {data['what']}", is_urgent=True))
    register(Kind(SECRET, "Secret", lambda data: f"Secret: {data['what']}", permission="users:read"))


def forget_kinds() -> None:
    for name in (NEWS, URGENT, SECRET):
        kinds.pop(name, None)
