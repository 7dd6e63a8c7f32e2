"""What a file seems to be, for somebody to look at before anything is imported."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from accounts.models import User
from members.custom_fields.columns import field_named
from members.models import CustomField

from .cells import without_escape
from .columns import CUSTOM, Column, guessed_columns
from .known_headers import folded_column, system_of
from .mappings import kept_mapping
from .own_fields import keys_by_name, own_fields
from .reading import DELIMITER_NAMES, ENCODING_NAMES, Layout, layout_of, rows_of

SAMPLES = 3
# Rows that are looked through for samples; a column may be empty at the beginning.
ROWS_LOOKED_AT = 200
LONGEST_SAMPLE = 60


@dataclass(frozen=True)
class Preview:
    """``detected`` names the system that wrote the file, or is empty. ``columns`` are with the fields that
    they seem to fill and ``samples`` by position; ``external_key`` is the column that seems to hold the
    person's key. ``is_remembered``: the church has read a file with these columns before, and this is how.
    """

    layout: Layout
    detected: str
    columns: list[Column]
    samples: dict[int, list[str]]
    external_key: str
    is_remembered: bool

    @property
    def encoding(self) -> str:
        return ENCODING_NAMES[self.layout.encoding]

    @property
    def delimiter(self) -> str:
        return DELIMITER_NAMES[self.layout.delimiter]


def preview_of(content: bytes, *, user: User) -> Preview:
    """Looks at the beginning of a file, for ``user``. Raises ValidationError (``file``)."""
    layout = layout_of(content)
    system = system_of(layout.header)
    kept = kept_mapping(layout.header)
    by_name = {folded_column(name): name for name in layout.header}
    if kept is not None:
        mapping, external_key = kept.mapping, kept.external_key
    else:
        mapping, external_key = {}, by_name.get(folded_column(system.key), "") if system else ""
    own = own_fields(user)
    columns = guessed_columns(
        layout.header, mapping=mapping, external_key=external_key, own_fields=keys_by_name(own)
    )
    for column in columns:
        column.fields = [_by_key(target, own) for target in column.fields]
    return Preview(
        layout=layout,
        detected=system.name if system else "",
        columns=columns,
        samples=_samples(content, layout),
        external_key=external_key,
        is_remembered=kept is not None,
    )


def _by_key(target: str, own: list[CustomField]) -> str:
    """``custom_fields.Shoe size`` of a mapping that was kept before the field was defined, by its key."""
    found = field_named(target.removeprefix(CUSTOM), own) if target.startswith(CUSTOM) else None
    return f"{CUSTOM}{found.key}" if found else target


def _samples(content: bytes, layout: Layout) -> dict[int, list[str]]:
    """Position -> the first texts that stand in the column, each once."""
    found: dict[int, list[str]] = {position: [] for position in range(len(layout.header))}
    for _row, cells in islice(rows_of(content, layout), ROWS_LOOKED_AT):
        for position, cell in enumerate(cells[: len(layout.header)]):
            text = " ".join(without_escape(cell).split())[:LONGEST_SAMPLE]
            if text and len(found[position]) < SAMPLES and text not in found[position]:
                found[position].append(text)
    return found
