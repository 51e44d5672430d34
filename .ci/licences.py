#!/usr/bin/env python3
"""Licences, bans and sources of everything that is linked, held to .deny.toml: what cargo-deny checks, for machines without it.
Not here: advisories and yanked versions, which need a network. Standard library only."""
import json, re, subprocess, sys, tomllib

rules = tomllib.load(open(".deny.toml", "rb"))
allowed = set(rules["licenses"]["allow"])
banned = {ban["crate"] for ban in rules["bans"]["deny"]}


def holds(expression):
    """Whether an SPDX expression can be met with allowed licences alone. `/` is how old crates write OR."""
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    at = 0

    def either():
        nonlocal at
        value = both()
        while at < len(words) and words[at] == "OR":
            at += 1
            value = both() or value
        return value

    def both():
        nonlocal at
        value = one()
        while at < len(words) and words[at] == "AND":
            at += 1
            value = one() and value
        return value

    def one():
        nonlocal at
        word = words[at]
        at += 1
        if word == "(":
            value = either()
            at += 1
            return value
        if at < len(words) and words[at] == "WITH":
            at += 2
            word = f"{word} WITH {words[at - 1]}"
        return word in allowed

    return either()


metadata = json.loads(subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1", "--all-features"], check=True, stdout=subprocess.PIPE).stdout)
packages = {p["id"]: p for p in metadata["packages"]}
edges = {n["id"]: [d["pkg"] for d in n["deps"] if any(k["kind"] in (None, "build") for k in d["dep_kinds"])] for n in metadata["resolve"]["nodes"]}
linked, open_ = set(), [metadata["resolve"]["root"]]
while open_:
    package = open_.pop()
    if package not in linked:
        linked.add(package)
        open_.extend(edges[package])
problems = []
for package in (packages[i] for i in sorted(linked)):
    name = f"{package['name']} {package['version']}"
    licence = package["license"]
    if licence is None or not holds(licence):
        problems.append(f"{name}: licence {licence}")
    if package["name"] in banned:
        problems.append(f"{name}: banned")
    source = package["source"]
    if source is not None and not source.startswith("registry+"):
        problems.append(f"{name}: from {source}")
print(f"{len(linked)} packages, {len(problems)} problems")
print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
sys.exit(1 if problems else 0)
