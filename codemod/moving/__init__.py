"""Digests on the move: what is pinned where, the channel of each, and what refreshing or promoting it means. Pure."""
