"""A church in one file, and back: its backup, and its way to another installation.

The file is a zip archive::

    manifest.json          what is in it: church, hosts, migrations, tables, sequences, digests
    tables/<name>.copy     every row of one table of the church's schema, in COPY's text format
    files/<name>           the bytes of one uploaded file

Nothing else may lie in it. The manifest lists each table and file with its size and digest. Which files
there are, the room above knows that has named itself with ``carry_files``.

The rows of the public schema that belong to the church (its own row, its hosts) stand in the
manifest. Values that are encrypted stay so; the manifest can tell whether the keys are there.
"""

from .archive import ArchiveError
from .carrying import Carrier, carry_files
from .exporting import export_church
from .importing import import_church

__all__ = ["ArchiveError", "Carrier", "carry_files", "export_church", "import_church"]
