#!/usr/bin/env python3
"""Instructions of whole runs, counted by valgrind: unlike seconds, the same on a busy machine.

usage: instructions.py [--bin target/release/a2] [--bless] [--markdown]
Fails when a count is more than 10 % above the one kept in instructions.json (less is told, so that the file is renewed with
--bless), or when twice the input costs more than 2.3 times the instructions. Needs valgrind. Standard library only.
"""
import argparse, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "instructions.json")
ROOT = os.path.join(HERE, "..", "..")
TOLERANCE = 0.10
MAX_GROWTH = 2.3


def count(command):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        sys.exit(f"{' '.join(command)}: exit {run.returncode}\n{run.stderr[-2000:]}")
    return int(found.group(1))


def state(code, reason, finished):
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": "2030-01-02T02:00:00Z", "finishedAt": finished}}


def pod(name, status):
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": "uid-" + name, "creationTimestamp": "2030-01-02T02:00:00Z", "labels": {"pod-template-hash": "5d9c7b6f4"},
                     "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d9c7b6f4", "uid": "rs", "controller": True}]},
        "spec": {"nodeName": "n1", "restartPolicy": "Always", "containers": [{"name": "main", "image": "shop/web:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
                   "containerStatuses": [{"name": "main", "ready": False, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": status}]},
    }


def bundle(folder, lines=50, events=20, pods=4, dead=4):
    """A namespace with a crash-looping pod; one of the four grows."""
    base = os.path.join(folder, "api/v1/namespaces/shop")
    covered = ["/api/v1/namespaces/shop/pods", "/api/v1/namespaces/shop/events", "/api/v1/nodes", "/api/v1/namespaces", "/api/v1/namespaces/default/events", "/apis/apps/v1/namespaces/shop/replicasets",
               "/apis/apps/v1/namespaces/shop/deployments", "/apis/batch/v1/namespaces/shop/jobs"]
    names = [f"web-5d9c7b6f4-{i:05d}" for i in range(pods)]
    ended = state(1, "Error", "2030-01-02T03:00:00Z")
    objects = [pod(name, ended) for name in names]
    for item in objects[dead:]:
        item["status"]["conditions"][0]["status"] = "True"
        item["status"]["containerStatuses"][0] = {"name": "main", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": "2030-01-02T02:00:00Z"}}, "lastState": {}}
    happened = [{"metadata": {"name": f"e{i}", "namespace": "shop", "uid": f"e{i}"}, "involvedObject": {"kind": "Pod", "name": names[0], "namespace": "shop", "uid": "uid-" + names[0]}, "type": "Warning",
                 "reason": "BackOff", "message": f"Back-off restarting failed container main, attempt {i}", "count": 1, "lastTimestamp": f"2030-01-02T02:{i // 60 % 60:02}:{i % 60:02}Z", "source": {"component": "kubelet", "host": "n1"}} for i in range(events)]
    log = os.path.join(base, "pods", names[0], "log")
    os.makedirs(log)
    with open(os.path.join(log, "main.previous.log"), "w") as f:
        for i in range(lines):
            f.write(f"2030-01-02T02:{i // 60 % 60:02}:{i % 60:02}Z INFO  http: GET /v1/orders/{i} 200 {i % 90}ms client=10.4.0.{i % 250}\n")
        f.write("2030-01-02T02:59:59Z Error: dial tcp 10.0.0.9:5432: connect: connection refused\n")
    write = lambda path, value: json.dump(value, open(path, "w"))
    write(os.path.join(base, "pods.json"), {"kind": "List", "apiVersion": "v1", "items": objects})
    write(os.path.join(base, "events.json"), {"kind": "List", "apiVersion": "v1", "items": happened})
    write(os.path.join(folder, "bundle.json"), {"capturedAt": "2030-01-02T03:04:05Z", "serverVersion": "v1.36.2", "namespaces": ["shop"], "covered": covered, "logs": "all"})
    return names[0]


def grown(binary, how, **sizes):
    with tempfile.TemporaryDirectory() as folder:
        name = bundle(folder, **sizes)
        command = ["scan", "-n", "shop"] if how == "scan" else ["investigate", name, "-n", "shop"]
        return count([binary, *command, "-o", "json", "--from", folder])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", default=os.path.join(ROOT, "target/release/a2"))
    p.add_argument("--bless", action="store_true")
    p.add_argument("--markdown", action="store_true")
    a = p.parse_args()
    fixture = lambda name, stage="live": os.path.join(ROOT, "fixtures", name, stage)
    about = lambda name: json.load(open(os.path.join(ROOT, "fixtures", name, "case.json")))
    case = about("wf-resume-oom")
    counts = {
        "--version": count([a.bin, "--version"]),
        "investigate": count([a.bin, "investigate", case["target"], "-n", case["namespace"], "-o", "json", "--from", fixture("wf-resume-oom")]),
        "scan": count([a.bin, "scan", "-n", about("scan-mixed")["namespace"], "-o", "json", "--from", fixture("scan-mixed")]),
    }
    growth = {}
    for what, how, small in (("lines of a log", "investigate", {"lines": 1000}), ("events of the pod", "investigate", {"events": 500}), ("siblings that failed", "investigate", {"pods": 100, "dead": 100}),
                             ("healthy pods of a scan", "scan", {"pods": 500, "dead": 4}), ("failed pods of a scan", "scan", {"pods": 60, "dead": 60})):
        once, twice = (grown(a.bin, how, **{key: value * factor if key != "dead" or small["dead"] != 4 else value for key, value in small.items()}) for factor in (1, 2))
        growth[what] = (once, twice)
    problems = []
    kept = json.load(open(KEPT)) if os.path.exists(KEPT) else {}
    for name, now in counts.items():
        was = kept.get(name)
        if a.bless or was is None:
            continue
        if now > was * (1 + TOLERANCE):
            problems.append(f"{name}: {now:,} instructions, {now / was - 1:+.0%} against the {was:,} that are kept")
        elif now < was * (1 - TOLERANCE):
            print(f"note: {name} takes {now / was - 1:+.0%}; --bless keeps that", file=sys.stderr)
    for what, (once, twice) in growth.items():
        if twice > once * MAX_GROWTH:
            problems.append(f"twice as many {what}: {twice / once:.2f} times the instructions")
    if a.bless:
        with open(KEPT, "w") as f:
            json.dump(counts, f, indent=1)
            f.write("\n")
    if a.markdown:
        print("| run | million instructions |\n|---|---|")
    for name, now in counts.items():
        print(f"| `a2 {name}` | {now / 1e6:.1f} |" if a.markdown else f"{name:<26}{now:>16,}")
    if a.markdown:
        print("\n| twice as many | times the instructions |\n|---|---|")
    for what, (once, twice) in growth.items():
        print(f"| {what} | {twice / once:.2f} |" if a.markdown else f"{what:<26}{once:>16,}{twice:>16,}  x {twice / once:.2f}")
    for problem in problems:
        print("falls short: " + problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
