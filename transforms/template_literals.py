"""Pin whole image references that Helm templates and helpers spell themselves.

Why: what a template says, no value decides: `default "ghcr.io/acme/init:dev"` runs wherever nothing is set.

    # file: charts/web/templates/_helpers.tpl
     {{- define "web.init" -}}
    -{{ default "ghcr.io/acme/init:dev" .Values.init }}
    +{{ default "ghcr.io/acme/init@<digest>" .Values.init }}
     {{- end }}
     {{- define "web.sidecarImage" -}}
    -ghcr.io/acme/sidecar:dev
    +ghcr.io/acme/sidecar@<digest>
     {{- end }}

Looks at string literals (defaults, variables, arguments), at what a `define` yields as a whole, and at `image:` lines
in `.tpl` files, which no other transform reads as YAML.

Leaves alone: comments, `NOTES.txt`, literals without a tag, references that are pinned, vendored charts.
Reports: a floating tag that is only a part (`printf "%s:dev"`, `default "dev" .Values.image.tag`, a text behind an
action): `helm template` puts it together (`computed-reference`); what a value is compared with (`purpose-unknown`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import helm, yaml
from codemod.place import TEMPLATE
from codemod.source import Source
from codemod.transform import Fact, Transform

transform = Transform(__name__, reads=(yaml.LANGUAGE, helm.LANGUAGE), words=(b"{{",))


@transform.scan
def literals(source: Source, fleet: Fleet) -> Iterator[Fact]:
    is_helper = source.language == helm.LANGUAGE.name
    if source.outer is None and (is_helper or TEMPLATE in source.place):
        from transforms._spelled_in_templates import spelled

        yield from spelled(source, fleet, is_helper=is_helper)
