"""A folder of its own for work that is not finished."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import MediaError, NoSpace


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A folder beside the result, gone afterwards. Raises NoSpace or MediaError where nothing can be written."""
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=".cut-", suffix=".part", dir=parent))
        yield folder
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("The disk is full.", hint="Free some space, then start this step again.") from error
        raise MediaError(f"The result could not be written: {error.strerror}.", hint="") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
