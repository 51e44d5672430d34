//! Logs of any bytes: lines, blocks, signatures, the ending. Some are read twice, which must say the same.

use a2::evidence::{LogTail, parse_time};
use a2::signatures::{ReadContext, read};

/// Feeds one input.
pub fn logs(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    let tail = LogTail::parse("pod", "main", false, body);
    let stop = (how & 1 == 1).then(|| parse_time("2030-01-02T03:04:05Z")).flatten();
    let ctx = ReadContext { stop, end: stop, alive: how & 2 == 2, exit_code: (how & 4 == 4).then_some(i64::from(how >> 3)) };
    let reading = read(&tail.lines, &ctx);
    for block in &reading.blocks {
        assert!(block.first <= block.last && block.last < tail.lines.len() && !block.errors.is_empty());
    }
    if how & 56 == 56 {
        assert_eq!(reading, read(&tail.lines, &ctx));
    }
}
