//! A room uses only rooms above it. The order is the table in `src/lib.rs`.

use std::path::Path;

use crate::support::{root, rust_files};

/// The rooms in order, from the table in the crate's documentation.
fn rooms() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    page.lines().filter_map(|line| Some(line.strip_prefix("//! | [`")?.split_once('`')?.0.to_owned())).collect()
}

/// Everything on a line that is not a comment. Good enough for paths: they do not stand in strings here.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(before, _)| before)
}

/// The names that follow `crate::` (or enough `super::` to get there): rooms that the text uses, with the line.
fn used(text: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let plain: String = text.lines().map(|line| format!("{}\n", code(line))).collect();
    let line_of = |at: usize| plain[..at].matches('\n').count() + 1;
    for (at, _) in plain.match_indices("crate::") {
        names(&plain[at + "crate::".len()..]).into_iter().for_each(|name| found.push((line_of(at), name)));
    }
    for (at, _) in plain.match_indices("super::") {
        if plain[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &plain[at..];
        let mut up = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            (rest, up) = (after, up + 1);
        }
        if up >= depth {
            names(rest).into_iter().for_each(|name| found.push((line_of(at), name)));
        }
    }
    found
}

/// First segments after a path prefix: `a::b` is a; `{a::{x, y}, b}` are a and b.
fn names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut level, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => {
                found.push(word(&group[start..at]));
                break;
            }
            '}' => level -= 1,
            ',' if level == 0 => {
                found.push(word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The room a file belongs to, and how many modules deep it stands.
fn place(path: &Path) -> Option<(String, usize)> {
    let parts: Vec<&str> = path.strip_prefix(root().join("src")).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
    let depth = if path.ends_with("mod.rs") { parts.len() - 1 } else { parts.len() };
    (parts.len() > 1).then(|| (parts[0].to_owned(), depth))
}

#[test]
fn the_order_is_written_down() {
    let rooms = rooms();
    assert!(rooms.len() >= 11, "the table in src/lib.rs lists the rooms: {rooms:?}");
    assert_eq!(rooms.first().map(String::as_str), Some("evidence"));
    assert_eq!(rooms.last().map(String::as_str), Some("cli"));
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let rooms = rooms();
    let rank = |name: &str| rooms.iter().position(|room| room == name);
    let mut problems = Vec::new();
    for path in rust_files(&root().join("src")) {
        let Some((room, depth)) = place(&path) else { continue };
        // The build script's own modules are no part of the library.
        if room == "build" {
            continue;
        }
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        let Some(own) = rank(&room) else {
            problems.push(format!("{shown}: {room} is no room of src/lib.rs"));
            continue;
        };
        for (line, name) in used(&std::fs::read_to_string(&path).unwrap(), depth) {
            if rank(&name).is_some_and(|other| other > own) {
                problems.push(format!("{shown}:{line}: {room} uses {name}, which is below it"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_them_all() {
    let text = "use crate::evidence::{Pod, Gap};\nuse crate::{rules::{self, Fact}, report};\n// crate::cli is only spoken of\nlet x = crate::scan::run();\nuse super::super::cli::Exit;\n";
    let names: Vec<String> = used(text, 2).into_iter().map(|(line, name)| format!("{line} {name}")).collect();
    assert_eq!(names, ["1 evidence", "2 rules", "2 report", "4 scan", "5 cli"]);
    assert_eq!(used("use super::super::cli::Exit;", 3), []);
}
