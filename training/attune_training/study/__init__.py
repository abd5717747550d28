"""The user study: consent and questions (training/study), anonymous events, ratings, annotations, and Table III."""
