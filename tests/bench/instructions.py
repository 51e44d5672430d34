#!/usr/bin/env python3
"""Instructions of whole runs, counted by valgrind: unlike seconds, the same on a busy machine.

usage: instructions.py [--bin target/release/a2] [--bless] [--markdown]
Fails when a count is more than 10 % above the one kept in instructions.json (less is told, so that the file is renewed with
--bless), or when work grows faster than its input: of three sizes, each twice the one before, the second step may cost at most
2.6 times the first (2 when the work grows like the input, 4 when it grows like its square; what a run costs anyway cancels out).
--growth leaves out what is kept. Needs valgrind. Standard library only.

The tolerance is not for noise, of which there is next to none, but for machines: memchr, Aho-Corasick and the C library choose their
inner loops by what the processor can do, so a count moves by some percent from one to another.
"""
import argparse, json, os, re, subprocess, sys, tarfile, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(HERE, "instructions.json")
ROOT = os.path.join(HERE, "..", "..")
TOLERANCE = 0.10
MAX_GROWTH = 2.6
# A first step of fewer instructions is lost in what else varies.
TELLING = 300_000


def count(command, stdin=b""):
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = run.stderr.decode(errors="replace")
    found = re.search(r"Collected : (\d+)", said)
    if run.returncode != 0 or not found:
        sys.exit(f"{' '.join(command)}: exit {run.returncode}\n{said[-2000:]}")
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


def bundle(folder, lines=50, events=20, pods=4, dead=4, pairs=0, secrets=0, printed=0, logs=0):
    """A namespace with a crash-looping pod; one of these grows."""
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
        if pairs:
            f.write("2030-01-02T02:59:00Z " + "key=$key=" * pairs + "\n")
        for i in range(secrets):
            f.write(f"2030-01-02T02:59:01Z login password=hunter{i}x token: a1b2c3d4e{i} https://u:p4ss{i}@db/x\n")
        f.write("2030-01-02T02:59:59Z Error: dial tcp 10.0.0.9:5432: connect: connection refused\n")
    write = lambda path, value: json.dump(value, open(path, "w"))
    write(os.path.join(base, "pods.json"), {"kind": "List", "apiVersion": "v1", "items": objects})
    write(os.path.join(base, "events.json"), {"kind": "List", "apiVersion": "v1", "items": happened})
    for i in range(logs):
        other = os.path.join(base, "pods", f"other-{i}", "log")
        os.makedirs(other)
        open(os.path.join(other, "main.log"), "w").write("2030-01-02T02:59:59Z ready\n" * 8)
    if printed:
        columns = [{"name": name, "type": "string"} for name in ("Name", "Ready", "Status", "Restarts", "Age")]
        rows = [{"cells": [name, "0/1", "CrashLoopBackOff", 3, "64m"]} for name in names] + [{"cells": [f"well-{i}", "1/1", "Running", 0, "64m"]} for i in range(printed)]
        write(os.path.join(base, "pods.table.json"), {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": columns, "rows": rows})
    write(os.path.join(folder, "bundle.json"), {"capturedAt": "2030-01-02T03:04:05Z", "serverVersion": "v1.36.2", "namespaces": ["shop"], "covered": covered, "logs": "all"})
    return names[0]


def describe(events):
    rows = "".join(f"  Warning  BackOff  {5 + i % 50}m (x{i + 2} over 60m)  kubelet  Back-off restarting failed container main, attempt {i}\n" for i in range(events))
    return f"""Name:       web-0
Namespace:  shop
Node:       n1/10.0.0.1
Start Time: Wed, 02 Jan 2030 02:00:00 +0000
Status:     Running
Containers:
  main:
    Image:  shop/web:1
    State:  Waiting
      Reason:  CrashLoopBackOff
    Last State:  Terminated
      Reason:    Error
      Exit Code: 1
      Finished:  Wed, 02 Jan 2030 03:00:00 +0000
    Restart Count: 3
Events:
  Type  Reason  Age  From  Message
  ----  ------  ---  ----  -------
{rows}"""


def grown(binary, how, sizes):
    if how == "paste":
        log = "".join(f"INFO  http: GET /v1/orders/{i} 200 {i % 90}ms client=10.4.0.{i % 250}\n" for i in range(sizes.get("lines", 5)))
        others = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: other-{i}\n  namespace: shop\n" for i in range(sizes.get("objects", 0)))
        text = others + ("---\n" if others else "") + describe(sizes.get("events", 5)) + "\n$ kubectl logs web-0 --previous\n" + log + "Error: dial tcp 10.0.0.9:5432: connect: connection refused\n"
        return count([binary, "investigate", "-", "web-0", "-o", "json"], text.encode())
    with tempfile.TemporaryDirectory() as folder:
        inside = os.path.join(folder, "bundle")
        os.mkdir(inside)
        name = bundle(inside, **sizes)
        if how == "archive":
            packed = os.path.join(folder, "bundle.tar.gz")
            with tarfile.open(packed, "w:gz") as archive:
                archive.add(inside, arcname="bundle")
            inside = packed
        command = ["scan", "-n", "shop"] if how == "scan" else ["investigate", name, "-n", "shop"]
        saved = ["--save", os.path.join(folder, "saved.tar.gz")] if how == "save" else []
        return count([binary, *command, "-o", "json", "--from", inside, *saved])


# What grows, the command that reads it, and its smallest size.
GROWING = (
    ("lines of a log", "investigate", {"lines": 400}),
    ("events of the pod", "investigate", {"events": 200}),
    ("siblings that failed", "investigate", {"pods": 50, "dead": 50}),
    ("healthy pods of a scan", "scan", {"pods": 300}),
    ("failed pods of a scan", "scan", {"pods": 30, "dead": 30}),
    ("rows that a server printed", "scan", {"printed": 500}),
    ("lines of a paste", "paste", {"lines": 400}),
    ("events of a paste", "paste", {"events": 200}),
    ("objects of a paste", "paste", {"objects": 100}),
    ("files of a bundle", "archive", {"logs": 200}),
    ("pairs in a line that is redacted", "save", {"pairs": 4000}),
    ("secrets in a log that is redacted", "save", {"secrets": 200}),
)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", default=os.path.join(ROOT, "target/release/a2"))
    p.add_argument("--bless", action="store_true")
    p.add_argument("--markdown", action="store_true")
    p.add_argument("--growth", action="store_true")
    a = p.parse_args()
    fixture = lambda name, stage="live": os.path.join(ROOT, "fixtures", name, stage)
    about = lambda name: json.load(open(os.path.join(ROOT, "fixtures", name, "case.json")))
    case = about("wf-resume-oom")
    counts = {} if a.growth else {
        "--version": count([a.bin, "--version"]),
        "investigate": count([a.bin, "investigate", case["target"], "-n", case["namespace"], "-o", "json", "--from", fixture("wf-resume-oom")]),
        "scan": count([a.bin, "scan", "-n", about("scan-mixed")["namespace"], "-o", "json", "--from", fixture("scan-mixed")]),
    }
    growth = {}
    for what, how, small in GROWING:
        once, twice, four = (grown(a.bin, how, {key: value * factor for key, value in small.items()}) for factor in (1, 2, 4))
        growth[what] = (twice - once, four - twice, (four - twice) / (twice - once) if twice - once > TELLING else 1.0)
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
    for what, (_, _, times) in growth.items():
        if times > MAX_GROWTH:
            problems.append(f"twice as many {what}: the work grows by {times:.2f}")
    if a.bless and counts:
        with open(KEPT, "w") as f:
            json.dump(counts, f, indent=1)
            f.write("\n")
    if a.markdown:
        print("| run | million instructions |\n|---|---|")
    for name, now in counts.items():
        print(f"| `a2 {name}` | {now / 1e6:.1f} |" if a.markdown else f"{name:<26}{now:>16,}")
    if a.markdown:
        print("\n| twice as many | the work grows by |\n|---|---|")
    for what, (first, second, times) in growth.items():
        print(f"| {what} | {times:.2f} |" if a.markdown else f"{what:<36}{first:>16,}{second:>16,}  x {times:.2f}")
    for problem in problems:
        print("falls short: " + problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
