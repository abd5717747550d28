"""Lists the crisis records that no person has checked within 180 days.

Called by `make release-check`, which fails unless the list is empty.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

from attune_safety.resources import Registry, is_stale, is_stale_check, load_registry


def unchecked(registry: Registry, today: date) -> Iterator[str]:
    """One line a record that is shown and stale: its id, and when it was last checked."""
    for entry in registry.countries:
        if is_stale_check(entry.emergency_verified_at, today):
            yield _line(f"{entry.country_code.lower()}-emergency-numbers", entry.emergency_verified_at)
        for record in entry.records:
            if record.shown and is_stale(record, today):
                yield _line(record.id, record.verified_at)
    for directory in registry.directories:
        if is_stale(directory, today):
            yield _line(directory.id, directory.verified_at)


def main(registry: Registry, today: date) -> int:
    """Prints the list. Returns 0 when it is empty, else 1."""
    lines = list(unchecked(registry, today))
    for line in lines:
        sys.stdout.write(f"{line}\n")
    if lines:
        sys.stdout.write(f"{len(lines)} records need a person's check before a release.\n")
    return 1 if lines else 0


def _line(record_id: str, verified_at: date | None) -> str:
    return f"{record_id}: {'never checked by a person' if verified_at is None else f'last checked {verified_at}'}"


if __name__ == "__main__":
    sys.exit(main(load_registry(), datetime.now(UTC).date()))
