"""One site as text: what is written, what each release makes of it, and what a run would write or why it stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from codemod.codes import CODES
from codemod.outcome import ImageEntry, LeftAlone
from codemod.reports.stacks import chart_of, origin_of
from codemod.wording import plural, printable

if TYPE_CHECKING:
    from codemod.chain import Chain, Setting
    from codemod.explain import Explained, Found, Written
    from codemod.fleet import Stack

NAMED = 6
"""Releases that are named where more of them are the same."""
CHARTS = 3
"""Charts that are named where releases of several are the same."""
BLOCKS = 8
"""Groups of releases that are shown."""
NEAREST = 3
"""Sites that are named where none is."""
Row = tuple[str, ...]


def text(explained: Sequence[Explained], *, every: bool = False) -> str:
    """All sites, an empty line between them; `every` release has its own block then, not one for all that are alike."""
    return "\n".join("".join(f"{line}\n" for line in _site(one, every)) for one in explained)


def nothing(
    path: str, place: tuple[int, int | None], lines: int, found: Sequence[Found], parts: Sequence[Found]
) -> str:
    """What to say of a place where no site is: which images it is a part of, else which sites of the file are near."""
    line, column = place
    head = f"{path}:{line}" + ("" if column is None else f":{column}")
    if not 1 <= line <= lines:
        return f"{head}: the file has {plural(lines, 'line')}; name one of them"
    lead = f"{head}: no image and no pull policy Always here"
    if parts:
        more = f" and {len(parts) - NEAREST} more" if parts[NEAREST:] else ""
        return f"{lead}; it is a part of {', '.join(_at(one, one.site.path) for one in parts[:NEAREST])}{more}"
    if not found:
        return f"{lead}, nor elsewhere in this file; see `unfloat images`"
    nearest = sorted(found, key=lambda one: (abs(one.site.line - line), one.place))[:NEAREST]
    return f"{lead}; the nearest: {', '.join(_at(one, 'line') for one in sorted(nearest, key=lambda one: one.place))}"


def _at(one: Found, path: str) -> str:
    text = one.written.partition("\n")[0]
    return f"{path}{' ' if path == 'line' else ':'}{one.site.line}:{one.site.column} ({text})"


def _site(one: Explained, every: bool) -> Iterator[str]:
    site = one.found.site
    kind = one.kind.replace("-", " ")
    yield printable(f"{site.path}:{site.line}:{site.column}: {kind}, {site.surface} (transform {site.transform})")
    yield from _aligned([("written", one.found.written), *_images(one.entries)], "  ")
    groups = _groups(one.chains, every)
    shown = groups if every or len(groups) <= BLOCKS else groups[: BLOCKS - 1]
    for chains in shown:
        yield ""
        yield from _release(chains, one, every)
    if groups[len(shown) :]:
        rest = sum(map(len, groups[len(shown) :]))
        yield ""
        yield f"  and {plural(rest, 'more release')} in {len(groups) - len(shown)} more groups; `-v` shows every one"
    if not one.chains:
        yield ""
        yield from _unread(one)
    yield ""
    yield from _outcome(one)


def _images(entries: Iterable[ImageEntry]) -> Iterator[Row]:
    """The effective images, each once, with their status."""
    shown = dict.fromkeys(
        (entry.status, "unknown" if entry.reference is None else str(entry.reference)) for entry in entries
    )
    for number, (status, image) in enumerate(shown):
        yield ("" if number else "image", image, status)


def _groups(chains: Sequence[Chain], every: bool) -> list[list[Chain]]:
    """Chains that say the same, whatever their charts; first those that render an image, then the largest groups."""
    found: dict[object, list[Chain]] = {}
    for number, chain in enumerate(chains):
        here = chain.stack.layers[chain.layer : chain.layer + 1]
        said = (getattr(chain, name) for name in chain.__struct_fields__ if name not in ("stack", "layer"))
        found.setdefault(number if every else (here, *said), []).append(chain)
    groups = list(found.values())
    return groups if every else sorted(groups, key=lambda group: (not group[0].images, -len(group)))


def _release(chains: Sequence[Chain], one: Explained, every: bool) -> Iterator[str]:
    """The block of releases that are alike."""
    chain, stack = chains[0], chains[0].stack
    yield printable(f"  {_named(stack)}, {stack.kind}, {origin_of(stack)}")
    if chains[1:]:
        names = [_named(other.stack) for other in chains[1:]]
        more = ", …" if names[NAMED:] else ""
        yield printable(f"  and {len(names):,} more: {', '.join(names[:NAMED])}{more}")
    charts = list(dict.fromkeys(chart_of(other.stack) for other in chains))
    more = f" and {plural(len(charts) - CHARTS, 'more chart')}" if charts[CHARTS:] else ""
    rows: list[Row] = [("chart", ", ".join(charts[:CHARTS]) + more)]
    layers = [f"{number} of {len(stack.layers)}: {layer}" for number, layer in enumerate(stack.layers, 1)]
    if every:
        rows += [("" if number else "layers", layer) for number, layer in enumerate(layers)]
    elif one.kind != "change":
        places = {(other.layer, len(other.stack.layers)) for other in chains}
        rows.append(("layer", layers[chain.layer] if len(places) == 1 else str(stack.layers[chain.layer])))
    here = f"{one.found.site.path}:{one.found.site.line}"
    yield from _aligned([*rows, *_settings(chain, here), *_reading(chain)], "    ")


def _named(stack: Stack) -> str:
    return f"{stack.name} ({stack.environment})" if stack.environment else stack.name


def _settings(chain: Chain, here: str) -> Iterator[Row]:
    """Who sets what: for each key the layers that do, what counts first."""
    for keys in chain.keys:
        name = ".".join(map(str, keys))
        said = [setting for setting in chain.settings if setting.keys == keys]
        for number, setting in enumerate(said):
            value = "null" if setting.value is None else setting.value or '""'
            yield ("" if number else name, value, setting.place, _verdict(setting, here))
        if not said:
            yield (name, "not set")


def _verdict(setting: Setting, here: str) -> str:
    words = ["this line"] if setting.place == here else []
    if setting.value is None:
        words.append("removes what is below")
    elif not setting.wins:
        words.append("overridden")
    return ", ".join(words)


def _reading(chain: Chain) -> Iterator[Row]:
    """What the chart prints."""
    yield from _listed("renders", chain.images)
    if chain.is_read is None:
        return
    if not chain.is_read and not chain.is_unclear:
        yield ("renders", "nothing: the chart prints no image from these values")
        return
    yield from _listed("chart reads", chain.forms)
    if chain.forms:
        yield from _listed("with a digest", chain.digest_forms or ("the digest is ignored",))
    yield from _listed("tag also in", chain.uses)
    if chain.is_unclear:
        yield ("unclear", "the tag also goes into something that cannot be known without a cluster")


def _listed(label: str, texts: Sequence[str]) -> Iterator[Row]:
    for number, one in enumerate(texts):
        yield ("" if number else label, one)


def _unread(one: Explained) -> Iterator[str]:
    """What to say where no release reads the site as a value."""
    if not one.readers:
        yield "  No release reads it as a value: it counts as it is written."
        return
    names = [_named(stack) for stack in one.readers]
    more = ", …" if names[NAMED:] else ""
    yield printable(f"  Part of a chart that {plural(len(names), 'release')} render: {', '.join(names[:NAMED])}{more}")


def _outcome(one: Explained) -> Iterator[str]:
    """What a run does, or why it leaves the site."""
    for written in one.written:
        yield from _changed(written)
    for entry in one.left:
        yield from _left(entry)
    if not one.written and not one.left:
        yield "  A run changes nothing here."


def _changed(written: Written) -> Iterator[str]:
    change = written.change
    yield "  A run writes"
    pairs = zip(written.before, written.after, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    yield from (f"      {printable(line)}" for line in written.before[:same])
    yield from (f"    - {printable(line)}" for line in written.before[same:])
    yield from (f"    + {printable(line)}" for line in written.after[same:])
    if change.digest is not None:
        yield printable(f"    The digest of {change.image} comes from: {change.source}.")
    if change.unproven:
        yield "    Unproven: a chart that is not in this repository reads it."


def _left(entry: LeftAlone) -> Iterator[str]:
    code = CODES.get(entry.code)
    yield f"  Stays: {entry.code}" + (f" ({code.title})" if code is not None else "")
    if entry.message:
        yield printable(f"    {entry.message}")
    if entry.allowed_because is not None:
        yield printable(f"    {entry.allowed_because} ({entry.owner}, until {entry.expires})")
    if code is not None:
        yield f"    {code.why}"
        yield f"    What to do: {code.mend}"


def _aligned(rows: Sequence[Row], indent: str) -> Iterator[str]:
    """Rows with their columns aligned; what stands last in a row takes no room from other rows."""
    cells = [tuple(map(printable, row)) for row in rows]
    wide = max((len(row) for row in cells), default=0)
    widths = [max((len(row[i]) for row in cells if len(row) > i + 1), default=0) for i in range(wide)]
    for row in cells:
        padded = (f"{cell:<{widths[i]}}" if i + 1 < len(row) else cell for i, cell in enumerate(row))
        yield (indent + "  ".join(padded)).rstrip()
