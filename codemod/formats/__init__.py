"""Lossless reading, one module per format: bytes in, things with spans or lines out. No format knows another."""
