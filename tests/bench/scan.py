#!/usr/bin/env python3
"""a2 scan -A --no-logs beside curl of the plain LIST and kubectl get pods -A, against the real API server of the tests.

usage: scan.py [--pods 10000] [--runs 5] [--bin target/release/a2] [--server target/apiserver/apiserver] [--keep]
Pods of 100 namespaces, 1 % of them broken in ten ways, are written into the server's etcd (the build of tests/apiserver, see its README), their events
through its API. Every figure of
a round is taken right after the other ones, and what is held to a bound is a ratio. Exit 1 when a bound of docs/performance.md is missed. Standard library only.
"""
import argparse, base64, concurrent.futures, copy, http.client, json, os, re, ssl, statistics, subprocess, sys, tempfile, time, urllib.request

NAMESPACES = 100
NOW = time.time()


def stamp(ago):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - ago))


def managed(pod):
    """Field ownership as the API server keeps it: the same paths again, by manager."""
    def fields(value):
        if isinstance(value, dict):
            return {f"f:{key}": fields(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return {'k:{"name":"%s"}' % entry.get("name", entry.get("type", i)): {".": {}, **fields(entry)} for i, entry in enumerate(value) if isinstance(entry, dict)}
        return {}
    row = lambda manager, part, ago, sub=None: {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": stamp(ago), "fieldsType": "FieldsV1", "fieldsV1": part, **({"subresource": sub} if sub else {})}
    return [row("kube-controller-manager", {"f:metadata": fields({k: v for k, v in pod["metadata"].items() if k != "uid"}), "f:spec": fields(pod["spec"])}, 7200),
            row("kubelet", {"f:status": fields(pod["status"])}, 600, "status")]


def container(name, index):
    env = [{"name": f"SETTING_{i:02}", "value": f"value-{i}-of-{name}-that-is-as-long-as-usual"} for i in range(18)]
    env += [{"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}}, {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": f"{name}-token", "key": "token"}}}]
    probe = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
    return {"name": name, "image": f"registry.example.com/team/{name}:1.{index}.0", "args": ["--listen=:8080", f"--shard={index}", "--log-format=json"], "env": env,
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}], "resources": {"limits": {"memory": "512Mi", "cpu": "1"}, "requests": {"memory": "256Mi", "cpu": "100m"}},
            "livenessProbe": probe, "readinessProbe": probe, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
            "volumeMounts": [{"name": "config", "mountPath": "/etc/config", "readOnly": True}, {"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}],
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "runAsUser": 10001}}


def pod(namespace, index):
    app = f"app-{index % 25}"
    name = f"{app}-7c9f8d6b5-{index:05}"
    created = 86400
    condition = lambda kind: {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": stamp(created)}
    status = lambda c, i: {"name": c, "ready": True, "started": True, "restartCount": 0, "image": f"registry.example.com/team/{c}:1.{i}.0", "imageID": f"registry.example.com/team/{c}@sha256:{index:064x}",
                           "containerID": f"containerd://{index:064x}", "state": {"running": {"startedAt": stamp(created - 5)}}, "lastState": {}}
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "generateName": f"{app}-7c9f8d6b5-", "namespace": namespace, "uid": f"{index:08x}-0000-4000-8000-{abs(hash(namespace)) % (1 << 47):012x}", "creationTimestamp": stamp(created),
                         "labels": {"app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "team": f"team-{index % 7}", "pod-template-hash": "7c9f8d6b5"},
                         "annotations": {"checksum/config": f"{index:064x}", "prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
                         "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-7c9f8d6b5", "uid": f"rs-{namespace}-{app}", "controller": True, "blockOwnerDeletion": True}]},
            "spec": {"containers": [container("main", index % 9), container("proxy", index % 9)], "restartPolicy": "Always", "nodeName": f"node-{index % 50}", "serviceAccountName": app, "serviceAccount": app,
                     "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority",
                     "securityContext": {"fsGroup": 10001}, "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app.kubernetes.io/name": app}}}}]}},
                     "tolerations": [{"key": f"node.kubernetes.io/{k}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300} for k in ("not-ready", "unreachable")],
                     "volumes": [{"name": "config", "configMap": {"name": f"{app}-config", "defaultMode": 420}}, {"name": "kube-api-access", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}, {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}}]},
            "status": {"phase": "Running", "qosClass": "Burstable", "hostIP": f"10.0.0.{index % 50}", "podIP": f"10.1.{index // 250 % 250}.{index % 250}", "startTime": stamp(created),
                       "conditions": [condition(k) for k in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")], "containerStatuses": [status("main", index % 9), status("proxy", index % 9)]}}


def broken(p, way):
    """Ten ways to fail; the pod, and the message of its Warning event where it has one."""
    main, status = p["status"]["containerStatuses"][0], p["status"]
    ended = lambda code, reason, ago=300: {"terminated": {"exitCode": code, "reason": reason, "startedAt": stamp(ago + 40), "finishedAt": stamp(ago), "containerID": main["containerID"]}}
    def unready(phase="Running"):
        main["ready"], status["phase"] = False, phase
        for c in status["conditions"]:
            if c["type"] in ("Ready", "ContainersReady"):
                c.update(status="False", reason="ContainersNotReady", message="containers with unready status: [main]", lastTransitionTime=stamp(300))
    event = None
    if way == 0:  # silent
        p["spec"]["restartPolicy"] = "Never"
        main["state"] = ended(1, "Error")
        unready()
    elif way == 1:
        main.update(state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}, lastState=ended(101, "Error"), restartCount=8)
        unready()
        event = ("BackOff", "Back-off restarting failed container main in pod")
    elif way == 2:
        main.update(lastState=ended(137, "OOMKilled"), restartCount=1)
    elif way == 3:
        status.update(phase="Failed", reason="Evicted", message="The node was low on resource: memory. ", containerStatuses=[])
        event = ("Evicted", "The node was low on resource: memory. ")
    elif way == 4:
        main.update(state={"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"registry.example.com/team/main:9\": ErrImagePull: not found"}})
        unready("Pending")
        event = ("Failed", "Failed to pull image \"registry.example.com/team/main:9\": rpc error: code = NotFound desc = failed to pull and unpack image: not found")
    elif way == 5:
        main.update(state={"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"main-token\" not found"}})
        unready("Pending")
        event = ("Failed", "Error: secret \"main-token\" not found")
    elif way == 6:
        status.update(phase="Pending", containerStatuses=[], conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/50 nodes are available: 50 Insufficient memory.", "lastTransitionTime": stamp(3000)}])
        p["spec"].pop("nodeName")
        event = ("FailedScheduling", "0/50 nodes are available: 50 Insufficient memory.")
    elif way == 7:
        unready()
        event = ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
    elif way == 8:
        p["metadata"].update(deletionTimestamp=stamp(1800), deletionGracePeriodSeconds=30, finalizers=["example.com/backup"])
    else:
        main.update(lastState=ended(139, "Error"), restartCount=5)
        event = ("BackOff", "Back-off restarting failed container main in pod")
    return event


def events(p, warning):
    meta = p["metadata"]
    def event(i, kind, reason, message):
        return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": f"{meta['name']}.{i:016x}", "namespace": meta["namespace"], "uid": f"e{i}-{meta['uid']}", "creationTimestamp": stamp(300)},
                "involvedObject": {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"], "apiVersion": "v1", "fieldPath": "spec.containers{main}"}, "type": kind, "reason": reason, "message": message,
                "source": {"component": "default-scheduler" if reason == "FailedScheduling" else "kubelet", "host": "node-1"}, "firstTimestamp": stamp(900), "lastTimestamp": stamp(200), "count": 9, "reportingComponent": "kubelet", "reportingInstance": "node-1"}
    return ([event(1, "Normal", "Pulled", "Container image already present on machine"), event(2, "Normal", "Started", "Started container main")] if meta["uid"][7] in "05a" else []) + ([event(3, "Warning", *warning)] if warning else [])


class Server:
    def __init__(self, binary):
        # A hundred thousand pods are 8 GB to the server, and garbage may be as much again: it collects sooner rather than use up the machine.
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"GOMEMLIMIT": "15GiB", **os.environ})
        ready = json.loads(self.process.stdout.readline())
        self.kubeconfig, self.etcd = ready["kubeconfig"], ready["etcd"]
        text = open(self.kubeconfig).read()
        self.url = re.search(r'server: "([^"]+)"', text)[1]
        self.ca = re.search(r'certificate-authority: "([^"]+)"', text)[1]
        self.token = re.search(r"name: admin, user: \{token: (\w+)", text)[1]

    def put(self, objects):
        part = lambda text: base64.b64encode(text.encode()).decode()
        puts = [{"requestPut": {"key": part(key), "value": part(json.dumps(value))}} for key, value in objects]
        body = json.dumps({"success": puts}).encode()
        urllib.request.urlopen(urllib.request.Request(self.etcd + "/v3/kv/txn", body, {"content-type": "application/json"})).read()

    def link(self):
        return http.client.HTTPSConnection(self.url.removeprefix("https://"), context=ssl.create_default_context(cafile=self.ca))

    def write(self, link, method, path, body, kind="application/json"):
        link.request(method, path, json.dumps(body), {"authorization": f"Bearer {self.token}", "content-type": kind})
        answer = link.getresponse()
        said = answer.read()
        if answer.status not in (200, 201):
            raise OSError(f"{method} {path} was refused: {answer.status} {said[:300]}")

    def create(self, events):
        """Through the API, as kubelets do: the server keeps them in its own encoding, which it reads anew for every list of events."""
        def some(part):
            link = self.link()
            for event in part:
                self.write(link, "POST", f"/api/v1/namespaces/{event['metadata']['namespace']}/events", event)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(some, [events[i::4] for i in range(4)]))

    def touch(self, pod):
        """Changes one pod, as happens every second in a cluster that lives. Where no pod changed since etcd was last compacted (every five
        minutes) the server has no snapshot to turn the pages of a list from, and reads each page from etcd. Then waits until the server rests: it
        may still be collecting the garbage of the command before, with both cores."""
        self.write(self.link(), "PATCH", pod, {"metadata": {"annotations": {"touched": str(time.time())}}}, "application/merge-patch+json")
        for _ in range(100):
            before = self.cpu()
            time.sleep(0.3)
            if self.cpu() - before <= 0.02:
                break

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def curl(self, path):
        # With its own name curl is sent JSON with line breaks and blanks, twice as much.
        return ["curl", "-s", "-A", "bench", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "--cacert", self.ca, "-H", f"Authorization: Bearer {self.token}", "-H", "Accept: application/json", self.url + path]


def measured(server, command, env=None):
    """Seconds, peak megabytes, seconds of the server's processor, and what it said."""
    with tempfile.TemporaryFile() as out:
        before, start = server.cpu() if server else 0, time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(command)}: exit {child.returncode}")
        cpu = (server.cpu() - before) if server else 0
        out.seek(0)
        return seconds, usage.ru_maxrss / 1024, cpu, out.read() if "kubectl" not in command[0] else b"", usage.ru_utime + usage.ru_stime


def rounds(server, commands, runs, env):
    taken = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            if server:
                server.touch(f"/api/v1/namespaces/ns-000/pods/{pod('ns-000', 0)['metadata']['name']}")
            row = measured(server, command, env)
            if turn:  # the first round warms the caches
                taken[name].append(row)
    median = lambda rows, i: statistics.median(r[i] for r in rows)
    return {name: {"seconds": median(rows, 0), "memory": max(r[1] for r in rows), "cpu": statistics.mean(r[2] for r in rows), "said": rows[-1][3], "own": median(rows, 4)} for name, rows in taken.items()}


def fill(server, pods_wanted, bundle):
    """Writes the pods and events into the server, and the same as a bundle."""
    per = pods_wanted // NAMESPACES
    covered, told, size = [], [], 0
    for n in range(NAMESPACES + 1):
        half = n == NAMESPACES
        namespace = "half" if half else f"ns-{n:03}"
        batch = [(f"/registry/namespaces/{namespace}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "uid": f"n-{n}", "creationTimestamp": stamp(99999)}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})]
        pods, all_events = [], []
        for i in range(1000 if half else per):
            one = pod(namespace, i)
            way = i // 2 % 10 if half and i % 2 else (i // 100 + n) % 10 if not half and i % 100 == 37 else None
            warning = broken(one, way) if way is not None else None
            all_events += events(one, warning)
            pods.append(copy.deepcopy(one))
            one["metadata"]["managedFields"] = managed(one)
            size = max(size, len(json.dumps(one)))
            batch.append((f"/registry/pods/{namespace}/{one['metadata']['name']}", one))
            if len(batch) >= 100:
                server.put(batch)
                batch = []
        server.put(batch)
        told += all_events
        if half:
            continue
        folder = os.path.join(bundle, "api/v1/namespaces", namespace)
        os.makedirs(folder)
        for name, kind, items in (("pods", "PodList", pods), ("events", "EventList", all_events)):
            with open(os.path.join(folder, f"{name}.json"), "w") as f:
                json.dump({"kind": kind, "apiVersion": "v1", "metadata": {}, "items": items}, f)
            covered.append(f"/api/v1/namespaces/{namespace}/{name}")
    with open(os.path.join(bundle, "bundle.json"), "w") as f:
        json.dump({"capturedAt": stamp(0), "serverVersion": "v1.36.0", "namespaces": [f"ns-{n:03}" for n in range(NAMESPACES)], "covered": covered, "logs": []}, f)
    server.put([("/a2", {})])
    server.create(told)
    print(f"{pods_wanted} pods of up to {size / 1000:.1f} kB in {NAMESPACES} namespaces, and one namespace of 1000 pods, half of them broken", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--pods", type=int, default=10_000)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--bin", default="target/release/a2")
    p.add_argument("--server", default=os.environ.get("A2_APISERVER", "target/apiserver/apiserver"))
    a = p.parse_args()
    server = Server(a.server)
    env = {"PATH": os.environ["PATH"], "HOME": tempfile.mkdtemp(), "KUBECONFIG": server.kubeconfig}
    bundle = tempfile.mkdtemp()
    # In a process of its own: the peak memory of what is started later counts from the memory of whoever starts it.
    child = os.fork()
    if child == 0:
        fill(server, a.pods, bundle)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit("the server could not be filled")
    time.sleep(3)
    short = []

    def hold(what, value, bound):
        print(f"  {what:<58}{value:>9.3f}   bound {bound:g}{'' if value <= bound else '   MISSED'}")
        if value > bound:
            short.append(what)

    def show(title, got):
        print(f"\n{title}\n  {'':<24}{'wall s':>8}{'own cpu s':>11}{'server cpu s':>14}{'peak MB':>9}")
        for name, row in got.items():
            print(f"  {name:<24}{row['seconds']:>8.3f}{row['own']:>11.3f}{row['cpu']:>14.3f}{row['memory']:>9.1f}")

    a2 = [a.bin, "scan", "--no-logs", "-o", "json", "--timeout", "120s"]
    everywhere = [arg for n in range(NAMESPACES) for arg in ("-n", f"ns-{n:03}")]
    few = a.pods <= 10_000
    commands = {"curl LIST": server.curl("/api/v1/pods"), "a2 scan -A": a2 + ["-A"], "a2 scan, 1 % broken": a2 + everywhere}
    if few:  # kubectl holds them all, which for ten times as many is 17 GB
        commands["kubectl get pods -A"] = ["kubectl", "get", "pods", "-A"]
    got = rounds(server, commands, a.runs, env)
    show("All namespaces", got)
    curl, most = got["curl LIST"], got["a2 scan, 1 % broken"]
    bytes_of = lambda row: json.loads(row["said"])["cost"]["bytes"]
    listed = int(curl["said"].split()[1])
    report = json.loads(most["said"])
    print(f"  LIST {listed / 1e6:.1f} MB; a2 {report['cost']['bytes'] / 1e6:.2f} MB in {report['cost']['requests']} requests, {report['counts']}")
    ways = {}
    for f in report["findings"]:
        ways[f["cause"]] = ways.get(f["cause"], 0) + 1
    print(f"  causes {ways}")
    hold("wall of a2 / wall of curl", most["seconds"] / curl["seconds"], 0.2 if few else 0.05)
    if few:
        hold("wall of a2 / wall of kubectl", most["seconds"] / got["kubectl get pods -A"]["seconds"], 0.1)
    hold("bytes of a2 / bytes of the LIST", bytes_of(most) / listed, 0.05)
    hold("server's cpu for a2 / for the LIST", most["cpu"] / max(curl["cpu"], 0.01), 0.3)
    hold("peak memory of a2, MB", most["memory"], 40 if few else 64)
    got = rounds(server, {"curl LIST -n half": server.curl("/api/v1/namespaces/half/pods"), "kubectl get -o json": ["kubectl", "get", "pods", "-n", "half", "-o", "json"], "a2 scan -n half": a2 + ["-n", "half"]}, a.runs, env)
    show("A namespace of which half is broken", got)
    curl, kubectl, ours = (got[n] for n in got)
    print(f"  {json.loads(ours['said'])['counts']}, {json.loads(ours['said'])['cost']}")
    hold("wall of a2 / wall of curl", ours["seconds"] / curl["seconds"], 1.5)
    hold("wall of a2 / wall of kubectl get -o json", ours["seconds"] / kubectl["seconds"], 0.5)
    got = rounds(None, {"a2 scan --from": a2 + ["-A", "--from", bundle]}, a.runs, env)
    show("A bundle of all namespaces, offline", got)
    if few:
        hold("wall of a2, seconds", got["a2 scan --from"]["seconds"], 1.0)
    server.process.stdin.close()
    server.process.wait()
    subprocess.run(["rm", "-rf", bundle, env["HOME"]])
    if short:
        print("falls short: " + ", ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
