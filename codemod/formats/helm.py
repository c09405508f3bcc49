"""Files of Helm charts that are no YAML: templates with helpers, read with `codemod.formats.gotemplate`."""

from __future__ import annotations

from codemod.transform import Language

LANGUAGE = Language("helm-template", suffixes=(".tpl",))
SNAPSHOT = Language("helm-snapshot", suffixes=("_test.yaml.snap", "_test.yml.snap"))
"""What helm-unittest wrote of a test: YAML, in a folder `__snapshot__` beside the suite."""
