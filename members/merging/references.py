"""Everything in a church's tables that refers to a person, in whichever room it stands.

Foreign keys, one-to-one and many-to-many relations of every room, those above included, are found by
looking at the models. A column that holds a person's id without a foreign key cannot be found so: its
room names it with ``add_loose_reference`` in ``AppConfig.ready``, or in ``STAYING`` where it is meant to
go on naming who was absorbed. A test holds every such column against the two lists.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from core.fields import EncryptedTextField
from members.models import Member

# Columns that hold a person's id without a foreign key and follow the person: (model, column).
_loose: set[tuple[str, str]] = {("members.memberimportrow", "member_id")}
# Those that keep the id of who was absorbed, and why.
STAYING: dict[tuple[str, str], str] = {
    ("members.membermerge", "absorbed_id"): "it says who went",
    ("members.confidentialreading", "object_id"): "of a note or of details, which move",
    ("core.historyentry", "about"): "what happened to who was absorbed, happened to them",
    ("core.historyentry", "object_pk"): "the same",
}


@dataclass(frozen=True)
class Reference:
    """A column, ``attname``, of ``model`` that holds a person's id; ``name`` is the model's field."""

    model: type[models.Model]
    name: str
    attname: str

    def rows_about(self, member_id: uuid.UUID) -> Any:
        """The rows that refer to the person, without what lies encrypted in them."""
        return without_secrets(self.model).filter(**{self.attname: member_id})


def without_secrets(model: type[models.Model]) -> Any:
    """All rows of ``model``; what lies encrypted is left where it is until it is asked for."""
    return model._base_manager.defer(
        *(field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField))
    )


def add_loose_reference(model: str, column: str) -> None:
    """Says that ``column`` of ``model`` (``"chat.conversation"``) holds a person's id without being a
    foreign key, and follows the person when two are merged.
    """
    _loose.add((model.lower(), column))


def loose_references() -> set[tuple[str, str]]:
    """What was said with ``add_loose_reference``."""
    return set(_loose)


def references() -> Iterator[Reference]:
    """Every column that refers to a person, those of hidden relations and of tables between included."""
    for relation in Member._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            field: Any = relation.field  # type: ignore[union-attr]  # a relation from elsewhere has one
            yield Reference(field.model, field.name, field.attname)
    for label, column in sorted(_loose):
        yield Reference(apps.get_model(label), column, column)
