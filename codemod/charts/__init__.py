"""Charts executed without Helm: what their templates print for given values."""
