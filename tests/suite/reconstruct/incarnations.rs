//! Two pods of one name are two pods.

use super::{document, investigate};
use crate::bundles::{Bundle, cases, event};
use a2::report::{RenderOptions, describe};
use serde_json::json;

#[tokio::test]
async fn a_recorded_name_with_two_uids_never_mixes_them() {
    let Some(root) = cases() else { return };
    // Any recorded target whose events carry two UIDs.
    let (mut seen, mut differ) = (0, 0);
    for case in crate::support::cases(&root) {
        let Some(target) = case.target() else { continue };
        for stage in case.stages() {
            let path = case.path.join(&stage);
            let latest = investigate(&path, case.namespace(), target, None).await;
            if latest.history.incarnations.len() < 2 {
                continue;
            }
            seen += 1;
            let uids: Vec<String> = latest.history.incarnations.iter().map(|i| i.uid.clone()).collect();
            assert_eq!(latest.history.uid.as_ref(), uids.last(), "{}/{stage}: the latest one is meant", case.id());
            let mut verdicts = Vec::new();
            for uid in &uids {
                let one = investigate(&path, case.namespace(), target, Some(uid)).await;
                assert_eq!(one.history.uid.as_deref(), Some(uid.as_str()));
                assert_eq!(one.history.incarnations.len(), uids.len(), "the others stay on record");
                let document = document(&one);
                for other in uids.iter().filter(|u| *u != uid) {
                    let own = format!("Pod/{}/{target}", case.namespace());
                    let cited: Vec<_> = document.evidence.iter().filter(|e| e.object == own && e.text.contains(other.as_str())).collect();
                    assert!(cited.is_empty(), "{}/{stage} {uid}: {cited:?}", case.id());
                    assert!(!describe::render(&document).contains(other.as_str()), "{}/{stage} {uid}: another one's event is described", case.id());
                }
                let (first, last) = one.history.incarnations.iter().find(|i| i.uid == *uid).map(|i| (i.first_seen, i.last_seen)).expect("its row");
                for rung in &one.history.ladder {
                    assert!(rung.first >= first && rung.last <= last, "{}/{stage} {uid}: {rung:?}", case.id());
                }
                verdicts.push(one.verdict.cause.clone());
            }
            differ += usize::from(verdicts.windows(2).any(|w| w[0] != w[1]));
            let text = a2::report::table::render(&document(&latest), &RenderOptions::default());
            for uid in &uids {
                assert!(text.contains(uid.as_str()), "{}/{stage}: the report lists {uid}\n{text}", case.id());
            }
        }
    }
    assert!(seen >= 1 && differ >= 1, "{seen} recorded names with two UIDs, {differ} whose verdicts differ");
}

#[tokio::test]
async fn a_gone_pod_is_the_latest_of_its_name() {
    let of = |name: &str, uid: &str, reason: &str, message: &str, at: &str| {
        let mut event = event(name, "Pod", "db-0", reason, message);
        event["involvedObject"]["uid"] = json!(uid);
        event["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
        event["lastTimestamp"] = json!(at);
        event["firstTimestamp"] = json!(at);
        event
    };
    let bundle = Bundle::new()
        .list(
            "/api/v1/namespaces/shop/events",
            vec![
                of("e1", "uid-a", "Started", "Container started", "2030-01-02T02:10:00Z"),
                of("e2", "uid-a", "Killing", "Container main failed liveness probe, will be restarted", "2030-01-02T02:20:00Z"),
                of("e3", "uid-b", "Started", "Container started", "2030-01-02T02:40:00Z"),
                of("e4", "uid-b", "Killing", "Stopping container main", "2030-01-02T02:50:00Z"),
            ],
        )
        .usual()
        .done();
    let latest = super::of(&bundle, "db-0").await;
    assert_eq!(latest.history.uid.as_deref(), Some("uid-b"));
    assert_eq!(latest.history.deaths.len(), 1);
    assert_eq!(latest.verdict.cause, "disruption.deleted");
    let former = investigate(bundle.path(), "shop", "db-0", Some("uid-a")).await;
    assert_eq!(former.verdict.cause, "probe.liveness");
    assert_eq!(former.history.ladder.iter().map(|r| r.rung).collect::<Vec<_>>(), ["started", "killed"]);
}
