//! `a2 investigate` from the outside, on recorded cases.

use std::path::Path;

use crate::support::{Case, Run, a2, cases, corpus, fixture, fixtures, root, run};

/// Investigates the target of a recorded case.
fn investigate(case: &Case, stage: &str, more: &[&str]) -> Run {
    let from = case.path.join(stage);
    let mut args = vec!["investigate", case.target().unwrap(), "-n", case.namespace(), "--from", from.to_str().unwrap()];
    args.extend_from_slice(more);
    run(args)
}

fn case(id: &str) -> Case {
    Case::read(&fixture(id)).unwrap()
}

#[test]
fn every_fixture_and_stage_is_one_object_and_the_same_bytes_twice() {
    let mut seen = 0;
    for case in fixtures().into_iter().filter(|case| case.target().is_some()) {
        for stage in case.stages() {
            let once = investigate(&case, &stage, &["-o", "json"]);
            let nothing_left = case.truth["truth"][&stage]["cause"] == "unknown";
            assert!(once.code == Some(0) || (once.code == Some(3) && nothing_left), "{}/{stage}: {:?}, {}", case.id(), once.code, once.stderr);
            let object = once.json();
            assert_eq!((object["apiVersion"].as_str(), object["kind"].as_str()), (Some("a2/v1"), Some("Investigation")), "{}/{stage}", case.id());
            assert_eq!(object["target"]["name"].as_str(), case.target(), "{}/{stage}", case.id());
            assert_eq!(once.stdout, investigate(&case, &stage, &["-o", "json"]).stdout, "{}/{stage}", case.id());
            seen += 1;
        }
    }
    assert!(seen >= 24, "only {seen} recordings");
}

#[test]
fn every_answer_is_as_the_schema_says() {
    let schema = std::fs::read_to_string(root().join("docs/schema/investigation.v1.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let recorded = corpus().map(|folder| cases(&folder)).unwrap_or_default();
    let live = recorded.into_iter().map(|case| (case, vec!["live".to_owned()]));
    let mut seen = 0;
    for (case, stages) in fixtures()
        .into_iter()
        .map(|case| {
            let stages = case.stages();
            (case, stages)
        })
        .chain(live)
    {
        let stages = stages.iter().filter(|stage| case.target().is_some() && case.path.join(stage).is_dir());
        for stage in stages {
            let answer = investigate(&case, stage, &["-o", "json"]).json();
            let wrong: Vec<String> = validator.iter_errors(&answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(wrong.is_empty(), "{}/{stage}: {}", case.id(), wrong.join("; "));
            seen += 1;
        }
    }
    println!("{seen} answers");
}

#[test]
fn a_running_pod_whose_work_is_dead_is_stopped() {
    let dead = investigate(&case("oom-sandbox-toolserver"), "live", &["-o", "json"]).json();
    assert_eq!((dead["target"]["phase"].as_str(), dead["target"]["effectiveStatus"].as_str()), (Some("Running"), Some("stopped")));
    let alive = investigate(&case("oom-sandbox-negative"), "live", &["-o", "json"]).json();
    assert_eq!(alive["target"]["effectiveStatus"].as_str(), Some("running"));
}

#[test]
fn the_archive_says_what_the_directory_says() {
    let case = case("wf-resume-oom");
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("case.tar.gz");
    pack(&case.path.join("live"), &archive);
    let unpacked = investigate(&case, "live", &["-o", "json"]);
    let packed = run(["investigate", case.target().unwrap(), "-n", case.namespace(), "-o", "json", "--from", archive.to_str().unwrap()]);
    assert_eq!(packed.stdout, unpacked.stdout);
}

/// Packs a directory as `tar czf` would.
fn pack(folder: &Path, archive: &Path) {
    let file = std::fs::File::create(archive).unwrap();
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(file, flate2::Compression::fast()));
    tar.append_dir_all(".", folder).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
}

#[test]
fn the_three_forms_of_a_name_are_one_question() {
    let case = case("healthy-deployment");
    let from = case.path.join("live");
    let (from, name, namespace) = (from.to_str().unwrap(), case.target().unwrap(), case.namespace());
    let plain = run(["investigate", name, "-n", namespace, "--from", from, "-o", "json"]);
    for named in [format!("pod/{name}"), format!("{namespace}/{name}")] {
        let other = run(["investigate", &named, "-n", namespace, "--from", from, "-o", "json"]);
        assert_eq!(other.stdout, plain.stdout, "{named}");
    }
    let unsaid = run(["investigate", name, "--from", from, "-o", "json"]);
    assert_eq!(unsaid.json()["target"]["namespace"].as_str(), Some(namespace), "a bundle has its own default namespace");
    let contrary = run(["investigate", &format!("{namespace}/{name}"), "-n", "elsewhere", "--from", from]);
    assert_eq!(contrary.code, Some(2), "{contrary:#?}");
}

#[test]
fn a_workload_and_the_beginning_of_a_name_stand_for_a_pod() {
    let case = case("healthy-deployment");
    let from = case.path.join("live");
    let ask = |name: &str| run(["investigate", name, "-n", case.namespace(), "--from", from.to_str().unwrap(), "-o", "json"]);
    let target = case.target().unwrap();
    let set = target.rsplit_once('-').unwrap().0;
    let deployment = set.rsplit_once('-').unwrap().0;
    for name in [format!("deploy/{deployment}"), format!("rs/{set}"), deployment.to_owned()] {
        let answer = ask(&name);
        assert_eq!(answer.code, Some(0), "{name}: {}", answer.stderr);
        let chosen = answer.json()["target"]["name"].as_str().unwrap().to_owned();
        assert!(chosen.starts_with(set), "{name}: {chosen}");
        assert!(
            answer.stderr.contains("note: ") && answer.stderr.contains(&format!("Deployment {deployment}")) != name.starts_with("rs/"),
            "{}",
            answer.stderr
        );
    }
    let whole = ask(&target[..target.len() - 2]);
    assert_eq!(whole.json()["target"]["name"].as_str(), Some(target), "the only one that begins so: {}", whole.stderr);
    let part = &set[..set.len() - 1];
    let several = ask(part);
    assert_eq!(several.code, Some(2), "{several:#?}");
    assert!(several.stderr.contains("hint: ") && several.stderr.contains(target), "{}", several.stderr);
    let nothing = ask("deploy/nothing-here");
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
}

#[test]
fn findings_decide_the_exit_code_only_when_asked() {
    let (dead, well) = (case("oom-sandbox-toolserver"), case("healthy-deployment"));
    assert_eq!(investigate(&dead, "live", &["--quiet"]).code, Some(0));
    assert_eq!(investigate(&dead, "live", &["--quiet", "--exit-code"]).code, Some(1));
    assert_eq!(investigate(&well, "live", &["--quiet", "--exit-code"]).code, Some(0));
}

#[test]
fn quiet_is_the_headline_alone() {
    let case = case("oom-sandbox-toolserver");
    let quiet = investigate(&case, "live", &["--quiet"]);
    let headline = investigate(&case, "live", &["-o", "json"]).json()["verdict"]["headline"].as_str().unwrap().to_owned();
    assert_eq!(quiet.stdout, format!("{headline}\n"));
}

#[test]
fn a_name_that_nothing_remembers_is_3_with_a_report_and_a_hint() {
    let case = case("healthy-deployment");
    let from = case.path.join("live");
    // As typed by somebody who left the middle out.
    let (first, last) = (case.target().unwrap().split_once('-').unwrap().0, case.target().unwrap().rsplit_once('-').unwrap().1);
    let near = format!("{first}-{last}");
    let nothing = run(["investigate", &near, "-n", case.namespace(), "--from", from.to_str().unwrap(), "-o", "json"]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
    let object = nothing.json();
    assert_eq!((object["kind"].as_str(), object["target"]["exists"].as_bool()), (Some("Investigation"), Some(false)));
    assert_eq!(object["verdict"]["cause"].as_str(), Some("unknown"));
    assert!(nothing.stderr.contains("hint: ") && nothing.stderr.contains(case.target().unwrap()), "the nearest name is offered: {}", nothing.stderr);
}

/// A failure under `-o json`: its exit code, one object that says so, one line and a hint on stderr.
#[track_caller]
fn assert_error(refused: &Run, code: i32, message: &str) {
    assert_eq!(refused.code, Some(code), "{refused:#?}");
    let object = refused.json();
    assert_eq!((object["kind"].as_str(), object["code"].as_i64()), (Some("Error"), Some(i64::from(code))), "{refused:#?}");
    assert!(object["message"].as_str().unwrap().contains(message), "{refused:#?}");
    assert!(object["hint"].is_string(), "{refused:#?}");
    assert!(refused.stderr.starts_with("error: ") && refused.stderr.contains("hint: "), "{refused:#?}");
}

#[test]
fn bundles_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(place("empty")).unwrap();
    std::fs::write(place("text.tar.gz"), "this is no archive").unwrap();
    pack(&fixture("wf-resume-oom").join("live"), Path::new(&place("whole.tar.gz")));
    let whole = std::fs::read(place("whole.tar.gz")).unwrap();
    std::fs::write(place("cut.tar.gz"), &whole[..whole.len() / 2]).unwrap();
    let mut corrupt = whole.clone();
    let middle = corrupt.len() / 2;
    corrupt[middle..middle + 64].fill(0xff);
    std::fs::write(place("corrupt.tar.gz"), corrupt).unwrap();
    for (name, message) in [("nowhere", "cannot read"), ("empty", "not a bundle"), ("text.tar.gz", ""), ("cut.tar.gz", ""), ("corrupt.tar.gz", "")] {
        assert_error(&run(["investigate", "web", "-n", "shop", "-o", "json", "--from", &place(name)]), 4, message);
    }
}

#[test]
fn a_namespace_that_was_not_recorded_is_unread_not_absent() {
    let from = fixture("healthy-deployment").join("live");
    let refused = run(["investigate", "web", "-n", "elsewhere", "-o", "json", "--from", from.to_str().unwrap()]);
    assert_error(&refused, 4, "elsewhere/web");
    assert!(refused.json()["hint"].as_str().unwrap().contains(case("healthy-deployment").namespace()));
    assert!(refused.json()["gaps"].as_array().unwrap().iter().all(|gap| gap["kind"] == "not-asked"));
}

#[test]
fn files_that_are_not_json_are_gaps() {
    let case = case("wf-resume-oom");
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("case.tar.gz");
    pack(&case.path.join("live"), &archive);
    let copy = folder.path().join("copy");
    tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(&archive).unwrap())).unpack(&copy).unwrap();
    std::fs::write(copy.join(format!("api/v1/namespaces/{}/events.json", case.namespace())), "{\"items\": [").unwrap();
    let answer = run(["investigate", case.target().unwrap(), "-n", case.namespace(), "-o", "json", "--from", copy.to_str().unwrap()]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    let gaps = answer.json()["gaps"].clone();
    assert!(gaps.as_array().unwrap().iter().any(|gap| gap["kind"] == "malformed" && gap["resource"] == "events"), "{gaps:#}");
}

#[test]
fn secrets_are_not_shown_to_files_and_pipes() {
    assert_error(&run(["investigate", "web", "-o", "json", "--no-redact"]), 2, "--no-redact");
}

#[test]
fn rules_that_cannot_be_read_are_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "cause: crash.panic\ntittle: x\n").unwrap();
    let from = fixture("healthy-deployment").join("live");
    for rules in [folder.path(), file.as_path()] {
        let refused = run(["investigate", "web", "-n", "shop", "-o", "json", "--from", from.to_str().unwrap(), "--rules", rules.to_str().unwrap()]);
        assert_error(&refused, 2, "mine.yaml:2:1");
    }
    assert_error(&run(["investigate", "web", "-o", "json", "--rules", "/nonexistent.yaml"]), 2, "cannot read rules");
}

#[test]
fn a_saved_case_gives_the_same_verdict() {
    let case = case("wf-resume-oom");
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.tar.gz");
    let first = investigate(&case, "live", &["-o", "json", "--save", kept.to_str().unwrap()]);
    assert_eq!(first.code, Some(0), "{first:#?}");
    let again = run(["investigate", case.target().unwrap(), "-n", case.namespace(), "-o", "json", "--from", kept.to_str().unwrap()]);
    assert_eq!(again.code, Some(0), "{again:#?}");
    assert_eq!(again.json()["verdict"], first.json()["verdict"]);
    let nowhere = investigate(&case, "live", &["-o", "json", "--save", "/nonexistent/kept.tar.gz"]);
    assert_error(&nowhere, 4, "cannot write");
}

#[test]
fn without_a_cluster_there_is_a_hint_and_no_wait() {
    assert_error(&run(["investigate", "web", "-o", "json"]), 4, "kubeconfig");
    assert_error(&run(["investigate", "web", "-o", "json", "--kubeconfig", "/nonexistent"]), 4, "kubeconfig");
    let folder = tempfile::tempdir().unwrap();
    let file = kubeconfig(folder.path(), "http://127.0.0.1:1");
    let file = file.to_str().unwrap();
    assert_error(&run(["investigate", "web", "-o", "json", "--kubeconfig", file, "--context", "nope"]), 4, "nope");
    assert_error(&run(["investigate", "web", "-o", "json", "--kubeconfig", file, "--timeout", "3s"]), 4, "127.0.0.1");
}

/// A kubeconfig for one server.
fn kubeconfig(folder: &Path, server: &str) -> std::path::PathBuf {
    let path = folder.join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{{name: test, cluster: {{server: '{server}'}}}}]\ncontexts: [{{name: test, context: {{cluster: test, user: test}}}}]\nusers: [{{name: test, user: {{}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// A server that takes connections and never says a word; ends with the test.
fn silent_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let held: Vec<_> = listener.incoming().collect();
        drop(held);
    });
    address
}

#[test]
fn a_server_that_never_answers_costs_the_budget_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = kubeconfig(folder.path(), &silent_server());
    let started = std::time::Instant::now();
    let refused = run(["investigate", "web", "-n", "shop", "-o", "json", "--timeout", "1s", "--kubeconfig", file.to_str().unwrap()]);
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "took {:?}", started.elapsed());
    assert_error(&refused, 4, "");
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_with_130() {
    let folder = tempfile::tempdir().unwrap();
    let file = kubeconfig(folder.path(), &silent_server());
    let child = a2()
        .args(["investigate", "web", "-n", "shop", "-o", "json", "--timeout", "60s", "--kubeconfig", file.to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let stopped: Run = child.wait_with_output().unwrap().into();
    assert_eq!(stopped.code, Some(130), "{stopped:#?}");
    assert_eq!(stopped.json()["code"].as_i64(), Some(130));
}

#[test]
fn a_pod_that_could_not_be_seen_is_not_called_gone() {
    let refused = |verb: &str| serde_json::json!({ "path": "/api/v1/namespaces/shop/pods", "verb": verb, "code": 403 });
    let bundle = crate::bundles::crashed().set("answers", serde_json::json!([refused("get"), refused("list")])).done();
    let asked = |format: &str| run(["investigate", "web-5d9c7b6f4-x7k2p", "-n", "shop", "--from", bundle.path().to_str().unwrap(), "-o", format]);
    let answer = asked("json").json();
    for key in ["exists", "effectiveStatus", "phase"] {
        assert!(answer["target"][key].is_null(), "{key}: {:#}", answer["target"]);
    }
    assert_eq!((&answer["verdict"]["silent"], &answer["verdict"]["removal"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert!(answer["gaps"].as_array().unwrap().iter().any(|g| g["kind"] == "forbidden" && g["verb"] == "get" && g["resource"] == "pods"));
    for format in ["table", "wide", "markdown", "html", "yaml"] {
        let text = asked(format).stdout;
        assert!(!text.contains("gone") && !text.contains("taken away"), "{format}: {text}");
        assert!(format == "yaml" || text.contains("could not be seen"), "{format}: {text}");
    }
    // An honest 404 is another matter.
    let absent = crate::bundles::Bundle::new()
        .list("/api/v1/namespaces/shop/events", vec![crate::bundles::event("e", "Pod", "web-1", "Started", "Started container main")])
        .usual()
        .done();
    let gone = run(["investigate", "web-1", "-n", "shop", "--from", absent.path().to_str().unwrap(), "-o", "json"]).json();
    assert_eq!((&gone["target"]["exists"], &gone["target"]["effectiveStatus"]), (&serde_json::json!(false), &serde_json::json!("gone")));
}

/// Every box that is ticked points to what ticks it.
#[test]
fn ticked_boxes_of_the_definition_of_done_cite_their_proof() {
    use crate::bundles::{Bundle, exited, pod};
    use serde_json::json;
    // It has run again, ready, for longer than ten minutes.
    let mut target = pod("web-1", json!({}), None, "Running", json!({ "running": { "startedAt": "2030-01-02T02:40:00Z" } }));
    target["status"]["containerStatuses"][0]["restartCount"] = json!(1);
    let mut end = exited(101);
    end["terminated"]["startedAt"] = json!("2030-01-02T02:30:00Z");
    end["terminated"]["finishedAt"] = json!("2030-01-02T02:39:58Z");
    target["status"]["containerStatuses"][0]["lastState"] = end;
    let recovered = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![target]).usual().done();
    // A later pod of the same owner has another image, and ended well.
    let mut failed = pod("run-1-aaaaa", json!({ "job-name": "run-1" }), Some(("Job", "run-1")), "Failed", exited(101));
    failed["spec"]["restartPolicy"] = json!("Never");
    let mut later = pod("run-1-bbbbb", json!({ "job-name": "run-1" }), Some(("Job", "run-1")), "Succeeded", exited(0));
    later["spec"]["restartPolicy"] = json!("Never");
    later["spec"]["containers"][0]["image"] = json!("shop/main:2");
    later["status"]["containerStatuses"][0]["state"]["terminated"]["startedAt"] = json!("2030-01-02T03:02:30Z");
    later["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] = json!("2030-01-02T03:03:00Z");
    // A digest says nothing against a name: the pod below has the image of the first, as its runtime calls it.
    let mut same = later.clone();
    same["spec"]["containers"][0]["image"] = json!("shop/main:1");
    same["status"]["containerStatuses"][0]["imageID"] = json!("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    let again = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![failed.clone(), same]).usual().done();
    let answer = run(["investigate", "run-1-aaaaa", "-n", "shop", "--from", again.path().to_str().unwrap(), "-o", "json"]).json();
    let rolled_out = answer["definitionOfDone"].as_array().unwrap().iter().find(|b| b["item"].as_str().unwrap().starts_with("the new version runs")).unwrap();
    assert_eq!(rolled_out["state"], "open", "{rolled_out:#}");
    let replaced = Bundle::new().list("/api/v1/namespaces/shop/pods", vec![failed, later]).usual().done();
    for (bundle, pod, ticked) in [(&recovered, "web-1", 1), (&replaced, "run-1-aaaaa", 2)] {
        let asked = |more: &[&str]| run(["investigate", pod, "-n", "shop", "--from", bundle.path().to_str().unwrap()].iter().chain(more));
        let answer = asked(&["-o", "json"]).json();
        let boxes: Vec<&serde_json::Value> = answer["definitionOfDone"].as_array().unwrap().iter().filter(|b| b["state"] == "done").collect();
        assert!(boxes.len() >= ticked, "{pod}: {boxes:#?}");
        let ids: Vec<&str> = answer["evidence"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
        for ticked in boxes {
            let cited = ticked["evidence"].as_array().unwrap();
            assert!(!cited.is_empty() && cited.iter().all(|id| ids.contains(&id.as_str().unwrap())), "{pod}: {ticked:#}");
        }
        let list = asked(&["--checklist"]).stdout;
        assert!(list.lines().filter(|l| l.trim_start().starts_with("[x]")).count() >= ticked, "{list}");
    }
}
