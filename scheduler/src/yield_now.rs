//! A task gives up its turn.

use std::future::poll_fn;
use std::task::Poll;

/// Gives up the rest of the turn: the task is back when everybody who is in the queue has had a
/// turn.
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
