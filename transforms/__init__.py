"""The transforms: one idempotent rewriting per module, named after the file, documented by the module's docstring."""
