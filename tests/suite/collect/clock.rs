//! What is "now", and what when nothing may be later than it.

use a2::collect::{Extras, collect};
use a2::evidence::{Budget, CaseFile, Options, parse_time};
use serde_json::json;

use crate::bundles::{crashed, crashed_target};

async fn recorded_at(time: &str) -> CaseFile {
    let made = crashed().set("capturedAt", json!(time)).done();
    let conn = a2::source::bundle::open(made.path()).unwrap();
    let extras = Extras { namespace_given: true, ..Extras::default() };
    collect(&conn, crashed_target(), Options::default(), Budget::default(), extras).await.unwrap()
}

fn told(case: &CaseFile) -> Option<&str> {
    case.gaps.iter().find(|gap| gap.what == "the server's clock").map(|gap| gap.why.as_str())
}

#[tokio::test]
async fn nothing_that_happened_lies_after_now() {
    // The last thing that the pod's status tells is the end at 03:02:00.
    let case = recorded_at("2030-01-02T02:02:00Z").await;
    assert_eq!(Some(case.observed_at), parse_time("2030-01-02T03:02:00Z"));
    assert!(told(&case).is_some_and(|why| why.starts_with("it is 60 min before")), "{:?}", case.gaps);
}

#[tokio::test]
async fn a_clock_is_believed_where_nothing_speaks_against_it() {
    for time in ["2030-01-02T03:04:05Z", "2030-01-02T03:01:30Z", "2030-01-09T00:00:00Z"] {
        let case = recorded_at(time).await;
        assert_eq!((Some(case.observed_at), told(&case)), (parse_time(time), None), "{time}");
    }
}

#[tokio::test]
async fn what_lies_days_ahead_is_no_clock() {
    let case = recorded_at("2029-12-01T00:00:00Z").await;
    assert_eq!((Some(case.observed_at), told(&case)), (parse_time("2029-12-01T00:00:00Z"), None));
}
