"""What is remarked on pull policies that nothing sets: no image floats for it, so it stands apart in reports."""

from __future__ import annotations

from codemod.code import Code

POLICIES = (
    Code(
        "pull-policy-defaulted",
        "The pull policy is left to Kubernetes",
        "The container says no `imagePullPolicy`, so Kubernetes fills one in: `Always` for a tag `latest`, written or "
        "implied, even beside a digest; `IfNotPresent` for all else. The field is then in the cluster and not in Git, "
        "which some diffs show as drift, and a new tag may change it.",
        "Run with `--only explicit-pull-policy`: it writes `IfNotPresent` beside pinned images. Pin the others first.",
    ),
)
