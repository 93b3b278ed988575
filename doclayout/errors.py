"""One exception tree; every message says what was wrong, with which value, and what to do.

DocLayoutError
├── UsageError                an option, its value or their combination is wrong (exit code 2)
│   └── MissingExtraError     a package that is only installed with an extra, and is not
├── InputError                one input cannot be read; a batch records it and goes on (exit code 1)
│   ├── SourceNotFoundError   no such file or folder, or a glob without matches
│   ├── EmptyFileError        zero bytes
│   ├── NotADocumentError     neither a PDF nor an image of a known format
│   ├── DamagedFileError      a PDF or image that is truncated or broken
│   ├── NoPagesError          a PDF without pages, or a folder without documents
│   ├── PasswordError         an encrypted PDF, without its password or with a wrong one
│   ├── PageRangeError        a page selection outside the document, or one that does not parse
│   └── PageSizeError         a page too large to render, or without area
├── WeightsError              a weights file that is missing, broken or of an unknown kind
├── SchemaError               an unknown class list, class or mapping (exit code 2)
├── DatasetError              a data set that does not match its description
│   ├── LabelFileError        a label file that is not of its format
│   ├── MissingImageError     a label file names an image that is not there, or one that cannot be read
│   ├── BoxError              a box outside its page, without area, or not upright
│   ├── DuplicateError        two pages, classes or boxes with one id or name
│   └── UnknownClassError     a class that the class list does not have
├── ModelError                a model YAML that cannot be built
├── TeacherError              a teacher that its student cannot learn from
├── ExportError               an export format that cannot be written here
└── SynthError                a synthesis run that cannot start or go on
"""

from __future__ import annotations


class DocLayoutError(Exception):
    """Root of the errors that this package raises on purpose."""


class UsageError(DocLayoutError):
    """An option, its value or a combination of options is wrong."""


class MissingExtraError(UsageError):
    """What was asked for needs a package that is only installed with an extra, and is not."""

    def __init__(self, what: str, extra: str):
        super().__init__(f"{what} needs packages that are not installed; run: pip install 'doclayout[{extra}]'")


class InputError(DocLayoutError):
    """One input cannot be read; a batch records it and goes on."""


class SourceNotFoundError(InputError):
    """No such file or folder, or a glob without matches."""


class EmptyFileError(InputError):
    """A file of zero bytes."""


class NotADocumentError(InputError):
    """Neither a PDF nor an image of a known format."""


class DamagedFileError(InputError):
    """A PDF or an image that is truncated or broken."""


class NoPagesError(InputError):
    """A PDF without pages, or a folder without documents."""


class PasswordError(InputError):
    """An encrypted PDF, opened without its password or with a wrong one."""


class PageRangeError(InputError):
    """A page selection outside the document, or one that does not parse."""


class PageSizeError(InputError):
    """A page too large to render, or without area."""


class WeightsError(DocLayoutError):
    """A weights file that is missing, broken or of an unknown kind."""


class SchemaError(DocLayoutError):
    """An unknown class list, class or mapping."""


class DatasetError(DocLayoutError):
    """A data set that does not match its description."""


class LabelFileError(DatasetError):
    """A label file that is not of its format."""


class MissingImageError(DatasetError):
    """A label file names an image that is not there, or one that cannot be read."""


class BoxError(DatasetError):
    """A box outside its page, without area, or not upright."""


class DuplicateError(DatasetError):
    """Two pages, classes or boxes with one id or name."""


class UnknownClassError(DatasetError):
    """A class that the class list does not have."""


class ModelError(DocLayoutError):
    """A model YAML that cannot be built."""


class TeacherError(DocLayoutError):
    """A teacher that its student cannot learn from."""


class ExportError(DocLayoutError):
    """An export format that cannot be written here."""


class SynthError(DocLayoutError):
    """A synthesis run that cannot start or go on."""
