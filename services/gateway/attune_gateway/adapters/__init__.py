"""The edge's hands: the dialogue service over HTTP, and the limits in Redis."""
