"""How one release comes to an image: which layer sets which part of it, and what the chart makes of that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from codemod.charts.functions.printing import go_print
from codemod.fleet import Fleet, Reading, Stack
from codemod.fleet.families import PLAIN, Family, partners_of, tag_family
from codemod.fleet.merge import Leaf
from codemod.fleet.scalars import Plain, read_scalar
from codemod.fleet.stack import Layer
from codemod.fleet.values import Reader, find
from codemod.formats import yaml
from codemod.source import Source
from codemod.transform import Keys, View

_SHARED: tuple[Keys, ...] = (
    ("global", "imageRegistry"),
    ("global", "image", "registry"),
    ("global", "imagePullPolicy"),
    ("global", "image", "pullPolicy"),
)
"""Where charts keep what all images of a release have in common."""


class Setting(Struct, frozen=True):
    """What one layer says at a way of keys: `value` as templates print it, None for null, which removes what is below.

    `place` is `path:line`; `wins` says that the release takes this one.
    """

    keys: Keys
    value: str | None
    layer: Layer
    place: str
    wins: bool


class Chain(Struct, frozen=True):
    """How one release sees a site.

    `keys` are those of the image in the order in which people name its parts, `settings` what the layers say at them,
    from the highest to the lowest; at the others of `keys` no layer says anything.
    `forms` are the images that the chart prints with `{tag}` for the tag, `digest_forms` those with a digest alone or
    beside the tag; `uses` are other places that show the tag. `is_read` is None where no chart is at hand.
    """

    stack: Stack
    layer: int
    keys: tuple[Keys, ...] = ()
    settings: tuple[Setting, ...] = ()
    forms: tuple[str, ...] = ()
    digest_forms: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    is_read: bool | None = None
    is_unclear: bool = False


class Chains:
    """Asks a fleet for chains."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.fleet.tree)

    def of_image(self, view: View, *, is_parted: bool) -> Chain:
        """The chain of an image whose tag, or whole reference, stands at the view's keys."""
        keys, key = view.keys[:-1], str(view.keys[-1]) if view.keys else ""
        if is_parted:
            return self._of_map(view, keys, tag_family(key) or PLAIN)
        return self._chain(view, [view.keys, *((*keys, name) for name in _beside(key))])

    def of_policy(self, view: View) -> Chain:
        """The chain of a pull policy in the values map at the view's keys."""
        here, depth = find(self.fleet.values(view.stack), view.keys)
        names = list(here) if isinstance(here, dict) and depth == len(view.keys) else []
        family = next((family for name in names if (family := tag_family(name)) is not None), None)
        policies = [(*view.keys, name) for name in names if _is_pull_policy(name)]
        return self._chain(view, policies) if family is None else self._of_map(view, view.keys, family, policies)

    def _of_map(self, view: View, keys: Keys, family: Family, more: Sequence[Keys] = ()) -> Chain:
        """The chain of an image that a values map spells in parts."""
        ways = [(*keys, name) for name in self._names(view.stack, keys, family)]
        wanted = {(*keys, name) for name in (*family.names, family.tag, family.digest)}
        found = self._chain(view, [*ways, *more], wanted)
        reading = self.fleet.reading(view.stack, keys, family.tag)
        if reading is None:
            return found
        tag, digest = (self.fleet.effective(view.stack, (*keys, key)).text for key in (family.tag, family.digest))
        return _read(found, reading, tag, digest)

    def _names(self, number: int, keys: Keys, family: Family) -> Iterator[str]:
        """The keys of an image in the order in which people name its parts; of several repositories the first."""
        yield from family.registries
        named = (name for name in family.names if self.fleet.effective(number, (*keys, name)).text)
        yield next(named, family.names[0])
        yield from (family.tag, family.digest, *family.pull_policies)

    def _chain(self, view: View, ways: list[Keys], wanted: Collection[Keys] = ()) -> Chain:
        """What the layers say at some ways of keys; `wanted` ones are kept where none says anything."""
        ways = list(dict.fromkeys([*ways, *_SHARED]))
        settings = tuple(setting for keys in ways for setting in self._settings(view.stack, keys))
        said = {setting.keys for setting in settings}
        keys = tuple(way for way in ways if way in said or way in wanted)
        return Chain(self.fleet.stacks[view.stack], view.layer, keys, settings)

    def _settings(self, number: int, keys: Keys) -> Iterator[Setting]:
        """What the layers of a release say at a way of keys, the highest first."""
        stack = self.fleet.stacks[number]
        winner, _ = find(self.fleet.values(number), keys)
        for layer in reversed(stack.layers):
            values = self._reader.read(layer)
            below = keys[len(layer.prefix) :]
            if keys[: len(layer.prefix)] != layer.prefix or (isinstance(values, Leaf) and below):
                continue
            leaf, depth = (values, 0) if isinstance(values, Leaf) else find(values, below)
            if isinstance(leaf, Leaf):
                is_taken = isinstance(winner, Leaf) and winner.layer == layer
                yield from self._setting(keys, leaf, below[depth:], is_taken)

    def _setting(self, keys: Keys, leaf: Leaf, rest: Keys, wins: bool) -> Iterator[Setting]:
        """One layer's word; nothing where it sets a list that has no such item."""
        node: yaml.Node | None = yaml.target(leaf.node)
        value: Plain = leaf.value
        if rest and isinstance(value, list):
            node, depth = yaml.descend(node, rest)
            if depth < len(rest) or not isinstance(node, yaml.Scalar):
                return
            value = read_scalar(node)
        elif isinstance(value, (list, dict)):
            return
        text = None if value is None or (rest and not isinstance(leaf.value, list)) else go_print(value)
        yield Setting(keys, text, leaf.layer, self._place(leaf.layer, node), wins)

    def _place(self, layer: Layer, node: yaml.Node | None) -> str:
        """`path:line` of a value of a layer."""
        source = _source(layer, self.fleet)
        if node is None or source is None:
            return layer.path
        return f"{layer.path}:{source.position(node.start).line}"


def _source(layer: Layer, fleet: Fleet) -> Source | None:
    """The text that a layer's values stand in: the file, or a text inside it."""
    if not layer.is_text or layer.parameters or layer.document is None:
        return fleet.tree.source(layer.path)
    document = fleet.tree.documents(layer.path)[layer.document]
    node, _ = yaml.descend(document.root, layer.within)
    return yaml.nested(document, node) if isinstance(node, yaml.Scalar) else None


def _beside(key: str) -> tuple[str, ...]:
    """The keys that may stand beside a whole reference."""
    return *partners_of(key), "imagePullPolicy", "pullPolicy", f"{key}PullPolicy"


def _is_pull_policy(key: str) -> bool:
    return key.lower().replace("_", "").replace("-", "").endswith("pullpolicy")


def _read(chain: Chain, reading: Reading, tag: str | None, digest: str | None) -> Chain:
    """The chain with what the chart makes of it."""
    digest_forms = reading.pinned if reading.takes_digest_alone else reading.both
    return replace(
        chain,
        forms=tuple(sorted(reading.tagged)),
        digest_forms=tuple(sorted(form for form in digest_forms if "{digest}" in form)),
        uses=tuple(f"{use.key or 'a text'} in {use.template}:{use.line}" for use in sorted(reading.others)),
        images=reading.shown(tag, digest),
        is_read=reading.is_read or bool(reading.pinned or reading.both),
        is_unclear=reading.is_unclear,
    )
