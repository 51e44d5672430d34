//! What people paste: cut into documents, laid out as a bundle; now and then investigated and rendered as well, twice.

use std::sync::LazyLock;

use a2::collect::{Extras, collect};
use a2::diagnosis::diagnose;
use a2::evidence::{Budget, Options, Target, Time, parse_time};
use a2::report::{Format, RenderOptions, document, render};
use a2::rules::RuleSet;
use a2::source::foreign::{self, Pasted};
use tokio::runtime::Runtime;

static CLOCK: LazyLock<Time> = LazyLock::new(|| parse_time("2030-01-02T03:04:05Z").unwrap());

thread_local! {
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
}

async fn told(pasted: &Pasted) -> String {
    let mut all = String::new();
    for pod in pasted.pods.iter().take(2) {
        let target = Target { namespace: pod.namespace.clone(), name: pod.name.clone(), uid: None };
        if let Ok(case) = collect(&pasted.connection, target, Options::default(), Budget::default(), Extras::default()).await {
            let document = document(&diagnose(case, RuleSet::builtin()));
            all += &render(&document, Format::Table, &RenderOptions { describe: true, ..RenderOptions::default() });
            all += &render(&document, Format::JsonLine, &RenderOptions::default());
        }
    }
    all
}

/// Feeds one input.
pub fn paste(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            if let Ok(pasted) = foreign::paste(body, *CLOCK) {
                assert!(!pasted.pods.is_empty());
                if how % 32 == 0 {
                    let once = told(&pasted).await;
                    assert_eq!(once, told(&foreign::paste(body, *CLOCK).unwrap()).await);
                }
            }
            // Workers of the connection end once it is gone.
            tokio::task::yield_now().await;
        });
    });
}
