"""One site, code or transform as JSON: what `unfloat explain --format json` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codemod.chain import Chain, Setting
    from codemod.code import Code
    from codemod.explain import Explained

SCHEMA = 1


def sites(explained: Sequence[Explained]) -> str:
    """`{"schema": 1, "sites": [...]}`: each site with its images, its releases, what is written and why it stays."""
    return _printed({"sites": [_site(one) for one in explained]})


def code(found: Code) -> str:
    """`{"schema": 1, "code": ...}`: one code, what it means and what mends it."""
    return _printed({"code": found.code, "title": found.title, "why": found.why, "mend": found.mend})


def transform(name: str, documentation: str) -> str:
    """`{"schema": 1, "transform": ...}`: one transform and its documentation."""
    return _printed({"transform": name, "documentation": documentation})


def _printed(body: dict[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **body}, indent=2) + "\n"


def _site(one: Explained) -> dict[str, Any]:
    site = one.found.site
    images = dict.fromkeys((str(e.reference) if e.reference is not None else None, e.status) for e in one.entries)
    return {
        "path": site.path,
        "line": site.line,
        "column": site.column,
        "kind": one.kind,
        "surface": site.surface,
        "transform": site.transform,
        "written": one.found.written,
        "images": [{"image": image, "status": status} for image, status in images],
        "releases": [_release(chain) for chain in one.chains],
        "rendered_by": [stack.name for stack in one.readers],
        "writes": [
            {
                "before": "\n".join(written.before),
                "after": "\n".join(written.after),
                "image": written.change.image,
                "digest": written.change.digest,
                "source": written.change.source,
                "unproven": written.change.unproven,
            }
            for written in one.written
        ],
        "left": [{"code": entry.code, "message": entry.message, "expires": entry.expires} for entry in one.left],
    }


def _release(chain: Chain) -> dict[str, Any]:
    stack = chain.stack
    return {
        "stack": stack.name,
        "environment": stack.environment,
        "kind": stack.kind,
        "origin": stack.origin or None,
        "chart": stack.chart,
        "layer": str(stack.layers[chain.layer]),
        "settings": [_setting(setting) for setting in chain.settings],
        "images": list(chain.images),
        "reads": {"tag": list(chain.forms), "digest": list(chain.digest_forms), "elsewhere": list(chain.uses)},
    }


def _setting(setting: Setting) -> dict[str, Any]:
    keys = ".".join(map(str, setting.keys))
    return {"keys": keys, "value": setting.value, "place": setting.place, "wins": setting.wins}
