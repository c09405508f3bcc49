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
        "UF006",
        "Digest lacks a required platform",
        "The configuration says under `platforms:` what the nodes run, and the index behind this digest, as "
        "unfloat.lock has it, offers no image for one of them: pods on such nodes do not start.",
        "Publish the image for the platform, then move the digest on with `unfloat update`; or take the platform out "
        "of `platforms:` if no node has it.",
    ),
    Code(
        "UF007",
        "Expired exception",
        "The date of an exception has passed, so it excuses nothing any more.",
        "Mend what it excused and remove the entry, or agree on a new date with its owner.",
    ),
    Code(
        "UF008",
        "Unused exception",
        "Nothing is left that the exception excuses. It would excuse the next image that comes to stand there, and "
        "nobody would know.",
        "Remove it. Where what it is for comes and goes, give it the paths or images that stay.",
    ),
    Code(
        "UF009",
        "Single-platform digest",
        "The configuration names several platforms under `platforms:`, and this digest is that of the manifest of one "
        "of them, not of the index over all: nodes of the others cannot run it.",
        "Pin the digest of the index, to which `unfloat lock` resolves tags. If the image is built for one platform "
        "only, build the others, or add an exception.",
    ),
    Code(
        "UF010",
        "Private image without pull secret",
        "The image matches `private:`, and neither the pod that runs it nor its service account names a pull secret "
        "(`imagePullSecrets`): a node that does not hold the image already cannot pull it.",
        "Name the secret in the pod or in its service account, by the values of the chart or a kustomize patch, and "
        "see that it is in that namespace. Where an admission webhook or the nodes supply it, add an exception.",
    ),
    Code(
        "UF011",
        "Over-broad exception",
        "An `allow:` entry names neither files nor images, so that it excuses its code everywhere, in what is not "
        "written yet, too.",
        "Name the files (`path`) or the images (`image`) that it is for; several narrow entries are better than a "
        "broad one. What an environment may do as a rule is a policy: see `environments:`.",
    ),
    Code(
        "UF012",
        "Exception without an end in sight",
        "An exception holds longer than `exception_days` (90 unless the configuration says otherwise) from today on. "
        "What is excused for long is excused for good.",
        "Give it an earlier date; when that comes, its owner looks at it again.",
    ),
    Code(
        "UF013",
        "Exception that cannot be understood",
        "A comment begins with `unfloat:` and is no exception: its code, its date, its reason or its owner is missing "
        "or misspelt. It excuses nothing.",
        "Write the codes in brackets behind `unfloat: allow`, then `until=`, `reason=` and `owner=`. "
        "docs/configuration.md shows one.",
    ),
    Code(
        "UF014",
        "Digest taken off",
        "A base pins the image, and an overlay sets a tag only (`newTag`): kustomize drops the digest with the old "
        "tag, so what was pinned moves again.",
        "Run `unfloat run`, which adds the digest of that very tag, or set `digest` beside `newTag`; kustomize "
        "renders both.",
    ),
    Code(
        "UF015",
        "Pull policy left to Kubernetes",
        "A container that is rendered says no pull policy. Kubernetes gives it one when the object is made, by the tag "
        "of that day, and keeps it when the image changes; a diff with Git may show the field.",
        "Say `imagePullPolicy: IfNotPresent`: `unfloat run --only explicit-pull-policy` writes it beside pinned images "
        "in manifests. Where a vendored chart has no value for it, let Argo CD ignore it; the report proposes how.",
    ),
    Code(
        "UF020",
        "Admission policy that misses strict namespaces",
        "A policy about images matches some namespaces only, and strict environments run in others: what it refuses, "
        "they still take.",
        "Match the namespaces of every strict environment, or all of them less those that are excluded. "
        "`environments:` says which are strict.",
    ),
    Code(
        "UF021",
        "Placeholder in an admission policy",
        "The policy names an image or a namespace that somebody was to fill in (`ghcr.io/your-org`, `example.com`, "
        "`REPLACE_ME`), so that it matches nothing that runs.",
        "Write the registry, repository or namespace that is meant, or remove the policy.",
    ),
    Code(
        "UF022",
        "Images rewritten at admission",
        "The policy writes other images into workloads than Git has (a digest for a tag, another registry). Argo CD "
        "compares with Git, finds a difference and cannot mend it: OutOfSync for good, or a sync that never ends.",
        "Write in Git what runs: `unfloat run` pins the images, and the policy has nothing left to rewrite. Where it "
        "has to stay, let `ignoreDifferences` of the Application, or of argocd-cm, name just the image fields.",
    ),
    Code(
        "UF023",
        "Admission policy with gaps",
        "The policy checks pods alone in an engine that does not check their workloads for it, so that a Deployment "
        "is accepted and its pods are refused where nobody looks; or it checks containers and no init containers.",
        "Match the workloads, too (in Kyverno: leave the rules for them to it; in Gatekeeper: an ExpansionTemplate), "
        "and all lists of containers.",
    ),
    Code(
        "UF024",
        "Admission policy that does not enforce",
        "The policy only reports what it was written to refuse (Audit, warn, dryrun), or nothing binds it, and it is "
        "about namespaces of a strict environment.",
        "Let it deny there (`failureAction: Enforce`, `enforcementAction: deny`, `Deny` in `validationActions`). While "
        "you are still counting what it would refuse, excuse it with a date.",
    ),
)
