//! A node.

use super::object::Object;
use super::pod::Condition;

/// The node that the pod ran on.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The object as sent.
    pub object: Object,
    /// Its name.
    pub name: String,
    /// `status.conditions`.
    pub conditions: Vec<Condition>,
}

impl Node {
    /// Reads a node object.
    pub fn from_object(object: Object) -> Self {
        Self { name: object.name().to_owned(), conditions: Condition::read_list(&object), object }
    }

    /// The condition of this type.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|c| c.kind == kind)
    }
}
