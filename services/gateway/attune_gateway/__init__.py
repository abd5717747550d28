"""The edge of Attune: the page, the public API, limits, and the crisis answer when everything behind it is gone."""
