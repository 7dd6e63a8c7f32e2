"""What an undo needs of a merge, as JSON.

``rows`` of tables are written with each field's own text form and read back with ``to_python``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


def value_of(instance: models.Model, column: models.Field[Any, Any]) -> Any:
    """The value of one column in a form that JSON knows."""
    value = column.value_from_object(instance)
    return value if value is None or isinstance(value, bool) else column.value_to_string(instance)


def values_of(instance: models.Model, *names: str) -> dict[str, Any]:
    """The columns of a row by ``attname``: those in ``names``, or all."""
    return {
        column.attname: value_of(instance, column)
        for column in _columns(type(instance))
        if not names or column.attname in names
    }


def python_values(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """``values`` as they were before ``values_of``; columns that the model has no more are left out."""
    columns = {column.attname: column for column in _columns(model)}
    return {name: columns[name].to_python(value) for name, value in values.items() if name in columns}


def _columns(model: type[models.Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if not column.generated]


@dataclass
class Snapshot:
    """``absorbed`` is the row of who went. ``before`` and ``after`` hold the survivor's fields that the
    merge changed. ``changes`` are rows elsewhere: an undo gives those in ``keys`` the values ``before``
    where they still have the values ``guard``. ``dropped`` are rows that are made again.
    """

    survivor_id: str
    absorbed: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def add_change(
        self, model: type[models.Model], keys: list[Any], guard: dict[str, Any], before: dict[str, Any]
    ) -> None:
        """Notes that the rows ``keys`` had ``before`` and now have ``guard``."""
        if keys:
            self.changes.append(
                {"model": model._meta.label_lower, "keys": keys, "guard": guard, "before": before}
            )

    def add_dropped(self, instance: models.Model) -> None:
        """Notes a row that the merge deletes."""
        self.dropped.append({"model": instance._meta.label_lower, "values": values_of(instance)})

    def text(self) -> str:
        return json.dumps(asdict(self), cls=DjangoJSONEncoder)

    @classmethod
    def of_text(cls, text: str) -> Snapshot:
        return cls(**json.loads(text))
