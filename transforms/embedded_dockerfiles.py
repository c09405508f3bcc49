"""Read Dockerfiles inside strings of YAML and JSON as Dockerfiles.

Why: builds are handed their Dockerfile in a ConfigMap or in the object itself, where nothing is named by a key.

     kind: BuildConfig
     spec:
       source:
         dockerfile: |
    -      FROM ghcr.io/acme/base:main
    +      FROM ghcr.io/acme/base@<digest>
           COPY web /web

What a Dockerfile is shows its beginning: `FROM` behind nothing but comments and arguments, and instructions below.

Leaves alone: what compose builds from (`compose-builds`), texts in which `FROM` means something else.
Reports: nothing of its own; what is in a Dockerfile, that is reported as in a file (`computed-reference`).
"""

from __future__ import annotations

from collections.abc import Iterator

from codemod.fleet import Fleet
from codemod.formats import dockerfile, yaml
from codemod.source import Source
from codemod.transform import Embedded, Fact, Transform
from transforms._manifests import is_dockerfile

transform = Transform(__name__, reads=yaml.LANGUAGE, words=(b"FROM ", b"FROM\t"))


@transform.scan
def dockerfiles(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for document in yaml.documents(source):
        for scalar in document.texts if document.problem is None else ():
            if scalar.key != "dockerfile_inline" and is_dockerfile(scalar.value.encode()):
                text = yaml.nested(document, scalar, dockerfile.LANGUAGE.name)
                if text is not None:
                    yield Embedded(text)
