//! The order in which a server lists things carries no meaning: the same bytes come out.

use a2::report::{document, json};

use super::corpus::{over, stages};
use super::said::judge;

/// A small generator, so that a shuffle can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

#[test]
fn shuffled_lists_give_the_same_bytes() {
    over("order", stages(), |stage| {
        let mut case = stage.case.clone();
        let mut dice = Dice(stage.id.bytes().map(u64::from).sum());
        dice.shuffle(&mut case.events);
        dice.shuffle(&mut case.node_events);
        dice.shuffle(&mut case.siblings);
        dice.shuffle(&mut case.sibling_rows);
        dice.shuffle(&mut case.related);
        dice.shuffle(&mut case.peers);
        dice.shuffle(&mut case.logs);
        dice.shuffle(&mut case.gaps);
        let (was, is) = (json::render(&document(&stage.base)), json::render(&document(&judge(&case))));
        if was == is {
            return Vec::new();
        }
        let line = was.lines().zip(is.lines()).find(|(a, b)| a != b);
        vec![format!("{line:?}")]
    });
}
