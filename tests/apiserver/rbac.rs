//! The least that a2 may be allowed to do, as docs/rbac says it, and what a2 says when it is allowed less.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::agree::only_looked;
use crate::audit::Request;
use crate::cases::{Stage, fixture_stages, json as report_of, verdict};
use crate::server::Server;

const GROUP: &str = "rbac.authorization.k8s.io";

/// One right: where it counts (empty: in the whole cluster), the verb, and the resource as gaps and audit name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// The namespace.
    pub namespace: String,
    /// The verb.
    pub verb: String,
    /// `pods`, `pods/log`, `replicasets.apps`.
    pub resource: String,
}

/// Roles and bindings by etcd key.
#[derive(Clone, Default)]
pub struct Manifest(pub BTreeMap<String, Value>);

impl Manifest {
    /// docs/rbac, as a user applies it for one namespace.
    pub fn documented(namespace: &str) -> Self {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rbac");
        let mut objects = Vec::new();
        for file in ["cluster.yaml", "namespace.yaml"] {
            let text = fs::read_to_string(place.join(file)).unwrap_or_else(|e| panic!("docs/rbac/{file}: {e}"));
            objects.extend(serde_yaml::Deserializer::from_str(&text).map(|document| Value::deserialize(document).expect("a manifest")));
        }
        Self::applied(objects, namespace)
    }

    /// Nothing but `get pods` in one namespace.
    fn only_get_pods(namespace: &str) -> Self {
        let head = |kind: &str| json!({ "apiVersion": format!("{GROUP}/v1"), "kind": kind, "metadata": { "name": "a2-namespace" } });
        let (mut role, mut binding) = (head("ClusterRole"), head("RoleBinding"));
        role["rules"] = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
        binding["subjects"] = json!([{ "apiGroup": GROUP, "kind": "Group", "name": "on-call" }]);
        binding["roleRef"] = json!({ "apiGroup": GROUP, "kind": "ClusterRole", "name": "a2-namespace" });
        Self::applied(vec![role, binding], namespace)
    }

    /// As `kubectl apply -n namespace` would.
    fn applied(objects: Vec<Value>, namespace: &str) -> Self {
        let keyed = objects.into_iter().map(|mut object| {
            if object["kind"] == "RoleBinding" && object["metadata"].get("namespace").is_none() {
                object["metadata"]["namespace"] = json!(namespace);
            }
            let path = [text(&object["metadata"]["namespace"]), text(&object["metadata"]["name"])].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>();
            (format!("/registry/{}s/{}", text(&object["kind"]).to_lowercase(), path.join("/")), object)
        });
        Self(keyed.collect())
    }

    /// Everything it allows, one right at a time.
    pub fn rights(&self) -> BTreeSet<Right> {
        let bindings = self.0.values().filter(|object| object.get("roleRef").is_some());
        bindings
            .flat_map(|binding| {
                let role = &self.0[&format!("/registry/clusterroles/{}", text(&binding["roleRef"]["name"]))];
                let namespace = text(&binding["metadata"]["namespace"]).to_owned();
                single_rules(role).into_iter().map(move |(group, resource, verb)| Right {
                    namespace: namespace.clone(),
                    verb,
                    resource: named(&group, &resource),
                })
            })
            .collect()
    }

    /// The same, one right less.
    pub fn without(&self, right: &Right) -> Self {
        let bound = |binding: &&Value| text(&binding["metadata"]["namespace"]) == right.namespace && binding.get("roleRef").is_some();
        let roles: Vec<String> = self.0.values().filter(bound).map(|b| format!("/registry/clusterroles/{}", text(&b["roleRef"]["name"]))).collect();
        let mut less = self.clone();
        for role in roles {
            let rules =
                single_rules(&self.0[&role]).into_iter().filter(|(group, resource, verb)| *verb != right.verb || named(group, resource) != right.resource);
            let rules = rules.map(|(group, resource, verb)| json!({ "apiGroups": [group], "resources": [resource], "verbs": [verb] }));
            less.0.get_mut(&role).expect("the role")["rules"] = rules.collect();
        }
        less
    }
}

/// Whether a2's user may do this now, asked by the administrator.
pub fn allowed(server: &Server, right: &Right) -> bool {
    let (name, part) = right.resource.split_once('/').unwrap_or((&right.resource, ""));
    let (resource, group) = name.split_once('.').unwrap_or((name, ""));
    let attributes = json!({ "namespace": right.namespace, "verb": right.verb, "group": group, "resource": resource, "subresource": part });
    let review = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": { "user": "a2", "groups": ["on-call"], "resourceAttributes": attributes } });
    let answer = server.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", &review.to_string()).expect("an access review");
    answer["status"]["allowed"] == true
}

fn named(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

/// A role's rules taken apart: group, resource, verb.
fn single_rules(role: &Value) -> Vec<(String, String, String)> {
    let texts = |value: &Value| value.as_array().map(|a| a.iter().map(|v| text(v).to_owned()).collect::<Vec<_>>()).unwrap_or_default();
    let mut single = Vec::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        for group in texts(&rule["apiGroups"]) {
            for resource in texts(&rule["resources"]) {
                single.extend(texts(&rule["verbs"]).into_iter().map(|verb| (group.clone(), resource.clone(), verb)));
            }
        }
    }
    single
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a2 said of a stage under a manifest, and what it asked for that.
fn investigated(server: &mut Server, stage: &Stage, manifest: &Manifest) -> (Value, Vec<Request>) {
    server.load(&stage.path);
    server.grant(manifest);
    let mark = server.audit_mark();
    let output = stage.investigate(server.a2(), ["--context", "a2"]).output().expect("a2 runs");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {output:?}", stage.name);
    let report = report_of(&output);
    assert_eq!(report["kind"], "Investigation", "{}", stage.name);
    (report, server.asked_since(mark))
}

/// What was refused, as the server tells it.
fn refusals(asked: &[Request]) -> BTreeSet<(&str, &str)> {
    only_looked(asked);
    asked.iter().filter(|r| r.code == 403).map(|r| (r.verb.as_str(), r.resource.as_str())).collect()
}

/// What was refused and is no gap of the report, by verb and resource.
fn untold(report: &Value, asked: &[Request]) -> Vec<String> {
    let gaps: Vec<_> =
        report["gaps"].as_array().expect("gaps").iter().filter(|g| g["kind"] == "forbidden").map(|g| (text(&g["verb"]), text(&g["resource"]))).collect();
    refusals(asked).into_iter().filter(|refusal| !gaps.contains(refusal)).map(|(verb, resource)| format!("{verb} {resource}")).collect()
}

fn strength(report: &Value) -> usize {
    ["none", "possible", "probable", "confirmed"].iter().position(|word| report["verdict"]["confidence"] == *word).expect("a confidence word")
}

/// Nothing that a2 asks for is missing from docs/rbac, and without any one of its rights a2 still reports and names what it could not see.
#[test]
fn each_missing_right_is_a_gap_and_no_more() {
    let mut server = Server::shared();
    let (mut by_right, mut full) = (BTreeMap::new(), Vec::new());
    for stage in fixture_stages() {
        let manifest = Manifest::documented(&stage.namespace);
        let (report, asked) = investigated(&mut server, &stage, &manifest);
        assert_eq!(refusals(&asked), BTreeSet::new(), "{}: docs/rbac grants too little", stage.name);
        for right in manifest.rights() {
            // Where a right counts in the stage's own namespace, it is the same right for every stage.
            let kind = (right.namespace == stage.namespace, right.verb.clone(), right.resource.clone());
            let used =
                asked.iter().any(|r| r.verb == right.verb && r.resource == right.resource && (right.namespace.is_empty() || r.namespace == right.namespace));
            let entry = by_right.entry(kind).or_insert((full.len(), right.clone(), used));
            if used && !entry.2 {
                *entry = (full.len(), right, used);
            }
        }
        full.push((stage, manifest, report));
    }
    let (mut idle, mut wrong) = (Vec::new(), Vec::new());
    for (index, right, used) in by_right.values() {
        let (stage, manifest, before) = &full[*index];
        let (report, asked) = investigated(&mut server, stage, &manifest.without(right));
        let told = format!("{} without {} {} in {:?}", stage.name, right.verb, right.resource, right.namespace);
        wrong.extend(untold(&report, &asked).into_iter().map(|refusal| format!("{told}: no gap tells of {refusal}")));
        if refusals(&asked).is_empty() == *used {
            wrong.push(format!("{told}: asked for before: {used}, refused now: {:?}", refusals(&asked)));
        }
        if strength(&report) > strength(before) {
            wrong.push(format!("{told}: stronger than before: {} after {}", report["verdict"], before["verdict"]));
        }
        if !used {
            idle.push(format!("{} {}", right.verb, right.resource));
            if verdict(&report) != verdict(before) {
                wrong.push(format!("{told}: {} after {}", report["verdict"], before["verdict"]));
            }
        }
    }
    println!("{} rights taken away in turn, {} stages; asked for by no fixture: {idle:?}", by_right.len(), full.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn get_pods_alone_still_gives_a_report() {
    let mut server = Server::shared();
    let mut wrong = Vec::new();
    for stage in fixture_stages() {
        let (before, _) = investigated(&mut server, &stage, &Manifest::documented(&stage.namespace));
        let (report, asked) = investigated(&mut server, &stage, &Manifest::only_get_pods(&stage.namespace));
        wrong.extend(untold(&report, &asked).into_iter().map(|refusal| format!("{}: no gap tells of {refusal}", stage.name)));
        if refusals(&asked).is_empty() || strength(&report) > strength(&before) {
            wrong.push(format!("{}: {:?} refused; {} after {}", stage.name, refusals(&asked), report["verdict"], before["verdict"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
