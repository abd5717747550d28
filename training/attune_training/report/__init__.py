"""Tables I, II and III of the paper regenerated from files, as one self-contained page and as Markdown."""
