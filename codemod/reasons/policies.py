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
    Code(
        "crd-lacks-pull-policy",
        "The custom resource cannot say a pull policy",
        "The schema has an `image` and no `imagePullPolicy` beside it, so nobody who writes the resource can say when "
        "the image is pulled: the operator or Kubernetes decides.",
        "Run with `--only crd-pull-policy`: it adds the field to the schema, to the Go type, and to the containers "
        "that controllers build from the image. Have a test for each kind that the policy arrives.",
    ),
    Code(
        "controller-drops-pull-policy",
        "A controller builds a container without the pull policy",
        "The container takes its image from the custom resource and says no `ImagePullPolicy`, so that what the "
        "resource says of it, if it can, does not arrive.",
        "Run with `--only crd-pull-policy`, which completes the container where the type of the resource can be seen "
        "and its schema is in the repository; else set the field by hand.",
    ),
    Code(
        "resource-lacks-pull-policy",
        "A custom resource does not say its pull policy",
        "The schema of its kind has `imagePullPolicy`, and what the values render does not set it, so that its "
        "operator or Kubernetes decides.",
        "Run with `--only fleet-pull-policy`: it renders the one value that every release has below `global`, or that "
        "`pull_policy_value` in .unfloat.yaml names.",
    ),
    Code(
        "brittle-lookup",
        "A template looks a value up in a way that fails",
        "The functions `dig` and `get` want a plain map, which `.Values` is not: Helm stops with an error where it "
        "meets one on the values themselves.",
        "Run with `--only fleet-pull-policy`: it writes `.Values.a.b` with `default` where every release has the "
        "maps on the way. Write the others so by hand, with the missing maps in the lowest layer.",
    ),
)
