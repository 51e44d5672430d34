//! Words of the platform and the cause that each speaks for.

use a2::signatures::classify;

const MESSAGES: &str = include_str!("platform-messages.txt");

#[test]
fn each_message_gives_its_cause() {
    let (mut asked, mut wrong) = (0, Vec::new());
    for line in MESSAGES.lines().filter(|l| !l.starts_with('#')) {
        let (cause, text) = line.split_once('\t').expect("a tab");
        let text = text.replace("\\n", "\n");
        let found = classify(&text);
        let first = found.first().map_or("none", |f| f.cause);
        asked += 1;
        if first != cause {
            let ids: Vec<_> = found.iter().map(|f| f.signature).collect();
            wrong.push(format!("{first} {ids:?} instead of {cause}: {text}"));
        }
    }
    assert!(asked >= 200, "only {asked} messages");
    assert!(wrong.is_empty(), "{} of {asked} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn only_the_schedulers_own_preemption_tail_is_cut_off() {
    let found = classify("preemption: Failed to pull image \"registry.example/app:9\": registry.example/app:9: not found");
    assert_eq!(found.first().map(|f| f.cause), Some("image.not-found"), "{found:?}");
}

/// What the first finding of a message names.
fn named(text: &str) -> Vec<String> {
    classify(text).first().map(|f| f.entities.iter().map(|e| format!("{}={}", e.kind.word(), e.value)).collect()).unwrap_or_default()
}

#[test]
fn messages_name_their_objects() {
    for (text, names) in [
        (
            r#"failed to pull and unpack image "registry.corp.example/a:1": failed to resolve reference "registry.corp.example/a:1": failed to do request: Head "https://registry.corp.example:8443/v2/a/manifests/1": dial tcp: lookup registry.corp.example on 10.0.0.2:53: no such host"#,
            &["object=registry.corp.example/a:1", "peer=registry.corp.example:8443"][..],
        ),
        ("0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.", &["object=cpu", "object=memory"]),
        (r#"0/3 nodes are available: persistentvolumeclaim "data" not found."#, &["object=data"]),
        ("0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}.", &["object=dedicated"]),
        ("couldn't find key DB_HOST in ConfigMap shop/app-settings", &["variable=DB_HOST", "object=ConfigMap shop/app-settings"]),
        (r#"exec: "/app/start.sh": stat /app/start.sh: no such file or directory"#, &["path=/app/start.sh"]),
        (r#"MountVolume.SetUp failed for volume "data" : hostPath type check failed: /mnt/data is not a directory"#, &["path=/mnt/data", "object=data"]),
        (r#"MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found"#, &[r#"object=secret "web-tls""#, "object=tls"]),
        (
            r#"pods "web" is forbidden: exceeded quota: team, requested: limits.memory=2Gi, used: limits.memory=7Gi, limited: limits.memory=8Gi"#,
            &["object=team", "object=limits.memory", "limit=2Gi"],
        ),
        ("Pod was rejected: Node didn't have enough resource: cpu, requested: 4000, used: 1000, capacity: 4000", &["object=cpu", "limit=4000"]),
    ] {
        let found = named(text);
        for name in names {
            assert!(found.iter().any(|f| f == name), "{name} is not among {found:?}: {text}");
        }
    }
}

#[test]
fn only_the_first_cause_is_meant() {
    let found = classify("0/5 nodes are available: 1 Insufficient memory, 4 node(s) had untolerated taint {a: b}. preemption: 0/5 nodes are available: 5 x.");
    let causes: Vec<_> = found.iter().map(|f| (f.cause, f.generic)).collect();
    assert_eq!(causes, [("scheduling.resources", false), ("scheduling.placement", true)]);
}

#[test]
fn hostile_messages_do_no_harm() {
    for text in ["", "\n\n", "0/", "preemption: ", "nodes are available", "\u{0}\u{1b}[31m", "é preemption: nodes are available", &"x".repeat(1 << 16)] {
        let _ = classify(text);
    }
}
