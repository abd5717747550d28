"""Wire models shared by every Attune service and by training. Pydantic only: no I/O, no service knowledge."""
