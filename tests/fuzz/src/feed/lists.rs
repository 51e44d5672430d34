//! Objects of any shape, read as pods, events and nodes: JSON as it comes, or well-formed objects with damage.

use super::super::made;
use super::super::mutate::Script;
use a2::evidence::{Event, Node, Object, Pod, PodRow, parse_time};
use serde_json::Value;

/// Feeds one input.
pub fn lists(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    let items = if how % 8 == 7 {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(items)) => items,
            Ok(other) => vec![other],
            Err(_) => return,
        }
    } else {
        vec![made::object(usize::from(how % 8), &mut Script(body))]
    };
    let now = (how & 8 == 8).then(|| parse_time("2030-01-02T03:04:05Z")).flatten();
    for item in items {
        let object = Object::new(item);
        let _ = (object.owners(), object.labels(), object.reference().path());
        if let Some(event) = Event::from_object(object.clone()) {
            let _ = (event.authority(), event.is_credible(), event.time());
        }
        Node::from_object(object.clone());
        let pod = Pod::from_object(object);
        let _ = PodRow::from_pod(&pod, now).is_suspect();
        for container in &pod.containers {
            let _ = (container.path(), container.restarts_after(1, &pod.restart_policy));
        }
    }
}
