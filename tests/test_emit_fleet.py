"""`unfloat emit` over the migrated example fleet: every promotion moves the digests that it names, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml
from emitting import emit, of_kind, promote, steps
from moving import NEW, lock, locked, texts
from test_example_fleet import EXAMPLES, FLEET, fleet_plan

ORDER = ("--env", "dev", "--env", "staging", "--env", "production")


def migrated(root: Path) -> Path:
    """The example fleet after a run, with its lock."""
    shutil.copytree(FLEET, root)
    known = yaml.safe_load((EXAMPLES / "digests.yaml").read_text())
    (root / "unfloat.lock").write_text(lock(*(locked(name, digest) for name, digest in sorted(known.items()))))
    for path, (_, after) in fleet_plan().files.items():
        (root / path).write_bytes(after)
    return root


def test_kargo_promotes_release_by_release(tmp_path: Path) -> None:
    fleet = migrated(tmp_path / "fleet")
    objects, errors = emit(fleet, "kargo", *ORDER)
    stages = {stage["metadata"]["name"]: stage for stage in of_kind(objects, "Stage")}
    assert {"dev-www-platform", "staging-www-platform", "production-www-platform", "staging-graph"} <= stages.keys()
    assert stages["production-www-platform"]["spec"]["requestedFreight"][0]["sources"] == {
        "stages": ["staging-www-platform"]
    }
    (policies,) = of_kind(objects, "ProjectConfig")
    automatic = [one["stageSelector"]["name"] for one in policies["spec"]["promotionPolicies"]]
    assert automatic == [name for name in stages if name.startswith("dev-")]
    assert "it is in force in other environments, too: " in errors

    before = texts(fleet)
    freight = {
        subscription["image"]["repoURL"]: NEW
        for warehouse in of_kind(objects, "Warehouse")
        for subscription in warehouse["spec"]["subscriptions"]
    }
    for stage in stages.values():
        promote(fleet, stage, freight)
    after = texts(fleet)
    moved = {path for path in before if before[path] != after[path]}
    named = {
        step["config"]["path"] for stage in stages.values() for step in steps(stage) if step["uses"] == "yaml-update"
    }
    assert named == {f"./repo/{path}" for path in moved}
    for path in moved:
        pairs = list(zip(before[path].splitlines(), after[path].splitlines(), strict=True))
        changed = [(old, new) for old, new in pairs if old != new]
        assert changed
        assert all(new.endswith(NEW) and old.startswith(new.removesuffix(NEW)) for old, new in changed)
