//! Cases nobody recorded: what programs and clusters of other people print, written down from their sources and manuals,
//! and put through everything from collecting to the verdict.
//!
//! `cases/*.yaml` holds them, one family a file; [`shape`] is their form, [`world`] makes a bundle of one, [`score`] holds
//! a2 to a floor. `A2_SHOW=1` prints what is missed, `A2_ONLY=id` one case whole, `A2_KEEP=dir` keeps the bundles.

mod score;
mod shape;
mod state;
mod world;
