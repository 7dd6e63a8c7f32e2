"""The care for one person in one order: each room adds what it knows, shown to who may see it."""

from .chain import Link, linking, links_to
from .timeline import Moment, moments_of, source

__all__ = ["Link", "Moment", "linking", "links_to", "moments_of", "source"]
