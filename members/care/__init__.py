"""The care for one person in one order: each room adds what it knows, shown to who may see it."""

from .chain import Link, linking, links_to
from .timeline import EVER, Moment, moments_of, source, sources_for

__all__ = ["EVER", "Link", "Moment", "linking", "links_to", "moments_of", "source", "sources_for"]
