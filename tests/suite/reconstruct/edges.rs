//! Small turns of the story: each test changes one thing that another verdict, fact or remark hangs on.

use a2::evidence::{Gap, GapKind, NodeLog, Object, Owner, Pod, Related};
use a2::reconstruct::{DeathSource, Mechanism, Value};
use serde_json::json;

use super::hand::{Hand, UID, at, ended, running, time};
use super::of;
use crate::bundles::{Bundle, crashed, event};

fn holds(hand: &Hand, fact: &str, value: impl Into<Value>) -> bool {
    hand.report().history.facts.has(fact, &value.into())
}

#[test]
fn the_kubelet_ends_pods_for_more_than_one_reason() {
    let removed = |reason: &str| {
        let hand = Hand::new(ended(143, "Error")).deleting(90).condition("DisruptionTarget", "True", "TerminationByKubelet", 90);
        hand.pod_reason(reason, "the kubelet said so").report().history.removal.map(|r| r.kind)
    };
    assert_eq!(removed("Terminated"), Some("node-shutdown"));
    assert_eq!(removed("NodeShutdown"), Some("node-shutdown"));
    assert_eq!(removed("Preempting"), Some("preemption"));
    assert_ne!(removed("Evicted"), Some("preemption"));
    assert_ne!(removed("Evicted"), Some("node-shutdown"));
}

#[test]
fn a_time_limit_in_the_command_shows_by_its_code_its_signal_or_the_time_it_took() {
    // The instance lived 90 seconds.
    for (code, command, shown) in [
        (124, vec!["timeout", "300", "work"], true),
        (143, vec!["timeout", "90", "work"], true),
        (137, vec!["timeout", "90", "work"], true),
        (137, vec!["timeout", "-s", "KILL", "300", "work"], true),
        (143, vec!["timeout", "300", "work"], false),
        (137, vec!["timeout", "300", "work"], false),
        (1, vec!["timeout", "90", "work"], false),
        (124, vec!["work"], false),
    ] {
        let hand = Hand::new(ended(code, "Error")).spec("command", json!(command));
        assert_eq!(holds(&hand, "death.command_shows_timeout", true), shown, "{code} {command:?}");
    }
}

#[test]
fn grace_ran_out_only_when_all_of_it_passed() {
    let stopped = |second: i64, code: i64| Hand::new(ended(code, "Error")).deleting(second).event("Killing", "Stopping container main", second);
    assert!(holds(&stopped(70, 137), "death.grace_ran_out", true));
    for (second, code) in [(95, 137), (30, 137), (70, 143)] {
        assert!(!holds(&stopped(second, code), "death.grace_ran_out", true), "{code} at {second}");
    }
}

#[test]
fn kernel_lines_of_the_same_second() {
    let memcg = "Memory cgroup out of memory: Killed process 7 (worker) total-vm:1448016kB";
    let hand = |message: &str, second: i64| Hand::new(ended(137, "Error")).node_event("kernel-monitor", "OOMKilling", message, second);
    assert!(!holds(&hand(memcg, 100), "node.kernel_oom", "other"), "the second agrees, and it was a container's limit");
    assert!(holds(&hand(memcg, 95), "node.kernel_oom", "other"));
    assert!(
        holds(&hand("Out of memory: Killed process 7 (worker) total-vm:1448016kB", 100), "node.kernel_oom", "other"),
        "the node's memory, anybody's process"
    );
}

#[test]
fn a_node_that_may_not_be_read_leaves_its_state_open() {
    let unseen = |resource: &str| {
        let mut hand = Hand::new(ended(137, "Error"));
        hand.case.gaps.push(Gap::new(GapKind::Forbidden, "get", resource, "the node of the pod", "forbidden"));
        hand.report().history.facts.get("node.not_ready").is_some_and(|f| f.gap.is_some())
    };
    assert!(unseen("nodes"));
    assert!(!unseen("limitranges"));
}

#[test]
fn policies_of_another_namespace_do_not_hold_for_a_peer() {
    for (namespace, selects) in [("n", true), ("elsewhere", false)] {
        let mut hand = Hand::new(ended(1, "Error")).peer("ledger-0", "ledger:5432", running(5), json!({}));
        let policy = json!({ "kind": "NetworkPolicy", "metadata": { "name": "deny", "namespace": namespace }, "spec": { "podSelector": {}, "policyTypes": ["Ingress"] } });
        hand.case.objects.insert("NetworkPolicy/deny".to_owned(), Object::new(policy));
        assert_eq!(holds(&hand, "spec.network_policy", "deny"), selects, "{namespace}");
    }
}

#[test]
fn a_container_with_rules_of_its_own_goes_on_until_a_kill() {
    let rules = json!([{ "action": "Restart", "exitCodes": { "operator": "In", "values": [42] } }]);
    let hand = || Hand::new(ended(42, "Error")).spec("restartPolicy", json!("Never")).spec("restartPolicyRules", rules.clone()).beside("side", running(10));
    assert_eq!(hand().event("Started", "Started container main", 10).report().history.effective_status, "running", "it is started again");
    let killed = hand().event("Killing", "Container main failed liveness probe", 95).report();
    assert_eq!(killed.history.effective_status, "stopped");
    let other = hand().event_of("kubelet", Some("side"), "Killing", "Container side failed liveness probe", 95, 1).report();
    assert_eq!(other.history.effective_status, "running", "another container's kill");
}

fn journal(code: i64, stopped: bool) -> Hand {
    let mut hand = Hand::new(json!({}));
    let mut lines = vec![
        format!("time=\"2030-01-02T03:00:05Z\" level=info msg=\"RunPodSandbox for &PodSandboxMetadata{{Name:work-0,Uid:{UID},Namespace:n,Attempt:0,}} returns sandbox id \\\"5b1e0d44a2aa\\\"\""),
        "time=\"2030-01-02T03:00:09Z\" level=info msg=\"CreateContainer within sandbox \\\"5b1e0d44a2aa\\\" for &ContainerMetadata{Name:main,Attempt:0,} returns container id \\\"0123456789abcdef\\\"\"".to_owned(),
        "time=\"2030-01-02T03:00:10Z\" level=info msg=\"StartContainer for \\\"0123456789abcdef\\\" returns successfully\"".to_owned(),
    ];
    if stopped {
        lines.push("time=\"2030-01-02T03:01:38Z\" level=info msg=\"StopContainer for \\\"0123456789abcdef\\\" with timeout 30 (s)\"".to_owned());
    }
    lines.push(format!(
        "time=\"2030-01-02T03:01:40Z\" level=info msg=\"received exit event container_id:\\\"0123456789abcdef\\\" pid:4711 exit_status:{code}\""
    ));
    hand.case.target.uid = Some(UID.to_owned());
    hand.case.node_logs.push(NodeLog { node: "k".to_owned(), service: "containerd".to_owned(), lines });
    hand
}

/// The pod is gone; what the journal of the runtime and the events tell is left.
fn gone(hand: &Hand) -> Vec<(String, Mechanism)> {
    let found = a2::diagnosis::diagnose(hand.case.clone(), a2::rules::RuleSet::builtin());
    found.history.deaths.into_iter().map(|d| (d.container, d.mechanism)).collect()
}

#[test]
fn the_journal_of_the_runtime_tells_who_stopped() {
    let main = |mechanism| vec![("main".to_owned(), mechanism)];
    assert_eq!(gone(&journal(143, true)), main(Mechanism::Stopped));
    assert_eq!(gone(&journal(1, true)), main(Mechanism::Stopped));
    let by = |hand: &Hand| a2::diagnosis::diagnose(hand.case.clone(), a2::rules::RuleSet::builtin()).history.facts.text("death.stopped_by").map(str::to_owned);
    assert_eq!(by(&journal(143, true)).as_deref(), Some("unknown"), "stopped, and nothing tells by whom");
    assert_eq!(by(&journal(1, false)), None);
    assert_eq!(by(&Hand::new(json!({})).event("Pulled", "Container image was pulled", 5)), None, "gone, and nothing tells that it was stopped");
    assert_eq!(gone(&journal(1, false)), main(Mechanism::Exited));
    assert_eq!(gone(&journal(143, false)), main(Mechanism::Unknown));
    assert_eq!(gone(&journal(139, false)), main(Mechanism::Signaled));
}

#[test]
fn the_kill_of_one_container_is_not_the_end_of_another() {
    let mut mine = gone(&journal(1, false).event("Killing", "Container main failed liveness probe, will be restarted", 99));
    mine.sort();
    assert_eq!(mine, [("main".to_owned(), Mechanism::Stopped)], "one death, seen twice");
    let mut others = gone(&journal(1, false).event_of("kubelet", Some("side"), "Killing", "Stopping container side", 99, 1));
    others.sort();
    assert_eq!(others, [("main".to_owned(), Mechanism::Exited), ("side".to_owned(), Mechanism::Stopped)]);
    let mut later = gone(&journal(1, false).event("Killing", "Container main failed liveness probe, will be restarted", 900));
    later.sort();
    assert_eq!(later.len(), 2, "a quarter of an hour later it is another instance");
}

#[tokio::test]
async fn native_sidecars_that_are_stopped_at_the_end_say_nothing() {
    let job = json!({
        "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
        "spec": { "template": { "spec": { "restartPolicy": "Never",
            "initContainers": [{ "name": "proxy", "image": "shop/proxy:1", "restartPolicy": "Always" }],
            "containers": [{ "name": "main", "image": "shop/load:1" }, { "name": "helper", "image": "shop/helper:1" }] } } },
        "status": { "failed": 1 }
    });
    let killed = |container: &str| {
        let mut told = event(&format!("e-{container}"), "Pod", "load-x7k2p", "Killing", &format!("Stopping container {container}"));
        told["involvedObject"]["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
        told
    };
    let events = vec![killed("main"), killed("helper"), killed("proxy")];
    let bundle = Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job]).list("/api/v1/namespaces/shop/events", events).usual().done();
    let found = of(&bundle, "load-x7k2p").await;
    let mut dead: Vec<_> = found.history.deaths.iter().filter(|d| d.from == DeathSource::Events).map(|d| d.container.as_str()).collect();
    dead.sort_unstable();
    assert_eq!(dead, ["helper", "main"]);
}

#[test]
fn siblings_of_another_owner() {
    let mut hand = Hand::new(ended(1, "Error"));
    hand.raw["metadata"]["labels"] = json!({ "app": "work" });
    hand.raw["metadata"]["ownerReferences"] = json!([{ "kind": "ReplicaSet", "name": "work-1", "uid": "uid-work-1", "controller": true }]);
    for (name, owner) in [("work-7", "work-1"), ("work-8", "work-2")] {
        let mut raw = hand.raw.clone();
        raw["metadata"]["name"] = json!(name);
        raw["metadata"]["uid"] = json!(format!("uid-{name}"));
        raw["metadata"]["ownerReferences"][0]["name"] = json!(owner);
        raw["metadata"]["ownerReferences"][0]["uid"] = json!(format!("uid-{owner}"));
        hand.case.siblings.push(Pod::from_object(Object::new(raw)));
    }
    let owner = Object::new(json!({ "kind": "ReplicaSet", "metadata": { "name": "work-1", "namespace": "n", "uid": "uid-work-1" } }));
    let same = |hand: &Hand| hand.report().history.siblings.rows.iter().map(|r| (r.name.clone(), r.same_owner)).collect::<Vec<_>>();
    let want = [("work-7".to_owned(), true), ("work-8".to_owned(), false)];
    assert_eq!(same(&hand), want, "by the reference alone");
    hand.case.owners.push(Owner { object: owner, depth: 1, found_by: Related::OwnerReference });
    assert_eq!(same(&hand), want, "by the owner that was read");
}

#[test]
fn the_log_of_the_next_instance_is_not_the_one_that_ended() {
    let hand = |last: i64| Hand::restarted(ended(1, "Error")).log(true, last, "ERROR could not connect to db 10.9.0.1:5432: connection refused");
    assert_eq!(hand(99).report().verdict.cause, "dependency.unreachable");
    assert_ne!(hand(125).report().verdict.cause, "dependency.unreachable", "written 25 seconds after its end");
}

#[test]
fn a_pod_that_is_there_is_traced_without_events() {
    let report = Hand::new(ended(1, "Error")).report();
    assert!(report.history.traced);
    assert!(report.history.facts.get("death.stopped_by").is_none_or(|f| f.values.is_empty()), "nobody stopped it");
    assert_eq!(report.history.subject.role, "primary");
    assert!(Hand::new(running(10)).report().history.traced, "nor does it need a death");
}

#[test]
fn kills_that_were_repeated_count_for_the_instances_between() {
    let killed = |last: i64, count: i64| {
        let hand = Hand::new(ended(137, "Error"));
        let hand = hand.event_of("kubelet", Some("main"), "Killing", "Container main failed liveness probe, will be restarted", last, count);
        hand.report().history.deaths.iter().any(|d| d.killed.is_some() && d.from == DeathSource::State)
    };
    assert!(killed(130, 14), "from second 0 to 130, with the end at 100 between");
    assert!(!killed(500, 3), "all of them later");
    assert!(!killed(5, 3), "all of them before");
}

#[test]
fn a_refusal_at_shutdown_is_none_that_ran() {
    let kind = |message: &str| Hand::new(json!({})).pod_reason("NodeShutdown", message).report().history.subject.mechanism;
    assert_eq!(kind("Pod was rejected as the node is shutting down."), Mechanism::NotStarted);
    assert_eq!(kind("Pod was terminated in response to imminent node shutdown."), Mechanism::Stopped);
}

#[test]
fn what_will_end_a_pod_that_lingers() {
    let hand = Hand::new(ended(1, "Error")).beside("side", running(10)).set("/spec/activeDeadlineSeconds", json!(600));
    let silence = hand.report().history.silence;
    assert_eq!(silence.silent, Some(true));
    assert_eq!(silence.ends, Some(("activeDeadlineSeconds of the pod".to_owned(), time(601))));
}

#[test]
fn the_longest_name_that_the_pod_begins_with() {
    let mut hand = Hand::new(running(10)).beside("work", running(10));
    hand.raw["spec"]["containers"][0]["name"] = json!("wor");
    hand.raw["status"]["containerStatuses"][0]["name"] = json!("wor");
    assert_eq!(hand.report().history.primary.map(|p| p.container), Some("work".to_owned()));
}

#[test]
fn limits_in_days() {
    let mut state = ended(143, "Error");
    state["terminated"]["startedAt"] = json!(at(100 - 86_400));
    assert!(holds(&Hand::new(state).spec("command", json!(["timeout", "1d", "work"])), "death.command_shows_timeout", true));
}

#[test]
fn what_an_init_container_waits_for_stands_in_its_command() {
    let command = json!(["sh", "-c", "until nc -z redis 6379; do sleep 2; done"]);
    let mut hand = Hand::new(super::hand::waiting("PodInitializing", "")).set("/status/phase", json!("Pending"));
    hand.raw["spec"]["initContainers"] = json!([{ "name": "wait", "image": "registry.example/busybox:1", "command": command }]);
    hand.raw["status"]["initContainerStatuses"] = json!([{ "name": "wait", "ready": false, "restartCount": 0, "state": running(2), "lastState": {} }]);
    assert!(holds(&hand, "start.waits_for", "redis:6379"));
    assert!(holds(&hand, "start.waits_how", "connect"));
}

#[test]
fn failures_of_one_node_only() {
    let pattern = |others_on: &str| {
        let mut hand = Hand::new(ended(1, "Error"));
        hand.raw["metadata"]["ownerReferences"] = json!([{ "kind": "ReplicaSet", "name": "work-1", "uid": "uid-work-1", "controller": true }]);
        for (name, node, state) in [
            ("work-5", "k", ended(1, "Error")),
            ("work-6", "k", ended(1, "Error")),
            ("work-7", others_on, ended(0, "Completed")),
            ("work-8", others_on, running(10)),
        ] {
            let mut raw = hand.raw.clone();
            raw["metadata"]["name"] = json!(name);
            raw["metadata"]["uid"] = json!(format!("uid-{name}"));
            raw["spec"]["nodeName"] = json!(node);
            raw["status"]["containerStatuses"][0]["state"] = state;
            hand.case.siblings.push(Pod::from_object(Object::new(raw)));
        }
        let facts = hand.report().history.facts;
        (facts.text("siblings.pattern").map(str::to_owned), facts.int("siblings.failed_alike"), facts.int("siblings.fared_otherwise"))
    };
    assert_eq!(pattern("j"), (Some("node-bound".to_owned()), Some(2), Some(1)), "the one that still runs has not fared yet");
    assert_eq!(pattern("k").0.as_deref(), Some("recurring"));
}

#[test]
fn events_that_may_not_be_read_are_not_said_to_be_gone() {
    let told = |gap: bool| {
        let mut hand = journal(1, false);
        if gap {
            hand.case.gaps.push(Gap::new(GapKind::Forbidden, "list", "events", "events about work-0", "forbidden"));
        }
        let found = a2::diagnosis::diagnose(hand.case.clone(), a2::rules::RuleSet::builtin());
        found.history.horizon.iter().any(|h| h.what == "events of pod work-0")
    };
    assert!(told(false));
    assert!(!told(true));
}

#[test]
fn an_oom_kill_stays_one_when_the_kubelet_was_stopping_it_too() {
    let mut hand = journal(137, false).event("Killing", "Container main failed liveness probe, will be restarted", 99);
    hand.case.node_logs[0].lines.insert(3, "time=\"2030-01-02T03:01:39Z\" level=info msg=\"TaskOOM event container_id:\\\"0123456789abcdef\\\"\"".to_owned());
    assert_eq!(gone(&hand), [("main".to_owned(), Mechanism::OomKilled)]);
}

#[tokio::test]
async fn a_replica_set_that_gave_way_or_was_scaled_down() {
    let deleted = event("e8", "ReplicaSet", "web-5d9c7b6f4", "SuccessfulDelete", "Deleted pod: web-5d9c7b6f4-22222");
    let scaled = |message: &str| event("e9", "Deployment", "web", "ScalingReplicaSet", message);
    for (told, kind, fact) in [
        ("Scaled up replica set web-7777777777 from 0 to 1", "rollout", "owner.rolled_out"),
        ("Scaled down replica set web-5d9c7b6f4 from 3 to 2", "scale-down", "owner.scaled_down"),
    ] {
        let bundle = crashed().list("/api/v1/namespaces/shop/events", vec![deleted.clone(), scaled(told)]).done();
        let history = of(&bundle, "web-5d9c7b6f4-22222").await.history;
        assert_eq!(history.removal.map(|r| r.kind), Some(kind));
        assert!(history.facts.is(fact), "{fact}");
    }
}

#[tokio::test]
async fn a_job_that_made_another_pod_says_nothing_of_this_one() {
    let job = json!({
        "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
        "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "main", "image": "shop/load:1" }] } } },
        "status": { "succeeded": 1, "conditions": [{ "type": "Complete", "status": "True", "reason": "CompletionsReached" }] }
    });
    let cause = async |pods: &[&str]| {
        let events = pods.iter().map(|pod| event(&format!("e-{pod}"), "Job", "load", "SuccessfulCreate", &format!("Created pod: {pod}"))).collect();
        let bundle = Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job.clone()]).list("/api/v1/namespaces/shop/events", events);
        of(&bundle.usual().done(), "load-x7k2p").await.verdict.cause
    };
    assert_eq!(cause(&["load-x7k2p"]).await, "healthy.completed");
    assert_ne!(cause(&["load-x7k2p", "load-zzzzz"]).await, "healthy.completed");
}

#[test]
fn how_sure_a_template_is() {
    let sure = |found_by: Related, revisions: i64, generation: i64| {
        let mut hand = Hand::new(json!({})).event("Started", "Started container main", 10);
        let template = json!({ "spec": { "containers": [{ "name": "main", "image": "registry.example/work:1" }] } });
        let meta = json!({ "name": "work", "namespace": "n", "uid": "uid-work", "generation": generation });
        let set = json!({ "kind": "StatefulSet", "metadata": meta, "spec": { "template": template } });
        hand.case.owners.push(Owner { object: Object::new(set), depth: 1, found_by });
        for revision in 0..revisions {
            let owner = json!([{ "kind": "StatefulSet", "name": "work", "uid": "uid-work" }]);
            let meta = json!({ "name": format!("work-r{revision}"), "namespace": "n", "creationTimestamp": at(revision - 100), "ownerReferences": owner });
            let object = json!({ "kind": "ControllerRevision", "metadata": meta, "revision": revision, "data": { "spec": { "template": template } } });
            hand.case.objects.insert(format!("ControllerRevision/work-r{revision}"), Object::new(object));
        }
        let history = a2::diagnosis::diagnose(hand.case, a2::rules::RuleSet::builtin()).history;
        history.provenance.into_iter().find(|p| p.from.ends_with("spec.template")).map(|p| p.sure)
    };
    assert_eq!(sure(Related::Event, 1, 2), Some("certain"), "one revision, and the controller spoke of the pod");
    assert_eq!(sure(Related::Name, 1, 2), Some("likely"), "the name may be a coincidence");
    assert_eq!(sure(Related::Event, 2, 2), Some("likely"));
    assert_eq!(sure(Related::Event, 0, 1), Some("certain"), "never changed");
    assert_eq!(sure(Related::Name, 0, 1), Some("likely"));
    assert_eq!(sure(Related::Event, 0, 2), Some("likely"), "changed, and nothing tells when");
}

#[tokio::test]
async fn a_job_at_its_backoff_limit_takes_what_still_ran() {
    let condition = json!({ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": "2030-01-02T03:03:02Z" });
    let job = json!({
        "metadata": { "name": "load", "namespace": "shop", "uid": "uid-load" },
        "spec": { "template": { "spec": { "restartPolicy": "Never", "containers": [{ "name": "main", "image": "shop/load:1" }] } } },
        "status": { "failed": 2, "conditions": [condition] }
    });
    let removed = async |told: &str| {
        let mut kill = event("e1", "Pod", "load-x7k2p", "Killing", told);
        kill["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
        let bundle = Bundle::new().list("/apis/batch/v1/namespaces/shop/jobs", vec![job.clone()]).list("/api/v1/namespaces/shop/events", vec![kill]);
        of(&bundle.usual().done(), "load-x7k2p").await.history.removal.map(|r| r.kind)
    };
    assert_eq!(removed("Stopping container main").await, Some("job-controller"));
    assert_ne!(removed("Container main failed liveness probe, will be restarted").await, Some("job-controller"));
}

#[test]
fn a_node_was_short_of_memory_only_when_its_kubelet_says_so_near_the_end() {
    let short = |second: i64| {
        holds(&Hand::new(ended(137, "Error")).node_event("kubelet", "NodeHasInsufficientMemory", "Node k status is now", second), "node.pressure", "memory")
    };
    assert!(short(90));
    assert!(!short(-600));
}
