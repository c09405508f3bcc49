"""Pull secrets: which pods run private images without any. Pure: a fleet and its inventory give violations."""
