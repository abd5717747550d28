"""The emotion service's second reader: vectors of situations and exchanges, and the head that scores replies."""
