"""The forms in which a template may take a digest, as `contract:` in the configuration names them."""

DIGEST, BOTH, REF = "digest", "tag-and-digest", "ref"
