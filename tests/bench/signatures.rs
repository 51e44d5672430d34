//! All log signatures over a large log, against the plain way: one `RegexSet` over every line.
//!
//! `cargo bench --bench signatures`; both run over the same 100 MB in the same process, a hit every 5,000 lines.
#![expect(clippy::expect_used, reason = "a bench may fail loudly")]

use std::fmt::Write as _;
use std::sync::LazyLock;

use a2::evidence::LogTail;
use a2::signatures::{ReadContext, Scope, read, scan_buffer, signatures};
use divan::counter::BytesCount;
use regex::bytes::{RegexSet, RegexSetBuilder};

const SIZE: usize = 100 << 20;
const HIT_EVERY: usize = 5_000;

fn main() {
    divan::main();
}

/// Lines of a service at work; every so often a peer refuses.
fn text(size: usize, stamped: bool) -> String {
    let mut log = String::with_capacity(size + 512);
    let mut n = 0_usize;
    while log.len() < size {
        if stamped {
            let _ = write!(log, "2026-01-02T12:{:02}:{:02}.{:03}Z ", n / 60_000 % 60, n / 1000 % 60, n % 1000);
        }
        n += 1;
        let _ = match n % 4 {
            _ if n.is_multiple_of(HIT_EVERY) => writeln!(log, "WARN  store: connect to 10.0.3.{}:5432 failed: Connection refused (os error 111)", n % 250),
            0 => writeln!(log, "INFO  http: GET /v1/orders/{n} 200 {}ms client=10.4.{}.{} agent=\"curl/8.5.0\"", n % 90, n % 250, n % 13),
            1 => writeln!(log, "DEBUG cache: key=orders:{n} hit ratio=0.{:02} entries={} bytes={}", n % 100, n % 5000, n * 17 % 900_000),
            2 => writeln!(log, "{{\"level\":\"info\",\"msg\":\"order accepted\",\"order\":{n},\"items\":{},\"total\":\"{}.90\"}}", n % 9, n % 400),
            _ => writeln!(log, "INFO  worker: batch {n} of partition {} committed, offset {}", n % 12, n * 3),
        };
    }
    log
}

static LOG: LazyLock<String> = LazyLock::new(|| text(SIZE, false));

static SET: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = signatures().iter().filter(|s| s.scope == Scope::Log).map(|s| s.pattern);
    RegexSetBuilder::new(patterns).unicode(false).size_limit(1 << 30).dfa_size_limit(1 << 28).build().expect("patterns compile")
});

#[divan::bench(sample_count = 3, sample_size = 1)]
fn scan_of_all_signatures(bencher: divan::Bencher<'_, '_>) {
    let log = LOG.as_bytes();
    scan_buffer(Scope::Log, log.get(..1 << 20).expect("large"));
    bencher.counter(BytesCount::new(log.len())).bench(|| scan_buffer(Scope::Log, log).len());
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn plain_regex_set_per_line(bencher: divan::Bencher<'_, '_>) {
    let log = LOG.as_bytes();
    let set = &*SET;
    bencher.counter(BytesCount::new(log.len())).bench(|| log.split(|b| *b == b'\n').filter(|l| set.is_match(l)).count());
}

/// The tail that a report reads.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn read_of_a_tail(bencher: divan::Bencher<'_, '_>) {
    let body = text(256 << 10, true);
    let tail = LogTail::parse("pod", "main", false, body.as_bytes());
    let ctx = ReadContext { exit_code: Some(1), ..ReadContext::default() };
    read(&tail.lines, &ctx);
    bencher.counter(BytesCount::new(body.len())).bench(|| read(&tail.lines, &ctx).hits.len());
}
