//! The rules of the house: who may use whom, how long a file may be.

mod files;
mod requirements;
mod rooms;
