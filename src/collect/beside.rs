//! Work that takes the processor, beside that of the network.

use std::sync::LazyLock;

use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// One core is left to the thread that asks: as long as it waits for its turn, the server waits for the next question.
static CORES: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(cores.saturating_sub(1).max(1))
});

/// Works in another thread, as many at once as there are cores to spare. Work must end by itself: whatever may hang takes a place for good.
///
/// # Errors
/// The work panicked, or the program is about to end.
pub async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
    let _permit = CORES.acquire().await;
    tokio::task::spawn_blocking(work).await
}
