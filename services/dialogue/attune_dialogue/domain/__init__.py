"""Pure decisions of a conversation: no I/O, no clock, no randomness of its own."""
