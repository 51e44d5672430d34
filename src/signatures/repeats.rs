//! Lines that come at intervals.
