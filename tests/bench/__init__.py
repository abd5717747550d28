"""`make bench`: Attune against the bare engine in one run, so that the ratios hold on any machine."""
