//! A task gives up its turn.

use std::future::poll_fn;
use std::task::Poll;

/// Ends the task's turn. Its next one comes when all tasks that are in the queue have had theirs.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
