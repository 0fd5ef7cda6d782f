"""``python -m tests.fuzz [MUTATIONS] [SEED]``: decodes so many spoiled messages, on all cores, and says what became of
them. Exit status 1 at the first that ends in anything but words.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter

BLOCK = 2000


def _block(task: tuple[int, int, int]) -> tuple[int, dict[str, int], tuple[float, int], str]:
    from tests.fuzz.running import Report, campaign

    seed, start, end = task
    report = Report()
    try:
        campaign(seed, range(start, end), report)
    except AssertionError as error:
        return report.messages, dict(report.outcomes), report.slowest, str(error)
    return report.messages, dict(report.outcomes), report.slowest, ""


def main() -> int:
    """Runs the campaign and prints its figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261122
    tasks = [(seed, start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    begun, done, outcomes, slowest, broken = time.monotonic(), 0, Counter[str](), (0.0, 0), []
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for messages, told, slow, error in pool.imap_unordered(_block, tasks):
            done += messages
            outcomes.update(told)
            slowest = max(slowest, slow)
            if error:
                broken.append(error)
                print(f"fuzz | {error}", flush=True)
            if done // 50_000 > (done - messages) // 50_000:
                print(f"fuzz | {done:,} of {count:,} ({time.monotonic() - begun:.0f} s)", flush=True)
    print(f"fuzz | {done:,} spoiled messages, seed {seed}, {time.monotonic() - begun:.0f} s")
    for name, number in sorted(outcomes.items()):
        print(f"fuzz |   {name:24} {number:12,}")
    print(f"fuzz | slowest: {slowest[0]:.3f} s per 100 kB (number {slowest[1]})")
    print(f"fuzz | {len(broken)} blocks ended in anything but words")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
