"""The risk head: a second reader on the emotion encoder's pooled vector. It can raise a tier, never lower one."""
