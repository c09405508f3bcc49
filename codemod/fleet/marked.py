"""The values of a release with marks in them: every image map is numbered, and its tag, digest or name says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from codemod.fleet.families import tag_family
from codemod.fleet.plain import at, copied, switched_on
from codemod.fleet.reading import ImageMapAt, image_maps_in
from codemod.fleet.scalars import Plain
from codemod.transform import Keys

REF = "uf.test/ref"
_MOST = 0xFFFF
"""Image maps that one release may have; later ones are not asked about."""


class Marked:
    """The image maps of one release, numbered; a `global` of a subchart is that of the whole release."""

    def __init__(self, values: dict[str, Plain], places: Collection[Keys]) -> None:
        self.values = values
        self._maps: dict[ImageMapAt, list[Keys]] = defaultdict(list)
        for found in image_maps_in(values):
            shared = next((found.keys[len(p) :] for p in places if found.keys[: len(p) + 1] == (*p, "global")), None)
            is_shared = shared is not None and isinstance(at(values, shared), dict)
            own = found._replace(keys=shared) if shared is not None and is_shared else found
            if len(self._maps) < _MOST:
                self._maps[own].append(found.keys)

    def copies(self, place: ImageMapAt) -> list[Keys]:
        """Where the values hold a map: what is `global` stands in the section of each subchart, too."""
        return self._maps[place]

    def marked(
        self, *, tag: bool = False, digest: bool = False, ref: bool = False, is_off: bool = False
    ) -> dict[str, Plain]:
        """The values with what is asked for of every map marked, without the rest; if `is_off`, everything switched on.

        A tag of a map that names nothing may be one that others share: it is marked where there is one, and stays.
        """
        found = {key: switched_on(value) if is_off else value for key, value in copied(self.values).items()}
        for number, (place, copies) in enumerate(self._maps.items()):
            for keys in copies:
                here = at(found, keys)
                assert isinstance(here, dict)
                if self._is_bare(place):
                    here |= {place.tag: f"uf{number}tag"} if tag and here.get(place.tag) else {}
                elif tag or place.tag in here:
                    here[place.tag] = f"uf{number}tag" if tag else ""
                if digest or place.digest in here:
                    here[place.digest] = _digest(number) if digest else ""
                if ref or place.ref in here:
                    here[place.ref] = f"{REF}@{_digest(number)}" if ref else ""
        return found

    @property
    def have_shared(self) -> bool:
        """Whether some map has a tag and names nothing: others may take theirs from it."""
        return any(self._is_shared(place) for place in self._maps)

    def marked_shared(self) -> dict[str, Plain]:
        """The values without digests, and with the tags marked of the maps that name nothing."""
        found = copied(self.values)
        for number, (place, copies) in enumerate(self._maps.items()):
            is_shared = self._is_shared(place)
            for keys in copies:
                here = at(found, keys)
                assert isinstance(here, dict)
                if is_shared or place.digest in here:
                    here[place.tag if is_shared else place.digest] = f"uf{number}tag" if is_shared else ""
        return found

    def marked_names(self) -> dict[str, Plain]:
        """The values with all tags marked, and the names of the maps that have none."""
        found = self.marked(tag=True)
        for number, (place, copies) in enumerate(self._maps.items()):
            key = self._name_key(place) if not self._tag(place) else ""
            for keys in copies if key else ():
                here = at(found, keys)
                assert isinstance(here, dict)
                here[key] = f"uf{number}name"
        return found

    def _is_shared(self, place: ImageMapAt) -> bool:
        return bool(self._tag(place)) and self._is_bare(place)

    def _tag(self, place: ImageMapAt) -> Plain:
        here = at(self.values, place.keys)
        return here.get(place.tag) if isinstance(here, dict) else None

    def _is_bare(self, place: ImageMapAt) -> bool:
        """Whether a map names nothing that its tag could belong to."""
        return not self._name(place)

    def _name(self, place: ImageMapAt) -> str:
        key = self._name_key(place)
        return str(at(self.values, (*place.keys, key))) if key else ""

    def _name_key(self, place: ImageMapAt) -> str:
        here, family = at(self.values, place.keys), tag_family(place.tag)
        names = family.names if isinstance(here, dict) and family is not None else ()
        return next((name for name in names if isinstance(here, dict) and here.get(name)), "")


def _digest(number: int) -> str:
    return f"sha256:{'f10a7' * 12}{number:04x}"
