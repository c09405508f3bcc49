"""Flip `Always` that releases set by name: parameters of Argo CD, `set` of helmfiles; report it in scripts.

Why: a parameter wins over every values file, a pull policy as much as a tag.

    # file: apps/web.yaml
     apiVersion: argoproj.io/v1alpha1
     kind: Application
     metadata:
       name: web
     spec:
       source:
         repoURL: https://charts.acme.test
         chart: web
         helm:
           parameters:
             - name: image.repository
               value: ghcr.io/acme/web
    -        - name: image.tag
    -          value: main
    +        - name: image.digest
    +          value: <digest>
             - name: image.pullPolicy
    -          value: Always
    +          value: IfNotPresent

It governs what the release shows in the map of values that its name leads to, as one in a values file does.

Leaves alone: other policies, names that no release takes, and what containers are handed as a variable or an option
(`IMAGE_PULL_POLICY`): a program makes of that what it likes.
Reports: a parameter whose images stay unpinned, and `helm --set` of scripts, whose images are not known
(`pull-policy-governs-unpinned`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from codemod.edits import Edit
from codemod.fleet import Fleet
from codemod.formats import shell, yaml
from codemod.source import Source
from codemod.transform import Fact, PullPolicy, Transform, View
from transforms._bare import plain
from transforms._documents import documents, surface
from transforms._helm_sets import settings
from transforms._policies import ALWAYS, IF_NOT_PRESENT

transform = Transform(__name__, reads=(yaml.LANGUAGE, shell.LANGUAGE), words=(b"Always",))


@transform.scan
def always(source: Source, fleet: Fleet) -> Iterator[Fact]:
    if source.language == shell.LANGUAGE.name:
        yield from _in_script(source)
        return
    named = dict(_named(source, fleet)) if source.outer is None else {}
    for document in documents(source, fleet.config.words) if named else ():
        for scalar in yaml.scalars(document.root):
            if scalar.start in named:
                edit = yaml.replace(scalar, IF_NOT_PRESENT)
                edits = (edit,) if edit is not None else ()
                yield PullPolicy(scalar.inner, surface(document), edits, views=named[scalar.start])


def _named(source: Source, fleet: Fleet) -> Iterator[tuple[int, tuple[View, ...]]]:
    """Where a file sets policies by name, and the maps of values that the names lead to."""
    found: dict[int, list[View]] = defaultdict(list)
    for place, scalar in fleet.named(source.path):
        keys = place.view.keys
        if scalar.value == ALWAYS and keys and _is_policy(str(keys[-1])) and fleet.is_effective(place, scalar):
            found[scalar.start].append(place.view._replace(keys=keys[:-1]))
    yield from ((start, tuple(views)) for start, views in found.items())


def _is_policy(name: str) -> bool:
    return plain(name).endswith("pullpolicy")


def _in_script(source: Source) -> Iterator[PullPolicy]:
    """What a script hands to Helm by name."""
    if b"--set" not in source.data:
        return
    variables = shell.Variables(source)
    for word in shell.words(source):
        if shell.role(word) is shell.Role.SAID or b"=Always" not in (word.text or b""):
            continue
        for setting in settings(shell.expression(source, word, variables)):
            if setting.value == ALWAYS and _is_policy(setting.name):
                edit = Edit(*setting.span, IF_NOT_PRESENT)
                yield PullPolicy(setting.span, source.surface or "shell", (edit,))
