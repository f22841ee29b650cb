//! Waiting for a moment.

use crate::Handle;
use crate::timers::TimerKey;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use std::{error, fmt};

impl Handle {
    /// Waits for so long, or a little longer. A time too long for the clock ([`Duration::MAX`])
    /// never ends.
    ///
    /// A task that waits for an earlier moment goes on first; of those that wait for the same
    /// moment, the one that has waited longer.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let mut scheduler = scheduler::Scheduler::new()?;
    /// let handle = scheduler.handle();
    /// let start = Instant::now();
    /// scheduler.spawn(async move { handle.sleep(Duration::from_millis(5)).await });
    /// scheduler.run()?;
    /// assert!(start.elapsed() >= Duration::from_millis(5));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn sleep(&self, time: Duration) -> Sleep {
        Sleep { handle: self.clone(), until: Instant::now().checked_add(time), timer: None }
    }

    /// Waits for `future`, but no longer than `limit`. Then the future is dropped, which ends
    /// whatever it was waiting for.
    ///
    /// A future that must go on can be lent: `timeout(limit, &mut future)`.
    ///
    /// # Errors
    ///
    /// The limit was over first. What is there together with the end of the limit is returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::pending;
    /// use std::time::Duration;
    ///
    /// let mut scheduler = scheduler::Scheduler::new()?;
    /// let handle = scheduler.handle();
    /// scheduler.spawn(async move {
    ///     let limit = Duration::from_millis(1);
    ///     assert!(handle.timeout(limit, pending::<()>()).await.is_err());
    ///     assert_eq!(handle.timeout(limit, async { 7 }).await, Ok(7));
    /// });
    /// assert_eq!(scheduler.run()?.panicked, 0);
    /// # std::io::Result::Ok(())
    /// ```
    #[doc(alias = "wait_for")]
    pub async fn timeout<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, TimedOut> {
        let mut future = pin!(future);
        let mut sleep = self.sleep(limit);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            Pin::new(&mut sleep).poll(cx).map(|()| Err(TimedOut))
        })
        .await
    }
}

/// The limit of a [`Handle::timeout`] was over first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time limit is over")
    }
}

impl error::Error for TimedOut {}

/// A wait for a moment: what [`Handle::sleep`] returns.
#[must_use = "it waits when it is awaited"]
pub struct Sleep {
    handle: Handle,
    /// `None` is never.
    until: Option<Instant>,
    /// Where it stands among the timers, and what wakes its task.
    timer: Option<(TimerKey, Waker)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = self.until else { return Poll::Pending };
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        if self.timer.as_ref().is_none_or(|(_, waker)| !waker.will_wake(cx.waker())) {
            self.give_up();
            let waker = cx.waker().clone();
            let timer = self.handle.core.timers.borrow_mut().add(until, waker.clone());
            self.timer = Some((timer, waker));
        }
        Poll::Pending
    }
}

impl Sleep {
    fn give_up(&mut self) {
        if let Some((timer, _waker)) = self.timer.take() {
            let waker = self.handle.core.timers.borrow_mut().remove(timer);
            drop(waker); // with nothing borrowed: that may run anybody's code
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("until", &self.until).finish_non_exhaustive()
    }
}
