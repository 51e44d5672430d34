#!/usr/bin/env python3
"""What a target starts from: recorded material as its corpus, and the words of the reader it feeds as its dictionary.

usage: seed.py TARGET CASES CORPUS DICTIONARY

The words are the string literals of the reader's own source, so the dictionary is never behind it. Standard library only; same input, same seeds.
"""
import glob, hashlib, json, os, re, sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SOURCES = {
    "bundle": ["source/bundle", "source/foreign", "source/resource.rs", "source/query.rs"],
    "lists": [],
    "tables": [],
    "cases": [],
    "logs": ["signatures"],
    "messages": ["signatures"],
    "paste": ["source/foreign"],
    "redact": ["redact"],
    "rules": ["rules", "signatures/catalog.rs"],
}
LONGEST = {"logs": 4096, "messages": 1024, "paste": 4096, "bundle": 4096, "redact": 1024, "rules": 1500, "lists": 8192, "tables": 8192}
# JSON that is cut is none; a rule that is cut is refused at once.
WHOLE = ("lists", "tables", "rules")


def files(cases, pattern):
    return sorted(glob.glob(os.path.join(cases, "*", "*", "**", pattern), recursive=True))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def examples():
    """Lines that the built-in signatures must, and must not, match."""
    for path in sorted(glob.glob(os.path.join(ROOT, "src/signatures/data/*.yaml"))):
        for line in read(path).decode().splitlines():
            found = re.fullmatch(r"\s+- '(.*)'", line)
            if found and line.startswith("        "):
                yield found.group(1).replace("''", "'").encode()


def messages(cases):
    for path in files(cases, "events.json"):
        for item in json.loads(read(path)).get("items", []):
            yield (item.get("message") or item.get("note") or "").encode()


def logs(cases, most):
    for path in files(cases, "*.log"):
        body = read(path)
        yield path, body[-most:]


def pastes(cases):
    for path in files(cases, "describe.txt"):
        text = read(path)
        yield text
        logs_of = sorted(glob.glob(os.path.join(os.path.dirname(path), "api/v1/namespaces/*/pods/*/log/*.log")))[:1]
        for log in logs_of:
            name = os.path.basename(log)[:-4].replace(".previous", " (previous)")
            yield text[:2600] + f"\n--- container {name} ---\n".encode() + read(log)[-1200:]
    for path in files(cases, "events.json"):
        rows = [b"LAST SEEN   TYPE      REASON   OBJECT   MESSAGE"]
        for item in json.loads(read(path)).get("items", [])[:12]:
            about = item.get("involvedObject", {})
            rows.append(f"5m (x2 over 9m)  {item.get('type')}  {item.get('reason')}  {about.get('kind', '').lower()}/{about.get('name')}  {item.get('message')}".encode())
        yield b"\n".join(rows) + b"\n"
    for path in files(cases, "pods.json"):
        for item in json.loads(read(path)).get("items", [])[:1]:
            item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": item["metadata"]["name"], "namespace": "x"}, "status": item.get("status", {})}
            yield json.dumps(item).encode()
    yield b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-0\n  namespace: shop\nstatus:\n  phase: Failed\n  reason: Evicted\n"
    yield b"[ 12345.678901] Memory cgroup out of memory: Killed process 4711 (java) total-vm:1kB, anon-rss:2kB, oom_score_adj:968\n[12345.7] oom_reaper: reaped process 4711 (java)\n"
    yield b"Jan 02 03:00:00 n1 kubelet[900]: I0102 03:00:00.000000     900 prober.go:116] \"Probe failed\" probeType=\"Liveness\" pod=\"shop/web-0\" containerName=\"app\" output=\"refused\"\n"
    yield b"time=\"2030-01-02T03:00:00.5Z\" level=info msg=\"TaskExit event container_id:\\\"abc\\\" exit_status:137\"\n"
    yield b"==== START logs for container app of pod shop/web-0 ====\npanic: boom\n==== END logs for container app of pod shop/web-0 ====\n"
    yield b"[pod/web-0/app] starting\n[pod/web-0/side] ready\n$ kubectl logs web-0 -c app --previous\nError: refused\n"


def seeds(target, cases):
    if target == "messages":
        yield from messages(cases)
        yield from examples()
    elif target == "logs":
        for n, (_, body) in enumerate(logs(cases, 2000)):
            yield bytes([(5, 2, 56, 63)[n % 4]]) + body
        for line in examples():
            yield b"\x04" + line
    elif target == "redact":
        for line in [b"password=hunter2secret", b"postgres://u:p4ss@db/x", b"Authorization: Bearer abcdef0123456789", b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1c7+9z5Pad7OejecsQ0bu3aozN3tihPmUYrqKz8fgyhPmVPm\n-----END RSA PRIVATE KEY-----",
                     b'{"token": "abc123def456", "user": "x"}', b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link", b"AKIAIOSFODNN7EXAMPLE", b"api_key: 'a1b2c3d4e5f6'", b"--password hunter2secret -u root:toor1234", b"[redacted:jwt#1] secret=[redacted:password]",
                     b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-", b"u:p@tcp(db:3306)/x", b"cookie: session=abcdef123456; other=1"]:
            yield line
        yield from examples()
        for _, body in logs(cases, 600):
            yield body
    elif target == "rules":
        for path in sorted(glob.glob(os.path.join(ROOT, "src/rules/builtin/*.yaml"))):
            yield b"\x00" + read(path)
        for n in range(24):
            yield bytes([n % 4 + 4 * (n // 3), n]) + bytes((n * k * 37 + 11) % 256 for k in range(1, 40))
    elif target == "paste":
        for n, text in enumerate(pastes(cases)):
            yield bytes([0 if n % 5 == 0 else 1]) + text
    elif target == "bundle":
        for n, path in enumerate(files(cases, "pods.json")[:60]):
            yield bytes([(2, 5, 6, 7)[n % 4]]) + read(path)
        for n, (_, body) in enumerate(logs(cases, 1500)):
            if n < 30:
                yield bytes([(4, 5, 6)[n % 3]]) + body
        for path in files(cases, "bundle.json")[:30]:
            yield b"\x03" + read(path)
    elif target == "lists":
        for kind in ("pods.json", "events.json", "nodes.json"):
            for path in files(cases, kind)[:40]:
                for item in json.loads(read(path)).get("items", [])[:2]:
                    yield b"\x07" + json.dumps(item).encode()
        for n in range(48):
            yield bytes([n % 16]) + bytes((n * k * 37 + 11) % 256 for k in range(1, 60))
    elif target == "tables":
        for path in files(cases, "*.table.json")[:40]:
            yield b"\x03" + read(path)
        for n in range(24):
            yield bytes([n % 2]) + bytes((n * k * 37 + 11) % 256 for k in range(1, 60))
        yield b"\x02web-0|0/1|CrashLoopBackOff|5 (2m5s ago)|6d|10.0.0.1|n1"
    elif target == "cases":
        for n in range(400):
            yield n.to_bytes(2, "big") + bytes((n * k * 37 + k * k * 11 + n) % 256 for k in range(1, 30 + n))


def words(target):
    found = set()
    for source in SOURCES[target]:
        path = os.path.join(ROOT, "src", source)
        paths = [path] if path.endswith(".rs") else glob.glob(os.path.join(path, "**", "*.rs"), recursive=True)
        for file in paths:
            for text in re.findall(r'"((?:[^"\\\n]|\\.){2,48})"', read(file).decode()):
                found.add(text)
    if target == "rules":
        for path in glob.glob(os.path.join(ROOT, "src/rules/builtin/*.yaml")):
            found.update(re.findall(r"[a-z_]+(?:\.[a-z_]+)?: ", read(path).decode()))
    return sorted(found)


def main():
    target, cases, corpus, dictionary = sys.argv[1:]
    os.makedirs(corpus, exist_ok=True)
    for seed in seeds(target, cases):
        if len(seed) > LONGEST.get(target, 1 << 16):
            if target in WHOLE:
                continue
            seed = seed[: LONGEST[target]]
        with open(os.path.join(corpus, hashlib.sha1(seed).hexdigest()), "wb") as f:
            f.write(seed)
    with open(dictionary, "w") as f:
        for word in words(target):
            raw = word.encode().decode("unicode_escape", "replace").encode("utf-8", "replace")[:60] if "\\" in word and word.isascii() else word.encode()[:60]
            f.write('"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\x{b:02x}" for b in raw) + '"\n')


if __name__ == "__main__":
    main()
