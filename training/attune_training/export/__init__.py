"""From a run folder to what inference serves: PEFT files, a GGUF adapter, a manifest with hashes, a merged copy."""
