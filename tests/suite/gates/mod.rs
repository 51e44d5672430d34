//! What must hold of every recorded case, whatever it is about: the verdict rests on what it cites, on nothing else, and on nobody's mere say-so.

mod corpus;
mod forbidden;
mod integrity;
mod mutation;
mod negatives;
mod noise;
mod order;
mod renaming;
mod said;
mod shapes;
mod spoof;
mod unread;
