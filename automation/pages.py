"""Pages that people reach from their messages."""

from automation.consent.pages import urlpatterns

__all__ = ["urlpatterns"]
