"""The API's description (OpenAPI 3) and the pages that show it.

Both are public: they describe the program and hold nothing of any church.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from .permissions import PUBLIC
from .views import AreaView


@lru_cache(maxsize=8)
def description(language: str) -> Any:
    """The OpenAPI document with its texts in ``language``. Made once a process."""
    with translation.override(language):
        return SchemaGenerator(urlconf=spectacular_settings.SERVE_URLCONF).get_schema(
            request=None, public=True
        )


class DescriptionView(AreaView):
    """The OpenAPI document: JSON, or YAML where the client asks for it."""

    area = PUBLIC
    authentication_classes = ()
    renderer_classes = (OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2)
    schema = None

    def get(self, request: Request) -> Response:
        return Response(description(translation.get_language() or "en"))


class DocumentationView(AreaView, SpectacularSwaggerSplitView):
    """The description as pages on which it can be tried out; their script is a file of its own."""

    area = PUBLIC
    authentication_classes = ()
    url_name = "api-description"
    schema = None
