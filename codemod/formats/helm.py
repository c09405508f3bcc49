"""Files of Helm charts that are no YAML: templates with helpers, read with `codemod.formats.gotemplate`."""

from __future__ import annotations

from codemod.transform import Language

LANGUAGE = Language("helm-template", suffixes=(".tpl",))
