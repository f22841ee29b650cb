//! The connections of a server, and how many there are.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The connections of a server, at most `limit` at once.
///
/// Invariants:
/// 1. a number is in `open` as long as its [`Place`] lives;
/// 2. once `stopping` is true it stays true, and every task that is in `open` has been woken
///    since it became true.
pub(crate) struct Connections {
    limit: usize,
    /// With the wakers of their tasks.
    open: RefCell<HashMap<u64, Option<Waker>>>,
    next: Cell<u64>,
    stopping: Cell<bool>,
    /// The task that waits until there are fewer: only the one that accepts does.
    accepting: RefCell<Option<Waker>>,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Rc<Connections> {
        Rc::new(Connections {
            limit,
            open: RefCell::default(),
            next: Cell::new(0),
            stopping: Cell::new(false),
            accepting: RefCell::default(),
        })
    }

    /// Lets one in.
    pub(crate) fn enter(self: &Rc<Connections>) -> Place {
        let number = self.next.replace(self.next.get() + 1);
        self.open.borrow_mut().insert(number, None);
        Place { connections: Rc::clone(self), number }
    }

    /// Waits until there is room for one more.
    pub(crate) async fn room(&self) {
        self.fewer_than(self.limit).await;
    }

    /// Waits until all are gone.
    pub(crate) async fn all_gone(&self) {
        self.fewer_than(1).await;
    }

    async fn fewer_than(&self, number: usize) {
        poll_fn(|cx| {
            if self.open.borrow().len() < number {
                return Poll::Ready(());
            }
            // Woken by `Place::drop`.
            self.accepting.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Tells all that the server is about to stop.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        let wakers: Vec<_> = self.open.borrow_mut().values_mut().filter_map(Option::take).collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// A connection's place among the others, until it is dropped.
pub(crate) struct Place {
    connections: Rc<Connections>,
    number: u64,
}

impl Place {
    /// Lets [`Connections::stop`] wake the calling task. (A task has the same waker as long as it
    /// lives.)
    pub(crate) async fn remember_task(&self) {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        self.connections.open.borrow_mut().insert(self.number, Some(waker));
    }

    pub(crate) fn stopping(&self) -> bool {
        self.connections.stopping.get()
    }

    /// Waits for `future`, unless the server is about to stop.
    pub(crate) async fn unless_stopping<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            _ if self.stopping() => Poll::Ready(None),
            polled => polled.map(Some),
        })
        .await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open.borrow_mut().remove(&self.number);
        // Wakes the wait in `Connections::fewer_than`.
        let accepting = self.connections.accepting.take();
        accepting.into_iter().for_each(Waker::wake);
    }
}
