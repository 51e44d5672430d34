//! "Did you mean …".

/// The candidate nearest to what was typed, when it is near enough to be a slip of the finger.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (typed.chars().count() / 3).max(1);
    candidates.into_iter().map(|candidate| (distance(typed, candidate), candidate)).filter(|(d, _)| *d <= limit).min().map(|(_, candidate)| candidate)
}

/// Edits between two texts: insert, delete, replace, or swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_in_a = None;
    for (i, &in_a) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut left = i + 1;
        for (j, (&in_b, window)) in b.iter().zip(above.windows(2)).enumerate() {
            let (diagonal, up) = (window.first().copied().unwrap_or(0), window.last().copied().unwrap_or(0));
            let mut best = (diagonal + usize::from(in_a != in_b)).min(up + 1).min(left + 1);
            let swapped = j > 0 && last_in_a == Some(in_b) && b.get(j - 1) == Some(&in_a);
            if let (true, Some(swap)) = (swapped, before.get(j.wrapping_sub(1))) {
                best = best.min(swap + 1);
            }
            row.push(best);
            left = best;
        }
        before = std::mem::replace(&mut above, row);
        last_in_a = Some(in_a);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits_and_swaps() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("tiemout", "timeout"), 1);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_slips_are_corrected() {
        assert_eq!(nearest("namespce", ["namespace", "output"]), Some("namespace"));
        assert_eq!(nearest("zebra", ["namespace", "output"]), None);
    }
}
