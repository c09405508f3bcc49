"""The functions that charts' templates call: Sprig's (v3) and Helm's, on plain values."""

from __future__ import annotations
