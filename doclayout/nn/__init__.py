"""Network blocks, one per file, and the model that a YAML describes."""
