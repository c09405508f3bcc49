"""Images that Bazel pulls."""

from __future__ import annotations

import pytest

from codemod.registry import load
from codemod.testing import check_leaves_alone, check_rewrites, plan_of

ALL = load()
PATH = "MODULE.bazel"
DIGEST = f"sha256:{'0' * 64}"


def pull(arguments: str, function: str = "oci.pull") -> str:
    return f'{function}(\n    name = "base",\n    {arguments}\n)\n'


SILENT = {
    "a digest": pull(f'digest = "{DIGEST}",\n    image = "gcr.io/distroless/base",'),
    "a digest in the name": pull(f'image = "gcr.io/distroless/base@{DIGEST}",'),
    "another rule": 'oci_image(\n    name = "dev",\n    base = "@base",\n    tag = "latest",\n)\n',
    "what is pushed": 'oci_push(\n    name = "push",\n    repository = "ghcr.io/acme/web",\n    tag = "dev",\n)\n',
    "another thing that is pulled": 'git.pull(remote = "https://example.com/a.git", tag = "main")\n',
    "another thing that has an image": 'git.pull(image = "ghcr.io/acme/base:main")\n',
    "a comment": '# oci.pull(name = "base", image = "ghcr.io/acme/base", tag = "main")\n',
    "what cannot be read": 'oci.pull(name = "base", image = "ghcr.io/acme/base:main" tag = ((\n',
}
REWRITTEN = {
    "a tag": (
        'image = "ghcr.io/acme/base",\n    tag = "main",  # moves',
        'image = "ghcr.io/acme/base",\n    digest = "<digest>",  # moves',
    ),
    "a tag in single quotes": ("image='ghcr.io/acme/base', tag='main'", "image='ghcr.io/acme/base', digest='<digest>'"),
    "a name with a tag": ('image = "ghcr.io/acme/base:main",', 'image = "ghcr.io/acme/base@<digest>",'),
    "registry and repository": (
        'registry = "ghcr.io",\n    repository = "acme/base",\n    tag = "edge",',
        'registry = "ghcr.io",\n    repository = "acme/base",\n    digest = "<digest>",',
    ),
    "a constant as the name": ('image = BASE,\n    tag = "main",', 'image = BASE,\n    digest = "<digest>",'),
}
COMPUTED = {
    "a constant as the tag": 'image = "ghcr.io/acme/base",\n    tag = TAG,',
    "a name that is put together": 'image = "ghcr.io/acme/%s" % name,\n    tag = "main",',
    "an unknown name": 'image = image,\n    tag = "main",',
    "an empty digest beside it": 'image = "ghcr.io/acme/base",\n    tag = "main",\n    digest = "",',
    "a digest of None beside it": 'image = "ghcr.io/acme/base:main",\n    digest = None,',
}
CONSTANTS = 'BASE = "ghcr.io/acme/base"\nTAG = "main"\n'


@pytest.mark.parametrize("case", SILENT)
@pytest.mark.surface("bazel", left="other rules, what is built or pushed, calls with a digest")
def test_it_is_silent_about(case: str) -> None:
    check_leaves_alone(ALL, SILENT[case], path=PATH)


@pytest.mark.parametrize("function", ["oci.pull", "oci_pull", "container_pull"])
@pytest.mark.parametrize("case", REWRITTEN)
@pytest.mark.surface("bazel", rewritten="`tag` of `oci.pull`, `oci_pull`, `container_pull` becomes `digest`")
def test_what_is_pulled_is_pinned(case: str, function: str) -> None:
    before, after = (CONSTANTS + pull(text, function) for text in REWRITTEN[case])
    check_rewrites(ALL, before, after, path=PATH)


@pytest.mark.parametrize("case", COMPUTED)
@pytest.mark.surface("bazel", reported="tags and names that a constant or a macro gives")
def test_what_is_computed_is_reported(case: str) -> None:
    check_leaves_alone(ALL, CONSTANTS + pull(COMPUTED[case]), path=PATH, code="computed-reference")


@pytest.mark.parametrize("path", ["WORKSPACE", "WORKSPACE.bazel", "third_party/BUILD.bazel", "images.bzl", "a/BUILD"])
@pytest.mark.surface("bazel", found="`MODULE.bazel`, `WORKSPACE`, `BUILD` and `.bzl` files")
def test_every_file_of_bazel_is_read(path: str) -> None:
    text = pull('image = "ghcr.io/acme/base",\n    tag = "main",').encode()
    (entry,) = plan_of(ALL, {path: text}).images
    assert (str(entry.reference), entry.site.surface, entry.site.line) == ("ghcr.io/acme/base:main", "bazel", 4)


def test_what_is_pinned_is_in_the_inventory() -> None:
    texts = (f'image = "acme/base", digest = "{DIGEST}"', f'image = "acme/base@{DIGEST}"')
    for text in texts:
        (entry,) = plan_of(ALL, {PATH: pull(text).encode()}).images
        assert (str(entry.reference), entry.status) == (f"docker.io/acme/base@{DIGEST}", "pinned")
    both = pull(f'image = "acme/base", tag = "main", digest = "{DIGEST}"')
    check_leaves_alone(ALL, both, path=PATH, code="floating-tag-beside-digest")


def test_a_fixed_tag_gets_its_digest_beside_it_where_all_are_pinned() -> None:
    before = pull('image = "ghcr.io/acme/base",\n    tag = "v1",')
    after = before.replace('tag = "v1"', 'digest = "<digest>", tag = "v1"')
    check_rewrites(ALL, before, after, path=PATH, pin_all=True)
    check_leaves_alone(ALL, before, path=PATH, code="tag-only")
