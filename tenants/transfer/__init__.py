"""A church in one file, and back: its backup, and its way to another installation.

The file is a zip archive::

    manifest.json          what is in it: church, hosts, migrations, tables, sequences, digests
    tables/<name>.copy     every row of one table of the church's schema, in COPY's text format

Nothing else may lie in it. ``files/`` is the place for the church's uploaded files: whoever brings
them writes them there in ``exporting``, lists them in the manifest with size and digest, and reads
them back in ``importing``.

The rows of the public schema that belong to the church (its own row, its hosts) stand in the
manifest. Values that are encrypted stay so; the manifest can tell whether the keys are there.
"""

from .archive import ArchiveError
from .exporting import export_church
from .importing import import_church

__all__ = ["ArchiveError", "export_church", "import_church"]
