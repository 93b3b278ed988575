"""Find and name the parts of electronic-component datasheet pages.

    from doclayout import DocLayoutModel
    document = DocLayoutModel().predict("datasheet.pdf")

Names are imported when they are used, so that `import doclayout` is fast and needs neither torch nor ultralytics.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from doclayout import errors as errors
    from doclayout.layout import Document as Document
    from doclayout.layout import Page as Page
    from doclayout.layout import Region as Region
    from doclayout.model import DocLayoutModel as DocLayoutModel

__version__ = "0.1.0"
_HOME = {"DocLayoutModel": "model", "Document": "layout", "Page": "layout", "Region": "layout"}
__all__ = ["DocLayoutModel", "Document", "Page", "Region", "errors"]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name == "errors":
        return import_module("doclayout.errors")
    if name not in _HOME:
        raise AttributeError(f"module 'doclayout' has no attribute {name!r}")
    return getattr(import_module(f"doclayout.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
