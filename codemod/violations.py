"""The codes of the gate: which rule a place breaks."""

from __future__ import annotations

from codemod.code import Code

VIOLATIONS = (
    Code(
        "UF001",
        "Floating tag",
        "The image is named by a tag that moves (no tag at all means latest), so one commit means different bits on "
        "different days, and a rollback does not bring the old ones back.",
        "Run `unfloat run` to replace the tag by its digest. Where that is not possible yet, add an exception with "
        "owner and date to .unfloat.yaml.",
    ),
    Code(
        "UF002",
        "Tag without digest",
        "This environment demands a digest (`digest: require`), and the image has only a tag, which its publisher "
        "can still move.",
        "Run `unfloat run --pin-all`, which keeps the tag and adds the digest.",
    ),
    Code(
        "UF003",
        "Floating tag beside a digest",
        "The digest decides what runs, but the moving tag beside it says something else, and Kubernetes still "
        "defaults to pulling always where the tag is latest.",
        "Drop the tag, or write the fixed tag (version or commit) that the digest stands for.",
    ),
    Code(
        "UF004",
        "Pull policy Always",
        "Always is a rollout mechanism for tags that move: every restart may bring other bits, and none starts while "
        "the registry is down. A pinned image never needs it.",
        "Run `unfloat run`, which sets IfNotPresent where everything the policy governs is pinned; pin the rest first.",
    ),
    Code(
        "UF005",
        "Stale inherited digest",
        "A lower layer sets a digest, and this layer names another repository, registry or tag. The digest wins: the "
        "release pulls what the name does not have, or runs other bits than the tag here says.",
        "Set the digest of this image in the layer that names it, or take the name back.",
    ),
    Code(
        "UF007",
        "Expired exception",
        "The date of an `allow:` entry has passed, so it excuses nothing any more.",
        "Mend what it excused and remove the entry, or agree on a new date with its owner.",
    ),
    Code(
        "UF010",
        "Private image without pull secret",
        "The image matches `private:`, and neither the pod that runs it nor its service account names a pull secret "
        "(`imagePullSecrets`): a node that does not hold the image already cannot pull it.",
        "Name the secret in the pod or in its service account, by the values of the chart or a kustomize patch, and "
        "see that it is in that namespace. Where an admission webhook or the nodes supply it, add an exception.",
    ),
)
