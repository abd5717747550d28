"""`make simulate`: scripted people talk to the real gateway, and a deterministic scorer reads every reply."""
