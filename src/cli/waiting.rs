//! Waiting for answers; Ctrl-C ends it.

use super::Failure;

/// Runs what minds Ctrl-C itself.
pub fn run<T>(doing: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::unreadable)?;
    let done = runtime.block_on(doing);
    runtime.shutdown_background();
    done
}

/// Runs the asking part on one thread.
pub fn wait_for<T>(asking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::unreadable)?;
    let answer = runtime.block_on(async {
        tokio::select! {
            // Where the signal cannot be listened for, it ends the process as it always did.
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
            answer = asking => answer,
        }
    });
    // A name lookup that hangs in its own thread must not hold up the answer.
    runtime.shutdown_background();
    answer
}
