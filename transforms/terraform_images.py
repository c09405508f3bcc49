"""Pin image references in strings of Terraform and other HCL files.

Why: what `terraform apply` deploys from a moving tag depends on the day, and a plan does not show the difference.

     resource "kubernetes_deployment" "web" {
       container {
    -    image = "ghcr.io/acme/web:main" # moved by CI
    +    image = "ghcr.io/acme/web@<digest>" # moved by CI
       }
     }

Looks under image keys of blocks, objects and module calls, at defaults of variables, environment variables such as
`RELATED_IMAGE_PROXY`, `docker_image` resources and `docker-image://` contexts. Here-documents that hold YAML or JSON
are read as such.

Leaves alone: names without a tag, a digest or a registry, images of machines and disks, strings that functions change.
Reports: references with interpolations or functions in them (`computed-reference`), a `docker_image` that is built
(`built-here`), a tag that `set` gives to a Helm release (`tag-in-parameter`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from codemod.fleet import Fleet
from codemod.formats import hcl
from codemod.patterns import on_use
from codemod.source import Source, Span
from codemod.transform import Embedded, Fact, Image, Left, Rendering, Transform
from transforms._keys import (
    candidate,
    is_computed,
    is_image_key,
    is_image_list_key,
    is_image_variable,
    is_spelled_out,
    names_host,
)
from transforms._whole import pin_edits

SURFACE = "terraform"
_DOCUMENT = on_use(r"(?m)(?:^|[{\[,])\s*(?:- )?\"?[\w.-]*[iI]mages?\"?\s*:")
_CONTEXT = "docker-image://"
_COMPLETES = on_use(r"(?:.*_)?(?:tag|version|digest)")
_MACHINES = on_use(
    r"(?:google_compute|digitalocean|hcloud|openstack|libvirt|lxd|incus|vsphere|azurerm_\w*(?:machine|image)|linode|proxmox"
    r"|exoscale|scaleway_instance|vultr|oci_core|alicloud|yandex_compute|multipass|vagrant)\w*"
)
_RUNS = on_use(r"(?:kubernetes|kubectl|docker|aws_ecs|azurerm_container|google_cloud_run)_\w+")
_CONTAINERS = ("container", "init_container", "containers")
_DOCKER = ("docker_image", "docker_registry_image")
_TAG_KEY = on_use(r"(?:.*\.)?(?:\w*[iI]mage\.tag|\w*[iI]mageTag)")

transform = Transform(__name__, reads=hcl.LANGUAGE, words=(b"mage", b"IMAGE", b"docker-image://"))


@transform.scan
def images(source: Source, fleet: Fleet) -> Iterator[Fact]:
    for text in hcl.texts(source):
        if text.is_heredoc:
            if _DOCUMENT.search(text.text):
                yield Embedded(hcl.nested(source, text, "yaml", "embedded-yaml"))
        elif text.text.startswith(_CONTEXT) and text.is_literal:
            span = Span(text.span.start + len(_CONTEXT), text.span.end)
            yield from _image(source, replace(text, text=text.text[len(_CONTEXT) :], span=span), fleet)
        elif _is_tag_of_release(text, fleet):
            yield Left(text.span, SURFACE, "tag-in-parameter", text.text, f"{text.beside['name']} of a Helm release")
        elif _names_image(text):
            yield from _image(source, text, fleet)


def _image(source: Source, text: hcl.Text, fleet: Fleet) -> Iterator[Fact]:
    if not text.is_literal or is_computed(text.text):
        if ":" in text.text or "/" in text.text or "${" in text.text:
            yield Image(text.span, SURFACE, text.text, (Rendering(None),), reason="computed-reference")
        return
    reference = candidate(text.text)
    if reference is None:
        return
    if _is_docker(text) and "build" in text.beside:
        yield Left(text.span, SURFACE, "built-here", text.text)
        return
    is_bare = reference.tag is None and reference.digest is None
    reason = "computed-reference" if is_bare and _may_be_completed(text) else None
    edits = pin_edits(source, text.span, text.text, fleet.config.floats) if reason is None else ()
    yield Image(text.span, SURFACE, text.text, (Rendering(None if reason else reference),), edits, reason)


def _may_be_completed(text: hcl.Text) -> bool:
    """Whether a tag beside a bare name completes it, or what it is handed to (by a module, a variable, a local) may."""
    if not text.blocks or text.blocks[0][0] in ("module", "variable", "locals"):
        return True
    return any(map(_COMPLETES.fullmatch, text.beside))


def _names_image(text: hcl.Text) -> bool:
    """Whether a string is the value of something that names a container image."""
    if _is_docker(text):
        return text.name == "name" and text.blocks[-1][0] == "resource"
    if _MACHINES.fullmatch(_resource(text)) and not names_host(text.text):
        return False
    named = text.called
    is_named = is_image_list_key(named) if text.is_item else is_image_key(named) or is_image_variable(named)
    if not is_named or (text.is_literal and not is_spelled_out(text.text) and not _is_container(text)):
        return False
    return ":" in text.text.rpartition("/")[2] or "@" in text.text or named == text.name or not text.is_literal


def _is_container(text: hcl.Text) -> bool:
    """Whether a bare word is an image here: the blocks around are a container's, or of a resource that runs some."""
    runs = _RUNS.fullmatch(_resource(text)) is not None
    return text.name == "image" and (runs or any(block[0] in _CONTAINERS for block in text.blocks))


def _resource(text: hcl.Text) -> str:
    """The type of the resource or the data around a string."""
    kind, resource, *_ = (*text.blocks[0], "", "") if text.blocks else ("", "")
    return resource if kind in ("resource", "data") else ""


def _is_docker(text: hcl.Text) -> bool:
    return bool(text.blocks) and len(text.blocks[-1]) > 1 and text.blocks[-1][1] in _DOCKER


def _is_tag_of_release(text: hcl.Text, fleet: Fleet) -> bool:
    """Whether a string is the `value` of a `set` that is named as a tag is, and floats."""
    named = text.beside.get("name", "")
    return text.name == "value" and _TAG_KEY.fullmatch(named) is not None and fleet.config.floats(text.text)
