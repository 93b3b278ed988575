"""Label files read, with errors that name them, and output that is there as a whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ElementTree, ParseError, indent

import yaml
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from doclayout.errors import LabelFileError, UsageError


def check_size(size: int) -> None:
    """Raise a `UsageError` for a long side of drawn pages that is out of range."""
    if not 16 <= size <= 16384:  # squares beyond that are not drawn
        raise UsageError(f"size={size} must be from 16 to 16384 pixels")


def locate(source: Path, name: str, what: str) -> Path:
    """Return the label file: the source, or the file of that name where the source is a folder.

    Raises:
        LabelFileError: there is none.
    """
    path = source / name if source.is_dir() else source
    if not path.is_file():
        raise LabelFileError(f"source={source}: there is no {path}; give {what}")
    return path


def read_json(path: Path, what: str) -> Any:
    """Read a JSON file.

    Raises:
        LabelFileError: it cannot be read, or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LabelFileError(f"{path} is not {what}: {error}") from error


def read_yaml(path: Path, what: str) -> dict[str, Any]:
    """Read a YAML file of keys and values.

    Raises:
        LabelFileError: it cannot be read, or is not such YAML.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise LabelFileError(f"{path} is not {what}: {error}") from error
    if not isinstance(data, dict):
        raise LabelFileError(f"{path} is not {what}: it holds no keys")
    return data


def read_xml(path: Path, root: str, what: str) -> Element:
    """Read an XML file without expanding entities.

    Raises:
        LabelFileError: it cannot be read, is not XML, or has another root element.
    """
    try:
        element: Element | None = parse(path).getroot()
    except (OSError, ParseError, DefusedXmlException, ValueError) as error:
        raise LabelFileError(f"{path} is not {what}: {error}") from error
    if element is None or element.tag != root:
        raise LabelFileError(f"{path} is not {what}: its root is not <{root}>")
    return element


def write_xml(path: Path, element: Element) -> None:
    """Write an indented XML file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    indent(element)
    ElementTree(element).write(path, encoding="utf-8", xml_declaration=True)


@contextmanager
def placing(folder: Path) -> Iterator[Path]:
    """Give an empty folder whose entries are moved into another one where all goes well, and are gone where not.

    Raises:
        UsageError: an entry is there already, or the folder cannot be made or written to.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error}") from error
    try:
        yield part
        entries = sorted(part.iterdir(), key=lambda entry: entry.is_file())  # label files last, after their pages
        there = [entry.name for entry in entries if (folder / entry.name).exists()]
        if there:
            raise UsageError(f"{folder} already holds {', '.join(there)}; give another place, or move them away")
        for entry in entries:
            entry.rename(folder / entry.name)
    finally:
        shutil.rmtree(part)
        for path in made:
            if not any(path.iterdir()):
                path.rmdir()
