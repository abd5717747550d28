"""Raw conversations to a balanced, split, audited set: read, clean, de-duplicate, sample, split, audit."""
