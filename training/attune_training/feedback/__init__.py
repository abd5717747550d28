"""What people rated, with consent, as preference pairs; the gate before a new adapter serves; the way back."""
