//! Waiting for answers; Ctrl-C ends it.

use super::Failure;

/// One thread asks. What takes the processor goes to others, which hold memory: no more of them than can run, and two at least, since a name
/// lookup that hangs keeps one.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_current_thread().max_blocking_threads(cores.max(2)).enable_all().build().map_err(Failure::unreadable)
}

/// Runs what minds Ctrl-C itself.
pub fn run<T>(doing: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let done = runtime.block_on(doing);
    runtime.shutdown_background();
    done
}

/// Runs the asking part on one thread.
pub fn wait_for<T>(asking: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let answer = runtime.block_on(async {
        tokio::select! {
            // Where the signal cannot be listened for, it ends the process as it always did.
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
            answer = asking => answer,
        }
    });
    // A name lookup that hangs in its own thread must not hold up the answer; and the process is about to end, which takes threads and their
    // memory apart faster than they do.
    std::mem::forget(runtime);
    answer
}

/// Waits for whatever asks the process to end: Ctrl-C, and what a service manager or a closed terminal sends. Where a signal
/// cannot be listened for, it ends the process as it always did.
pub async fn ended_by_signal() {
    #[cfg(unix)]
    let others = async {
        use tokio::signal::unix::{SignalKind, signal};
        let (terminated, hung_up) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
        let heard = |listener: std::io::Result<tokio::signal::unix::Signal>| async {
            match listener {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = heard(terminated) => {}
            () = heard(hung_up) => {}
        }
    };
    #[cfg(not(unix))]
    let others = std::future::pending::<()>();
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = others => {}
    }
}
