"""A real registry on this machine, and what tests put beside it: images, token service, faults, planted secrets."""
