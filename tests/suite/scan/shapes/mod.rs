//! The situations that a scan is for, and those that it must not cry over, in the shapes that clusters give them.

mod absent;
mod ended;
mod ending;
mod expect;
mod groups;
mod looping;
mod noise;
mod pending;
mod printed;
mod running;
mod silent;
mod workflows;
mod world;
