"""What is undone when a transaction is, and what is held until it ends."""

from __future__ import annotations

import time

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from tenants.context import enter_church
from tenants.models import Church
from tenants.transactions import hold, on_rollback
from tests.parallel import at_once


def test_a_rollback_undoes_what_came_before_it_and_nothing_else(own_database):
    undone = []
    with transaction.atomic():
        on_rollback(lambda: undone.append("kept"))
        with transaction.atomic():
            on_rollback(lambda: undone.append("inner"))
            with transaction.atomic():
                on_rollback(lambda: undone.append("innermost"))
            transaction.set_rollback(True)
        assert undone == ["inner", "innermost"]
    assert undone == ["inner", "innermost"]
    with transaction.atomic():
        on_rollback(lambda: undone.append("whole"))
        transaction.set_rollback(True)
    assert undone == ["inner", "innermost", "whole"]


def test_a_connection_that_is_closed_within_a_transaction_undoes_too(own_database):
    undone = []

    @transaction.atomic
    def lose_the_connection():
        on_rollback(lambda: undone.append(1))
        connection.close()
        Church.objects.count()

    with pytest.raises(DatabaseError):
        lose_the_connection()
    assert undone == [1]


def test_what_fails_while_undoing_hides_nothing(own_database, caplog):
    def fail():
        raise ConnectionError

    undone = []
    with transaction.atomic():
        on_rollback(fail)
        on_rollback(lambda: undone.append(1))
        transaction.set_rollback(True)
    assert undone == [1]
    assert "undoing after a rollback failed" in caplog.text


def test_nothing_is_undone_where_the_commit_may_have_happened(own_database, monkeypatch):
    undone = []

    def lose():
        connection.connection.commit()
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "_commit", lose)
    with pytest.raises(OperationalError), transaction.atomic():
        on_rollback(lambda: undone.append(1))
    assert undone == []


def test_one_holds_a_name_until_the_transaction_ends(own_database):
    grace, hope = (Church.objects.get(subdomain=name) for name in ("grace", "hope"))
    holding = []

    def work(church):
        with enter_church(church), transaction.atomic():
            hold("something")
            holding.append(church.subdomain)
            time.sleep(0.05)
            most = holding.count(church.subdomain)
            holding.remove(church.subdomain)
            return most

    assert at_once(*[lambda: work(grace)] * 4, *[lambda: work(hope)] * 4) == [1] * 8
