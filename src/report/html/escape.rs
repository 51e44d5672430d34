//! Cluster text inside HTML.

/// Text of an element or a quoted attribute.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}

/// An element with text.
pub fn element(name: &str, class: &str, content: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<{name}{class}>{}</{name}>", text(content))
}

/// Links to pieces of evidence on the same page.
pub fn ids(ids: &[String]) -> String {
    ids.iter().map(|id| format!(" <a class=\"id\" href=\"#{0}\">{0}</a>", text(id))).collect()
}
