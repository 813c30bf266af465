"""Notebooks in a `.zip`, read where they are: nothing is unpacked, so nothing can land elsewhere."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

LARGEST = 20 * 2**20  # bytes of a notebook
MOST = 100  # notebooks in one archive


class Unreadable(ValueError):  # noqa: N818 - says what the file is
    """This is nothing that can be graded; the message says why."""


def notebooks(archive: Path) -> list[str]:
    """The names of the files in an archive that are called `.ipynb`. Raises Unreadable."""
    with _opened(archive) as file:
        found = [name for name in _named(file) if name.endswith(".ipynb")]
    if not found:
        raise Unreadable("it has no notebook in it")
    if len(found) > MOST:
        raise Unreadable(f"it has {len(found)} notebooks in it; the most allowed are {MOST}")
    return sorted(found)


def read(archive: Path, name: str) -> bytes:
    """The bytes of one file in an archive. Raises Unreadable for what is no plain file of a sensible size."""
    with _opened(archive) as file:
        member = _named(file).get(name)
        if member is None:
            raise Unreadable("there is no such file in the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unreadable("it is a link, and links are not followed")
        try:
            with file.open(member) as inside:
                content = inside.read(LARGEST + 1)  # the size that the archive states may be a lie
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile, EOFError, ValueError) as error:
            raise Unreadable(f"it cannot be read from the archive ({error})") from None
    if len(content) > LARGEST:
        raise Unreadable(f"it unpacks to more than {LARGEST / 2**20:.0f} MB")
    return content


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"it is no archive that can be read ({error})") from None


def _named(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What is in an archive, as a path writes the names; without folders and what systems leave behind."""
    named = {PurePosixPath(member.filename): member for member in file.infolist() if not member.is_dir()}
    if any(path.is_absolute() or ".." in path.parts for path in named):
        raise Unreadable("there is a name in it that leads out of it")
    return {str(path): member for path, member in named.items() if not left_behind(path)}


def left_behind(path: PurePosixPath) -> bool:
    """Is this a copy that macOS or Jupyter made for itself?"""
    return bool({"__MACOSX", ".ipynb_checkpoints"} & set(path.parts)) or path.name.startswith("._")
