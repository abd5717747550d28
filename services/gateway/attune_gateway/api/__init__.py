"""The public routes. Handlers translate HTTP; what a turn does stands in turn.py."""
