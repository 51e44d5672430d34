//! Tables of any shape: JSON as it comes, or a well-formed table with damage.

use super::super::made;
use super::super::mutate::Script;
use a2::evidence::{age_seconds, read_rows};

/// Feeds one input.
pub fn tables(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    let value = match how % 4 {
        3 => match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(value) => value,
            Err(_) => return,
        },
        2 => {
            // The cells themselves are the fuzzer's text.
            let mut table = made::object(made::TABLE, &mut Script(&[]));
            let text = String::from_utf8_lossy(body);
            for (cell, text) in table["rows"][0]["cells"].as_array_mut().into_iter().flatten().zip(text.split('|')) {
                *cell = text.into();
            }
            table
        }
        _ => made::object(made::TABLE, &mut Script(body)),
    };
    for row in read_rows(&value).unwrap_or_default() {
        assert!(!row.name.is_empty());
        assert!(age_seconds(&row.age).is_none_or(|age| age >= 0));
        row.is_suspect();
    }
}
