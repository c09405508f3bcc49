"""Outcomes and violations turned into text: one renderer a file, all pure."""
