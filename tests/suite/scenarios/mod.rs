//! Small incidents written by hand, one test each, for what the recorded cases do not hold. `docs/requirements.md` says which
//! requirement each of them shows.

mod gone;
mod hostile;
mod logs;
mod running;
mod scan;
mod scene;
mod service;
