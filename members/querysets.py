"""Reads of people that more than one place uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from .search import VECTOR, query_for

if TYPE_CHECKING:
    from .models import Member


class MemberQuerySet(models.QuerySet["Member"]):
    def matching(self, text: str) -> MemberQuerySet:
        """People of whom every word of ``text`` begins some word; nobody when it has no word."""
        query = query_for(text)
        if query is None:
            return self.none()
        return self.alias(search_vector=VECTOR).filter(search_vector=query)

    def tagged(self, *tags: str) -> MemberQuerySet:
        """People who have all of ``tags``."""
        return self.filter(tags__contains=list(tags))
