//! The page of requirements, held to the tests it names.

use crate::support::{root, rust_files};

/// Every row of the three reports and every scenario drawn from them.
const IDS: [&str; 199] = [
    "0-01", "0-02", "0-03", "0-04", "0-05", "0-06", "0-07", "0-08", "0-09", "0-10", "0-11", "0-12", "0-13", "0-14", "0-15", "0-16", "0-17", "0-18", "0-19",
    "0-20", "0-21", "0-22", "0-23", "0-24", "0-25", "0-26", "0-27", "0-28", "0-29", "0-30", "0-31", "0-32", "0-33", "0-34", "0-35", "0-36", "0-37", "0-38",
    "0-39", "0-40", "0-41", "0-42", "0-43", "0-44", "0-45", "0-46", "0-47", "0-48", "0-49", "0-50", "0-51", "0-52", "0-53", "0-54", "0-55", "0-56", "0-57",
    "0-58", "0-59", "0-60", "0-61", "0-62", "0-63", "0-64", "1-01", "1-02", "1-03", "1-04", "1-05", "1-06", "1-07", "1-08", "1-09", "1-10", "1-11", "1-12",
    "1-13", "1-14", "1-15", "1-16", "1-17", "2-01", "2-02", "2-03", "2-04", "2-05", "2-06", "2-07", "2-08", "2-09", "2-10", "2-11", "2-12", "2-13", "2-14",
    "2-15", "2-16", "2-17", "2-18", "2-19", "2-20", "2-21", "2-22", "2-23", "2-24", "2-25", "2-26", "2-27", "2-28", "2-29", "2-30", "2-31", "2-32", "2-33",
    "2-34", "2-35", "2-36", "2-37", "2-38", "2-39", "2-40", "2-41", "2-42", "2-43", "2-44", "2-45", "S01", "S02", "S03", "S03b", "S04", "S05", "S06", "S06b",
    "S06c", "S06d", "S06e", "S07", "S07b", "S07c", "S08", "S08b", "S08c", "S09", "S09b", "S10", "S10b", "S11", "S12", "S12b", "S12c", "S13", "S14", "S15",
    "S16", "S17", "S18", "S19", "S20", "S21", "S22", "S23", "S24", "S25", "S26", "S27", "S28", "S29", "S30", "S31", "S32", "S33", "S34", "S35", "S35b", "S36",
    "S37", "S38", "S39", "S40", "S41", "S42", "S42b", "S43", "S44", "S45", "S46", "S47", "S48", "S49", "S50", "S51", "S52", "S53", "S54", "S55", "S56", "S57",
    "S58",
];

/// Id and last cell of each row of the tables.
fn rows(page: &str) -> Vec<(String, String)> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let row = |cells: Vec<String>| match cells.as_slice() {
        [id, _, shown] if id != "id" && !id.starts_with('-') => Some((id.clone(), shown.clone())),
        _ => None,
    };
    page.lines().filter(|line| line.starts_with('|')).filter_map(|line| row(cells(line))).collect()
}

#[test]
fn every_requirement_has_a_test_or_a_reason() {
    let page = std::fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let rows = rows(&page);
    let files = [rust_files(&root().join("tests")), rust_files(&root().join("src"))].concat();
    let code: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut problems: Vec<String> =
        IDS.iter().filter(|id| rows.iter().filter(|row| row.0 == **id).count() != 1).map(|id| format!("{id} is not there once")).collect();
    problems.extend(rows.iter().filter(|row| !IDS.contains(&row.0.as_str())).map(|row| format!("{} is nobody's requirement", row.0)));
    let mut shown = 0;
    for (id, cell) in &rows {
        if let Some(why) = cell.strip_prefix("later: ")
            && why.len() < 10
        {
            problems.push(format!("{id}: later, and no reason"));
        }
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if named.is_empty() && !cell.starts_with("later: ") {
            problems.push(format!("{id} names no test"));
        }
        shown += usize::from(!cell.starts_with("later: "));
        problems.extend(named.iter().filter(|name| !code.contains(&format!("fn {name}("))).map(|name| format!("{id}: there is no test {name}")));
    }
    assert!(problems.is_empty(), "docs/requirements.md:\n{}", problems.join("\n"));
    println!("{shown} of {} requirements are shown by a test", rows.len());
}
