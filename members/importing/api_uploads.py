"""Files as they come in over the API, and what is said of them before anything is imported."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from core.api.serializers import Serializer
from core.rate_limits import count
from files.uploads import ALLOWANCE, UPLOAD_LIMIT

from .preview import Preview
from .reading import LARGEST_FILE


@extend_schema_field(
    {
        "type": "string",
        "description": "JSON object: name of a column -> field of a person (`address.city`, "
        "`custom_fields.shirt size` …), or null to ignore the column. Columns that are not named "
        "keep the meaning of their name.",
    }
)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object of texts and nulls, given as text."""

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        try:
            value = orjson.loads(data or "{}")
        except (orjson.JSONDecodeError, TypeError) as error:
            raise serializers.ValidationError(_("This is not JSON.")) from error
        if not isinstance(value, dict) or not all(isinstance(v, str | None) for v in value.values()):
            raise serializers.ValidationError(_("Give an object of column: field, or column: null."))
        return value

    def to_representation(self, value: Any) -> Any:
        return value


class FileSerializer(Serializer):
    """CSV of at most 20 MB and 100,000 rows: UTF-8, UTF-16, Windows-1252 or Mac OS Roman, any usual
    delimiter.
    """

    file = serializers.FileField(allow_empty_file=True)


class UploadSerializer(FileSerializer):
    """A file, and how it is to be read."""

    mapping = MappingField(required=False)
    external_key = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="Name of the column with the person's key in another system.",
    )
    dry_run = serializers.BooleanField(default=False, help_text="Says what would happen, saves nothing.")
    start_sequences = serializers.BooleanField(
        default=False,
        help_text="Whether new people, and who gets a tag, come into the sequences that this starts.",
    )


def refuse_large_body(request: Request) -> None:
    """Counts an upload, and looks at its size before it is read, so that nobody fills the disk with it."""
    count(UPLOAD_LIMIT, str(request.user.pk))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > LARGEST_FILE + ALLOWANCE:
        raise serializers.ValidationError({"file": [_("The file is larger than 20 MB.")]})


def uploaded(serializer_class: type[Serializer], request: Request) -> dict[str, Any]:
    """What was sent, checked."""
    upload = serializer_class(data=request.data)
    upload.is_valid(raise_exception=True)
    data: dict[str, Any] = upload.validated_data
    if data["file"].size > LARGEST_FILE:
        raise serializers.ValidationError({"file": [_("The file is larger than 20 MB.")]})
    return data


class PreviewColumnSerializer(Serializer):
    column = serializers.CharField()
    field = serializers.CharField(allow_null=True, help_text="What it would fill; null: ignored.")
    sample = serializers.ListField(child=serializers.CharField(), help_text="Three texts at most.")


class FilePreviewSerializer(Serializer):
    """``remembered``: the church has read a file with these columns before, and this is how."""

    detected = serializers.CharField(help_text="The system whose file it seems to be, or empty.")
    encoding = serializers.CharField()
    delimiter = serializers.ChoiceField(choices=["comma", "semicolon", "tab", "bar"])
    external_key = serializers.CharField(help_text="The column with the person's key, or empty.")
    remembered = serializers.BooleanField()
    columns = PreviewColumnSerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Columns without a field.")

    def to_representation(self, preview: Preview) -> dict[str, Any]:
        columns = [
            {
                "column": column.name,
                "field": next((name for name in column.fields if name != "external_key"), None)
                or next(iter(column.fields), None),
                "sample": preview.samples[column.position],
            }
            for column in preview.columns
        ]
        return {
            "detected": preview.detected,
            "encoding": preview.encoding,
            "delimiter": preview.delimiter,
            "external_key": preview.external_key,
            "remembered": preview.is_remembered,
            "columns": columns,
            "unknown": [column["column"] for column in columns if column["field"] is None],
        }


class ImportFieldSerializer(Serializer):
    """``field`` as in a mapping, what it is called, and among which it stands."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes it off the class
    group = serializers.CharField()


class ImportFieldsSerializer(Serializer):
    fields = ImportFieldSerializer(many=True)  # type: ignore[assignment]  # DRF takes it off the class
