#!/usr/bin/env python3
"""What one offline run costs, as a whole process: wall time against spawning /bin/true in the same loop, and peak memory.

usage: offline.py [--bin target/release/a2] [--runs 40] [--case fixtures/wf-resume-oom/live]
Exit 1 when a bound of docs/performance.md is missed. Standard library only.
"""
import argparse, json, os, statistics, subprocess, sys, time

MAX_RATIO = 25
MAX_MEGABYTES = 30


def spawn(command):
    """Seconds and peak resident megabytes of one process."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {child.returncode}: {error.decode(errors='replace').strip()}")
    return seconds, usage.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", default="target/release/a2")
    p.add_argument("--runs", type=int, default=40)
    p.add_argument("--case", default="fixtures/wf-resume-oom/live")
    a = p.parse_args()
    with open(os.path.join(os.path.dirname(os.path.normpath(a.case)), "case.json")) as f:
        case = json.load(f)
    commands = {
        "/bin/true": ["/bin/true"],
        "a2 --version": [a.bin, "--version"],
        "a2 investigate": [a.bin, "investigate", case["target"], "-n", case["namespace"], "--from", a.case, "-o", "json"],
    }
    for command in commands.values():  # once unmeasured, so that files are in memory
        spawn(command)
    taken = {name: [] for name in commands}
    for _ in range(a.runs):
        for name, command in commands.items():
            taken[name].append(spawn(command))
    unit = statistics.median(seconds for seconds, _ in taken["/bin/true"])
    print(f"{'command':<16}{'median ms':>10}{'x true':>8}{'peak MB':>9}   ({a.runs} runs, {a.case})")
    figures = {}
    for name, rows in taken.items():
        median, peak = statistics.median(seconds for seconds, _ in rows), max(megabytes for _, megabytes in rows)
        figures[name] = (median / unit, peak)
        print(f"{name:<16}{median * 1000:>10.2f}{median / unit:>8.1f}{peak:>9.1f}")
    ratio, peak = figures["a2 investigate"]
    short = [text for text, missed in ((f"ratio {ratio:.1f} > {MAX_RATIO}", ratio > MAX_RATIO), (f"peak {peak:.1f} MB > {MAX_MEGABYTES} MB", peak > MAX_MEGABYTES)) if missed]
    if short:
        print("falls short: " + ", ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
