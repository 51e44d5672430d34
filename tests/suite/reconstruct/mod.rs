//! What happened, from small hand-written pods.
