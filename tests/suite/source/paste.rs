//! Pasted text gives the verdict that the cluster gives.

use std::fmt::Write as _;
use std::path::Path;

use a2::collect::{Extras, collect};
use a2::diagnosis::{Investigation, diagnose, peers_named};
use a2::evidence::{Budget, Options, Target, parse_time};
use a2::rules::RuleSet;
use a2::source::foreign::{MAX_PASTE_BYTES, Pasted, paste};
use a2::source::{Connection, bundle};
use proptest::prelude::*;

use crate::bundles::{cases, stages};

const CLOCK: &str = "2030-01-02T03:04:05Z";

fn read(text: &str) -> Pasted {
    paste(text.as_bytes(), parse_time(CLOCK).expect("a time")).expect("a paste")
}

async fn judge(conn: &Connection, namespace: &str, name: &str) -> Investigation {
    let target = Target { namespace: namespace.to_owned(), name: name.to_owned(), uid: None };
    let extras = Extras { namespace_given: true, name_peers: Some(&peers_named), ..Extras::default() };
    let case = collect(conn, target, Options::default(), Budget::default(), extras).await.expect("a case");
    diagnose(case, RuleSet::builtin())
}

async fn judge_paste(text: &str) -> Investigation {
    let pasted = read(text);
    let pod = pasted.pods.first().expect("a pod").clone();
    judge(&pasted.connection, &pod.namespace, &pod.name).await
}

fn cause(investigation: &Investigation) -> &str {
    &investigation.verdict.cause
}

/// What somebody pastes: what kubectl described, and the logs, with or without time stamps.
fn ticket(stage: &Path, namespace: &str, name: &str, stamps: bool) -> Option<String> {
    let mut text = std::fs::read_to_string(stage.join("describe.txt")).ok()?;
    let logs = stage.join(format!("api/v1/namespaces/{namespace}/pods/{name}/log"));
    let mut files: Vec<_> = std::fs::read_dir(logs).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files {
        let stem = file.file_stem()?.to_string_lossy().into_owned();
        let (container, previous) = stem.strip_suffix(".previous").map_or((stem.as_str(), ""), |c| (c, " (previous)"));
        let _ = writeln!(text, "\n--- container {container}{previous} ---");
        for line in String::from_utf8_lossy(&std::fs::read(&file).ok()?).lines() {
            let _ = writeln!(text, "{}", if stamps { line } else { line.split_once(' ').map_or("", |(_, rest)| rest) });
        }
    }
    Some(text)
}

#[tokio::test]
async fn describe_and_logs_give_the_cause_that_the_recording_gives() {
    let Some(root) = cases() else { return };
    let (mut same, mut differ) = (0, Vec::new());
    for (at, (stage, namespace, target)) in stages(&root).into_iter().enumerate() {
        let (Some(name), true) = (target, stage.ends_with("live")) else { continue };
        let Some(text) = ticket(&stage, &namespace, &name, at % 2 == 0) else { continue };
        let recorded = judge(&bundle::open(&stage).expect("a bundle"), &namespace, &name).await;
        let pasted = judge_paste(&text).await;
        if cause(&recorded) == cause(&pasted) {
            same += 1;
        } else {
            differ.push(format!("{}: {} became {}", stage.display(), cause(&recorded), cause(&pasted)));
        }
    }
    println!("{same} alike, {} not:\n{}", differ.len(), differ.join("\n"));
    // What describe leaves out (reasons of conditions, siblings, peers) costs a few.
    assert!(same >= 140 && differ.len() * 20 <= same, "{}", differ.join("\n"));
}

const DESCRIBED: &str = "\
Name:             web-0
Namespace:        shop
Node:             n1/10.0.0.1
Start Time:       Wed, 02 Jan 2030 03:00:00 +0000
Labels:           app=web
Annotations:      <none>
Status:           Running
IP:               10.1.0.7
Controlled By:    StatefulSet/web
Containers:
  app:
    Container ID:  containerd://0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    Image:         registry.example.com/web:1
    Command:
      /usr/bin/tally
    State:          Running
      Started:      Wed, 02 Jan 2030 03:02:02 +0000
    Last State:     Terminated
      Reason:       Error
      Exit Code:    137
      Started:      Wed, 02 Jan 2030 03:00:01 +0000
      Finished:     Wed, 02 Jan 2030 03:02:00 +0000
    Ready:          True
    Restart Count:  1
    Limits:
      memory:  64Mi
    Liveness:     http-get http://:8080/healthz delay=5s timeout=1s period=5s #success=1 #failure=3
    Environment:
      DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false
      MODE:         fast
    Mounts:         <none>
Conditions:
  Type    Status
  Ready   True 
QoS Class:       Burstable
";

const EVENTS: &str = "\
Events:
  Type     Reason     Age                   From               Message
  ----     ------     ----                  ----               -------
  Normal   Scheduled  5m                    default-scheduler  Successfully assigned shop/web-0 to n1
  Warning  Unhealthy  3m5s (x3 over 3m15s)  kubelet            Liveness probe failed: Get \"http://10.1.0.7:8080/healthz\": context deadline exceeded
  Normal   Killing    3m5s                  kubelet            Container app failed liveness probe, will be restarted
  Normal   Started    2m58s (x2 over 5m)    kubelet            Started container app
";

#[tokio::test]
async fn ages_are_told_by_the_moments_that_the_text_states() {
    let pasted = read(&format!("{DESCRIBED}{EVENTS}"));
    // Scheduled at the start, five minutes before it was printed.
    assert_eq!(pasted.connection.now(), parse_time("2030-01-02T03:05:00Z"));
    let found = judge(&pasted.connection, "shop", "web-0").await;
    assert_eq!(cause(&found), "probe.liveness");
    let kill = found.history.deaths.iter().find_map(|d| d.killed.clone()).expect("a kill");
    assert_eq!(kill.time, parse_time("2030-01-02T03:01:55Z"));
    let pod = found.history.pod.as_ref().expect("a pod");
    let app = pod.container("app").expect("a container");
    assert_eq!(
        (app.restarts, app.spec(&pod.object).and_then(|s| s["env"].as_array()).map(Vec::len), app.limits.get("memory").map(String::as_str)),
        (1, Some(2), Some("64Mi"))
    );
    // What was not pasted was not asked, and nothing is called absent.
    assert!(found.case.gaps.iter().any(|g| g.resource == "nodes" && g.kind.word() == "not-asked"));
    assert!(!found.case.pod_absent);
}

#[tokio::test]
async fn a_kernel_line_is_joined_by_container_id_uid_or_process_and_time() {
    let killed = "Memory cgroup out of memory: Killed process 4711 (tally) total-vm:713940kB, anon-rss:65000kB, file-rss:0kB";
    let cgroup = "task_memcg=/kubepods.slice/kubepods-pod7d0f6c1e_3f0b_4a55_9f0e_0c6b3f7f2a11.slice/cri-containerd-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope";
    let constraint = format!("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),{cgroup},task=tally,pid=4711,uid=0");
    let forms = [
        format!("[Wed Jan  2 03:02:00 2030] {constraint}\n[Wed Jan  2 03:02:00 2030] {killed}\n"),
        format!("[12345.678901] {constraint}\n[12345.678905] {killed}\n"),
        format!("Jan  2 03:02:00 n1 kernel: {constraint}\nJan  2 03:02:00 n1 kernel: {killed}\n"),
        format!("2030-01-02T03:02:00+0000 n1 kernel: {killed}\n"),
        "time=\"2030-01-02T03:02:00Z\" level=info msg=\"TaskOOM event container_id:\\\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\\"\"\n".to_owned(),
    ];
    for form in &forms {
        for text in [format!("{DESCRIBED}Events:  <none>\n\n{form}"), format!("{form}\n{DESCRIBED}Events:  <none>\n")] {
            let found = judge_paste(&text).await;
            assert_eq!(cause(&found), "oom.container-limit", "{text}");
        }
    }
    // The same words in a log are the program's own.
    let said = judge_paste(&format!("{DESCRIBED}Events:  <none>\n\n--- container app (previous) ---\n2030-01-02T03:01:59Z x\n{}", forms[0])).await;
    assert!(said.case.node_events.is_empty());
}

#[tokio::test]
async fn one_kind_of_text_is_enough_for_a_verdict() {
    let log = "2030-01-02T03:00:01Z starting\n2030-01-02T03:00:02Z thread 'main' panicked at src/main.rs:7:5:\nindex out of bounds: the len is 3 but the index is 7\n";
    assert_eq!(cause(&judge_paste(log).await), "crash.panic");
    let events = "\
LAST SEEN   TYPE      REASON      OBJECT       MESSAGE
3m20s       Normal    Scheduled   pod/web-0    Successfully assigned shop/web-0 to n1
3m          Warning   Failed      pod/web-0    Failed to pull image \"registry.example.com/web:9\": rpc error: code = NotFound desc = failed to pull and unpack image \"registry.example.com/web:9\": failed to resolve reference \"registry.example.com/web:9\": registry.example.com/web:9: not found
20s         Warning   BackOff     pod/web-0    Back-off pulling image \"registry.example.com/web:9\"
";
    assert_eq!(cause(&judge_paste(events).await), "image.not-found");
    let yaml = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: web-0, namespace: shop}\n  spec: {containers: [{name: app, image: a}], restartPolicy: Never}\n  status:\n    phase: Failed\n    containerStatuses:\n    - {name: app, state: {terminated: {exitCode: 137, reason: OOMKilled, startedAt: '2030-01-02T03:00:01Z', finishedAt: '2030-01-02T03:02:00Z'}}}\n";
    assert!(cause(&judge_paste(yaml).await).starts_with("oom."));
    let json = serde_json::to_string_pretty(&serde_yaml::from_str::<serde_json::Value>(yaml).expect("yaml")).expect("json");
    assert!(cause(&judge_paste(&format!("$ kubectl get pods -o json\n{json}\n$ kubectl logs web-0\nhello\n")).await).starts_with("oom."));
}

#[tokio::test]
async fn lines_of_the_kernel_alone_are_enough_for_a_verdict() {
    let uid = "7d0f6c1e_3f0b_4a55_9f0e_0c6b3f7f2a11";
    let lines = [
        "tally invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=984".to_owned(),
        "memory: usage 65536kB, limit 65536kB, failcnt 120".to_owned(),
        format!(
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task_memcg=/kubepods.slice/kubepods-pod{uid}.slice/cri-x.scope,task=tally,pid=4711,uid=0"
        ),
        "Memory cgroup out of memory: Killed process 4711 (tally) total-vm:713940kB, anon-rss:65000kB, file-rss:512kB, shmem-rss:0kB".to_owned(),
    ];
    for stamp in ["[ 8131.123456] ", "[Wed Jan  2 03:02:00 2030] ", "Jan  2 03:02:00 n1 kernel: "] {
        let found = judge_paste(&lines.iter().map(|line| format!("{stamp}{line}\n")).collect::<String>()).await;
        let verdict = (cause(&found), found.verdict.container.as_deref(), found.history.silence.silent);
        assert_eq!(verdict, ("oom.container-limit", Some("tally"), None), "{stamp}: {}", found.verdict.headline);
        assert_ne!(found.verdict.confidence.word(), "confirmed", "whether it was the main process, the line does not say");
    }
    let fault = judge_paste("[ 8131.5] tally[4711]: segfault at 0 ip 00007f12 sp 00007ffd error 4 in libx.so[7f12+1000]\n").await;
    assert_eq!(cause(&fault), "crash.native", "{}", fault.verdict.headline);
    // A whole node without memory is another matter: that line names no limit.
    let node = judge_paste("[ 8131.5] Out of memory: Killed process 4711 (tally) total-vm:713940kB, anon-rss:65000kB\n").await;
    assert_eq!(cause(&node), "oom.node", "{}", node.verdict.headline);
    assert_ne!(node.verdict.confidence.word(), "confirmed");
}

#[tokio::test]
async fn several_pods_are_told_apart() {
    let other = DESCRIBED.replace("web-0", "web-1");
    let pasted = read(&format!("{DESCRIBED}Events:  <none>\n\n\n{other}Events:  <none>\n"));
    assert_eq!(pasted.pods.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["web-0", "web-1"]);
}

#[tokio::test]
async fn quotation_marks_and_fences_do_not_matter() {
    let text = format!("{DESCRIBED}{EVENTS}");
    let quoted: String = text.lines().map(|l| format!("> {l}\n")).collect();
    let windows = text.replace('\n', "\r\n");
    for text in [quoted, windows, format!("Hi, see this:\n```\n{text}```\nthanks\n")] {
        assert_eq!(cause(&judge_paste(&text).await), "probe.liveness", "{text}");
    }
}

#[tokio::test]
async fn what_is_too_long_or_about_nothing_is_refused() {
    let clock = parse_time(CLOCK).expect("a time");
    assert!(paste(&vec![b'x'; MAX_PASTE_BYTES + 1], clock).is_err());
    assert!(paste(b"", clock).is_err());
    assert!(paste(b"\n\n\n", clock).is_err());
}

#[tokio::test]
async fn cut_and_garbled_pastes_never_panic() {
    let text = format!("{DESCRIBED}{EVENTS}\n[1.5] Killed process 1 (x) oom-kill:constraint=\n--- container app ---\n2030-01-02T03:01:59Z bye\n");
    let clock = parse_time(CLOCK).expect("a time");
    for end in (0..text.len()).step_by(7) {
        let _ = paste(&text.as_bytes()[..end], clock);
        let _ = paste(&text.as_bytes()[end..], clock);
    }
    let deep = "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"a\":".to_owned() + &"[".repeat(100_000);
    let _ = paste(deep.as_bytes(), clock);
    let _ = paste("kind: Pod\napiVersion: v1\na: &a [*a, *a]\n".as_bytes(), clock);
    for word in ["Name:\nNamespace:\n", "{\"kind\"\n", "kind:\n", "Events:\n", "I0000 00:00:00 ] x\n", "==> a <==\n", "[", "time=\"\" msg=\n"] {
        let _ = paste(word.repeat(20_000).as_bytes(), clock);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn shuffled_lines_never_panic(order in proptest::collection::vec(0usize..60, 0..80), cut in 0usize..40) {
        let text = format!("{DESCRIBED}{EVENTS}\nkind: Pod\nmetadata: {{name: é}}\napiVersion: v1\n---\n{{\"kind\": \"Pod\"\nNov 21 23:47:50 h kernel: x\nE1121 é\n");
        let lines: Vec<&str> = text.lines().collect();
        let mixed: String = order.iter().filter_map(|i| lines.get(*i)).map(|l| format!("{}\n", l.chars().skip(cut % 7).collect::<String>())).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let _entered = runtime.enter();
        let _ = paste(mixed.as_bytes(), parse_time(CLOCK).expect("a time"));
    }
}
