//! What holds for any input: no panic, the same bytes twice. The long version is `tests/fuzz`.

mod damaged;
mod faults;
#[path = "../../fuzz/src/feed/mod.rs"]
mod feed;
mod found;
mod growth;
#[path = "../../fuzz/src/made.rs"]
mod made;
#[path = "../../fuzz/src/mutate.rs"]
mod mutate;
#[path = "../../faults/mod.rs"]
#[expect(dead_code, reason = "shared with the tests against the API server, which use all of it")]
mod shared;
