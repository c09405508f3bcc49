"""The proof: every release is rendered before and after, and only images and pull policies may differ."""
