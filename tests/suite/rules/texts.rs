//! Names filled into sentences and commands.

use a2::rules::suggest;
use a2::rules::template;

use super::Case;

#[test]
fn sentences_name_what_is_known_and_stay_readable_when_it_is_not() {
    let case = Case::of("death").kubelet("subject.container", "main").kubelet("death.exit_code", 137);
    assert_eq!(template::sentence("{container}: {exit_code}, {death.exit_code}, {peer}, {peer|nobody}", &case.facts), "main: 137, 137, its peer, nobody");
    assert_eq!(template::sentence("limit of {container}: {memory_limit}", &Case::of("death").facts), "limit of the container: not known");
    let long = Case::of("death").log("log.peer", "x".repeat(500).as_str());
    assert!(template::sentence("{peer}", &long.facts).chars().count() < 130);
}

#[test]
fn commands_never_take_more_than_plain_names() {
    for hostile in ["a; rm -rf /", "$(id)", "-o yaml", "a b", "`x`", ""] {
        let case = Case::of("death").kubelet("subject.pod", hostile);
        assert_eq!(template::command("kubectl get pod {pod}", &case.facts), "kubectl get pod <pod>");
    }
    let case = Case::of("death").kubelet("subject.pod", "web-5d9c").kubelet("subject.namespace", "shop");
    assert_eq!(
        template::command("kubectl get pod {pod} -n {namespace} -o jsonpath='{.status}'", &case.facts),
        "kubectl get pod web-5d9c -n shop -o jsonpath='{.status}'"
    );
}

#[test]
fn nearest_names() {
    assert_eq!(suggest::distance("kitten", "sitting"), 3);
    assert_eq!(suggest::distance("unhandeld", "unhandled"), 1, "two swapped letters are one slip");
    assert_eq!(suggest::nearest("decisiv", ["weak", "strong", "decisive"]), Some("decisive"));
    assert_eq!(suggest::nearest("zzz", ["weak", "strong"]), None);
}
