"""`doclayout MODE key=value ...`: predict, crops, prelabel, convert, train, val, export, synth, bench, help.

Exit codes: 0 done; 1 some inputs failed, named on stderr, the rest done; 2 the command is wrong.
"""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doclayout.errors import DocLayoutError, InputError, SchemaError, UsageError
from doclayout.options import MODES, Mode, parse_options

if TYPE_CHECKING:
    from tqdm import tqdm

    from doclayout.region import PageError


_COUNTED = 200  # documents whose pages are counted before the first is done
_RUNS = ("threads", "half")  # of a model that predicts; training and `export` have their own `half`


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        return _run(words)
    except (UsageError, SchemaError) as error:
        print(f"doclayout: {error}", file=sys.stderr)
        return 2
    except (DocLayoutError, OSError) as error:  # those of the system are of what is written, reading has its own
        print(f"doclayout: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("doclayout: interrupted", file=sys.stderr)
        return 130


def _run(words: list[str]) -> int:
    if not words or words[0] in {"help", "-h", "--help"}:
        print(_help(words[1] if len(words) > 1 else None))
        return 0
    if words[0] in {"version", "--version"}:
        from doclayout import __version__

        print(__version__)
        return 0
    mode = _mode(words[0])
    if {"help", "-h", "--help"} & set(words[1:]):
        print(_help(mode.name))
        return 0
    try:
        options = parse_options(mode, words[1:])
    except UsageError as error:
        raise UsageError(f"{error} (see `doclayout help {mode.name}`)") from None
    return _COMMANDS[mode.name](options)


def _mode(name: str) -> Mode:
    if name not in MODES:
        near = difflib.get_close_matches(name, MODES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(MODES)}."
        raise UsageError(f"unknown mode {name!r}; {hint} See `doclayout help`.")
    return MODES[name]


def _help(name: str | None) -> str:
    """Describe one mode, or list all."""
    if name is None:
        lines = ["usage: doclayout MODE key=value ...", ""]
        lines += [f"  {mode.name:<8} {mode.summary}" for mode in MODES.values()]
        return "\n".join([*lines, "", "doclayout help MODE lists its keys."])
    mode = _mode(name)
    lines = [f"doclayout {mode.name} key=value ...", mode.summary, ""]
    for option in mode.options.values():
        default = " (required)" if option.required else _default(option.default)
        lines.append(f"  {option.name:<10} {option.text}{default}")
    return "\n".join(lines + ([mode.note] if mode.note else []))


def _default(value: Any) -> str:
    """Lay out a default as one would type it; nothing where the key is left out, which its text then tells."""
    if value is None or value == ():
        return ""
    text = ",".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
    return f" (default {text})"


def _model(options: dict[str, Any], *more: str) -> Any:
    """Make the model of `model`, `device` and more options, which are then gone from them."""
    from doclayout.model import DocLayoutModel

    weights = options.pop("model", None)
    return DocLayoutModel(weights, **{key: options.pop(key) for key in ("device", *more) if key in options})


def _predict(options: dict[str, Any]) -> int:
    """Write the results of each document as soon as it is done."""
    from doclayout.document import find_documents
    from doclayout.region import PageError
    from doclayout.saving import check_formats, make_folder, unique_stem

    source, save_dir, formats = options.pop("source"), options.pop("save_dir"), ("json", *options.pop("format"))
    check_formats(formats)
    paths = find_documents(source, without=save_dir)
    if _pictures_mix(source, paths, Path(save_dir).resolve(), formats):
        raise UsageError(f"save_dir={save_dir} is the source; pictures there would be documents of the next run")
    make_folder(save_dir)
    model, taken, counts, failed = _model(options, *_RUNS), set[str](), Counter[str](), False
    with _bar(lambda: paths, options) as bar:
        for document in model.predict_all(paths, progress=bar.update, **options):
            errors = list(document.errors)
            try:
                document.save(save_dir, formats, unique_stem(document.source, taken))
            except (InputError, OSError) as error:
                errors.append(PageError.of(None, error, "its results are not all written: "))
            counts.update(region.name for page in document.pages for region in page.regions)
            failed |= _complain([(document.source, error) for error in errors])
    print(_summary(counts, str(save_dir)))
    return int(failed)


def _pictures_mix(source: str, paths: Sequence[Path], save_dir: Path, formats: Sequence[str]) -> bool:
    """Tell whether pictures would be written among a folder's documents, or where they may replace one of a glob's.

    All pictures are PNGs, and those of a file that is named have other names than it.
    """
    from doclayout.document import typed_path

    typed = typed_path(source)
    if typed.is_file():
        return False
    if typed.resolve() == save_dir and not {"png", "crops", "html"}.isdisjoint(formats):
        return True
    folders = {path.parent.resolve() for path in paths if path.suffix.lower() == ".png"}
    crops = any(folder.parent == save_dir and folder.name.endswith("-crops") for folder in folders)
    return ("png" in formats and save_dir in folders) or ("crops" in formats and crops)


def _bar(find: Callable[[], Sequence[Path]], options: dict[str, Any]) -> tqdm[Any]:
    """Return a progress bar of pages, with their number where a terminal shows it and it is soon counted."""
    from tqdm import tqdm

    from doclayout.document import open_document

    total, pages, password = None, options["pages"], options.get("password")
    if sys.stderr.isatty() and len(paths := find()) <= _COUNTED:
        total = len(paths)  # one that cannot be opened is done at once, too
        for path in paths:
            with suppress(InputError), open_document(path, pages=pages, password=password) as document:
                total += len(document.numbers) - 1
    return tqdm(total=total, unit="page", disable=None, leave=False)


def _complain(failed: Sequence[tuple[str, PageError]]) -> bool:
    """Name what could not be read on stderr, above a progress bar that is there; tell whether there was any."""
    from tqdm import tqdm

    for document, error in failed:
        place = f" page {error.page}" if error.page else ""
        tqdm.write(f"doclayout: {document}{place}: {error.error}: {error.message}", file=sys.stderr)
    return bool(failed)


def _crops(options: dict[str, Any]) -> int:
    from doclayout.document import find_documents
    from doclayout.harvest import harvest

    model = _model(options, *_RUNS)
    with _bar(lambda: find_documents(options["source"], without=options["out"]), options) as bar:
        done = harvest(model, progress=bar.update, **options)
    print(_summary(done.counts, options["out"]))
    if done.total:
        print(f"  {done.total:>6}  in its index, with those of earlier runs")
    return int(_complain(done.failed))


def _summary(counts: Counter[str], save_dir: str) -> str:
    lines = [f"  {count:>6}  {name}" for name, count in counts.most_common()]
    return "\n".join([*lines, f"  {counts.total():>6}  regions in all, written to {save_dir}"])


def _prelabel(options: dict[str, Any]) -> int:
    from doclayout.convert.command import report
    from doclayout.convert.prelabel import prelabel
    from doclayout.document import find_documents

    model = _model(options, *_RUNS)
    with _bar(lambda: find_documents(options["source"]), options) as bar:
        found, failed = prelabel(model, progress=bar.update, **options)
    print(report(f"out: tasks for Label Studio, {options['out']}", found))
    return int(_complain(failed))


def _convert(options: dict[str, Any]) -> int:
    from doclayout.convert.command import run

    return run(options)


def _train(options: dict[str, Any]) -> int:
    print(_model(options).train(**options))
    return 0


def _val(options: dict[str, Any]) -> int:
    _model(options, *_RUNS).val(**options)
    return 0


def _export(options: dict[str, Any]) -> int:
    print(_model(options).export(**options))
    return 0


def _synth(options: dict[str, Any]) -> int:
    from synth.command import run

    return run(options)


def _bench(options: dict[str, Any]) -> int:
    from doclayout.bench import bench

    table, failed = bench(_model(options, *_RUNS), **options)
    print(table)
    return int(_complain(failed))


_COMMANDS: dict[str, Callable[[dict[str, Any]], int]] = {
    "predict": _predict, "crops": _crops, "prelabel": _prelabel, "convert": _convert, "train": _train, "val": _val,
    "export": _export, "synth": _synth, "bench": _bench,
}  # fmt: skip
