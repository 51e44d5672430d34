#!/usr/bin/env python3
"""What one offline run costs, as a whole process: wall time against spawning /bin/true in the same loop, and peak memory;
beside it other programs that start, or read the same files.

usage: offline.py [--bin target/release/a2] [--runs 40] [--case fixtures/wf-resume-oom/live] [--markdown]
With --check, exit 1 when a bound of docs/performance.md is missed. Standard library only.
"""
import argparse, json, os, re, shutil, statistics, subprocess, sys, tarfile, tempfile, time

MAX_RATIO = 25
MAX_MEGABYTES = 30


def spawn(command):
    """Seconds of one process."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    child.wait()
    seconds = time.perf_counter() - start
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {child.returncode}: {error.decode(errors='replace').strip()}")
    return seconds


def peak(command):
    """Peak resident megabytes of one process. Not from wait4: that would count this interpreter before the exec."""
    if not os.path.exists("/usr/bin/time"):
        return float("nan")
    child = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(re.findall(r"\d+", child.stderr)[-1]) / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", default="target/release/a2")
    p.add_argument("--runs", type=int, default=40)
    p.add_argument("--case", default="fixtures/wf-resume-oom/live")
    p.add_argument("--scan", default="fixtures/scan-mixed/live")
    p.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    p.add_argument("--check", action="store_true", help="exit 1 when a bound is missed; seconds on a busy machine say little")
    a = p.parse_args()
    about = lambda stage: json.load(open(os.path.join(os.path.dirname(os.path.normpath(stage)), "case.json")))
    case, scan = about(a.case), about(a.scan)
    folder = tempfile.TemporaryDirectory()
    packed = os.path.join(folder.name, "case.tar.gz")
    with tarfile.open(packed, "w:gz") as tar:
        tar.add(a.case, arcname="case")
    target = [case["target"], "-n", case["namespace"], "-o", "json", "--from"]
    pods = os.path.join(a.case, f"api/v1/namespaces/{case['namespace']}/pods.json")
    commands = {
        "/bin/true": ["/bin/true"],
        "a2 --version": [a.bin, "--version"],
        "a2 investigate": [a.bin, "investigate", *target, a.case],
        "a2 investigate, packed": [a.bin, "investigate", *target, packed],
        "a2 scan": [a.bin, "scan", "-n", scan["namespace"], "-o", "json", "--from", a.scan],
        "python3 -c 'import json'": ["python3", "-c", "import json"],
    }
    if shutil.which("jq"):
        commands["jq . pods.json"] = ["jq", ".", pods]
    if shutil.which("kubectl"):
        commands["kubectl version --client"] = ["kubectl", "version", "--client"]
    for command in commands.values():  # once unmeasured, so that files are in memory
        spawn(command)
    taken = {name: [] for name in commands}
    for _ in range(a.runs):
        for name, command in commands.items():
            taken[name].append(spawn(command))
    unit = statistics.median(taken["/bin/true"])
    figures = {name: (statistics.median(rows), statistics.median(rows) / unit, peak(commands[name])) for name, rows in taken.items()}
    if a.markdown:
        print("| command | median ms | × `/bin/true` | peak MB |\n|---|---|---|---|")
        for name, (seconds, ratio, megabytes) in figures.items():
            print(f"| `{name}` | {seconds * 1000:.1f} | {ratio:.1f} | {megabytes:.1f} |")
    else:
        print(f"{'command':<26}{'median ms':>10}{'x true':>8}{'peak MB':>9}   ({a.runs} runs, {a.case})")
        for name, (seconds, ratio, megabytes) in figures.items():
            print(f"{name:<26}{seconds * 1000:>10.2f}{ratio:>8.1f}{megabytes:>9.1f}")
    _, ratio, megabytes = figures["a2 investigate"]
    short = [text for text, missed in ((f"ratio {ratio:.1f} > {MAX_RATIO}", ratio > MAX_RATIO), (f"peak {megabytes:.1f} MB > {MAX_MEGABYTES} MB", megabytes > MAX_MEGABYTES)) if missed]
    if short:
        print("falls short: " + ", ".join(short), file=sys.stderr)
    return 1 if short and a.check else 0


if __name__ == "__main__":
    sys.exit(main())
