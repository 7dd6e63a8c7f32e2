"""Bases of the API's views: a few declarative lines make an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import exceptions, generics, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import context
from core.network import address_bucket, client_address
from core.rate_limits import Limit, count

from .filters import Filters, Ordering
from .fixed_lists import FixedRows, FixedStatements
from .idempotency import creates
from .permissions import PUBLIC
from .renderers import JSONRenderer
from .rows import RowReader

Rows = list[dict[str, Any]]

ANONYMOUS_LIMIT = Limit("anonymous", 100, 15 * 60)
# What a list may be asked without being filtered.
SHAPING_PARAMETERS = {"page", "page_size", "ordering", "format"}
USER_LIMIT = Limit("user", 3_000, 15 * 60)


@contextmanager
def gone_is_absent() -> Iterator[None]:
    """What another request deleted between finding and locking it answers 404."""
    try:
        yield
    except ObjectDoesNotExist as error:
        raise exceptions.NotFound from error


class AreaView(APIView):
    """A view that says to which area of the permission table it belongs.

    ``area`` is an area of the table, or ``PUBLIC`` or ``SIGNED_IN``; a class without one cannot be
    made. ``permission_actions`` maps a DRF action or an HTTP method to the action it needs where
    the method alone would say it wrong: ``{"tag": "write"}``, or in full where the action belongs to
    another area: ``{"create": "settings:write"}``.
    """

    area: ClassVar[str]
    permission_actions: ClassVar[dict[str, str]] = {}
    limits_anonymous: ClassVar[Limit | None] = ANONYMOUS_LIMIT
    # For the API's description: answers besides those that every view of its kind gives.
    further_statuses: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and not getattr(cls, "area", ""):
            raise ImproperlyConfigured(f"{cls.__qualname__} declares no area of the permission table.")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        context.origin.set("api")
        # The form of the answer comes first, so that refusals go out in it too; then counting, so
        # that bad tokens cannot be tried without limit; permission last.
        self.format_kwarg = self.get_format_suffix(**kwargs)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = None, None
        try:
            self.perform_authentication(request)
        except exceptions.APIException:
            self.count_anonymous(request)
            raise
        if request.user and request.user.is_authenticated:
            context.act_as(request.user)
            count(USER_LIMIT, str(request.user.pk))
        else:
            self.count_anonymous(request)
        self.check_permissions(request)

    def get_authenticate_header(self, request: Request) -> str:
        # Also where nobody is asked for a token, as at sign-in: without it DRF makes a 401 a 403.
        return 'Bearer realm="api"'

    def count_anonymous(self, request: Request) -> None:
        if self.limits_anonymous is not None:
            count(self.limits_anonymous, address_bucket(client_address(request)))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        # Answers depend on who asks; no cache between may keep them.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class GenericAreaView(AreaView, generics.GenericAPIView, abstract=True):
    """For endpoints with a serializer that are no collection."""


class AreaViewSet(AreaView, viewsets.ModelViewSet, abstract=True):
    """A collection with list, create, retrieve, update and destroy.

    A subclass gives ``area``, ``queryset`` or ``get_queryset``, ``serializer_class``, and the doors
    in ``perform_create``, ``perform_update`` and ``perform_destroy``. Fetching goes through
    ``get_queryset``, so what is absent and what may not be seen answer the same 404.
    """

    filter_backends = [Filters, Ordering]
    ordering_fields: ClassVar[list[str]] = []
    lookup_value_converter = "uuid"
    reads_rows: ClassVar[bool] = False
    # Where ``get_queryset`` is the same for everybody: without filters, statements are made once.
    is_fixed_list: ClassVar[bool] = False
    _row_reader: ClassVar[RowReader | None] = None
    _fixed_statements: ClassVar[FixedStatements]

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        cls._fixed_statements = FixedStatements()

    @classmethod
    def row_reader(cls) -> RowReader:
        # In the class's own namespace: a subclass with another serializer needs its own reader.
        reader = cls.__dict__.get("_row_reader")
        if reader is None:
            serializer_class: Any = cls.serializer_class
            reader = RowReader(serializer_class)
            cls._row_reader = reader
        return reader

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self._is_whole_list(request):
            return self._page_of_all(request)
        return self.page_of(self.filter_queryset(self.get_queryset()))

    def _is_whole_list(self, request: Request) -> bool:
        """Whether everybody may ask just this, and is answered by the same statement."""
        if not self.is_fixed_list or not request.query_params.keys() <= SHAPING_PARAMETERS:
            return False
        terms = request.query_params.get("ordering", "")
        return all(
            term.strip().removeprefix("-") in self.ordering_fields for term in terms.split(",") if term
        )

    def _page_of_all(self, request: Request) -> Response:
        reader = self.row_reader()
        fixed: Any = FixedRows(
            self._fixed_statements,
            lambda *further: reader.tuples(self.filter_queryset(self.get_queryset()), *further),
            request.query_params.get("ordering"),
        )
        rows = self.shown_rows(reader.rows(self.paginate_queryset(fixed) or []))
        return self.get_paginated_response(rows)

    def page_of(self, queryset: Any) -> Response:
        """One page of ``queryset`` in the form of every list."""
        if self.reads_rows:
            reader = self.row_reader()
            rows = self.shown_rows(reader.rows(self.paginate_queryset(reader.tuples(queryset)) or []))
        else:
            rows = self.get_serializer(self.paginate_queryset(queryset), many=True).data
        return self.get_paginated_response(rows)

    def shown_rows(self, rows: Rows) -> Rows:
        """Rows that were read as columns, as whoever asks may see them; a subclass takes away the rest."""
        return rows

    @creates
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic(), gone_is_absent():
            return super().update(request, *args, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic(), gone_is_absent():
            return super().destroy(request, *args, **kwargs)


class NotFoundView(AreaView):
    """Answers every address below /api/ that nothing else answers."""

    area = PUBLIC
    authentication_classes = ()
    renderer_classes = (JSONRenderer,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound(_("There is nothing at this address."))
