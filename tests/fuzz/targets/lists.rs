//! Objects of any shape, read as pods, events and nodes.
#![no_main]

use a2::evidence::{Event, Node, Object, Pod, PodRow};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let items = match value {
        Value::Array(items) => items,
        other => vec![other],
    };
    for item in items {
        let object = Object::new(item);
        let _ = (object.owners(), object.labels(), object.reference().path());
        if let Some(event) = Event::from_object(object.clone()) {
            let _ = (event.authority(), event.reporter(), event.time());
        }
        Node::from_object(object.clone());
        let pod = Pod::from_object(object);
        let _ = PodRow::from_pod(&pod, None).is_suspect();
    }
});
