//! Lines of keys and values, aligned as kubectl aligns them: neighbours of one level share a column.

/// Collects lines, then aligns them.
#[derive(Default)]
pub struct Writer {
    rows: Vec<Row>,
}

struct Row {
    level: usize,
    key: String,
    /// `None`: a line of its own that takes no part in the alignment.
    value: Option<String>,
    added: bool,
}

impl Writer {
    /// `key: value`.
    pub fn pair(&mut self, level: usize, key: &str, value: &str) {
        self.rows.push(Row { level, key: format!("{key}:"), value: Some(value.to_owned()), added: false });
    }

    /// `key: value` that kubectl does not print.
    pub fn extra(&mut self, level: usize, key: &str, value: &str) {
        self.rows.push(Row { level, key: format!("{key}:"), value: Some(value.to_owned()), added: true });
    }

    /// A value below the previous one, in the same column.
    pub fn more(&mut self, level: usize, value: &str) {
        self.rows.push(Row { level, key: String::new(), value: Some(value.to_owned()), added: false });
    }

    /// A line of its own.
    pub fn line(&mut self, level: usize, text: &str) {
        self.rows.push(Row { level, key: text.to_owned(), value: None, added: false });
    }

    /// The text; lines that kubectl does not print start with `+`.
    pub fn finish(self) -> String {
        let mut out = String::new();
        let mut start = 0;
        while let Some(first) = self.rows.get(start) {
            let run = self.rows.iter().skip(start).take_while(|r| r.value.is_some() && r.level == first.level).count().max(1);
            let rows = self.rows.iter().skip(start).take(run);
            let width = rows.clone().map(|r| r.key.chars().count()).max().unwrap_or(0);
            for row in rows {
                let mut line = "  ".repeat(row.level);
                if row.added {
                    if line.len() >= 2 {
                        line.truncate(line.len() - 2);
                    }
                    line.push_str("+ ");
                }
                line.push_str(&row.key);
                if let Some(value) = &row.value {
                    line.push_str(&" ".repeat(width.saturating_sub(row.key.chars().count()) + 2));
                    line.push_str(value);
                }
                out.push_str(line.trim_end());
                out.push('\n');
            }
            start += run;
        }
        out
    }
}
