//! Iterators that take turns.

use std::collections::VecDeque;

/// Iterators that take turns: one step of the first, one of the second, and so on, until all have
/// ended.
///
/// It is an iterator itself, and says of each turn what came of it. Between two turns further tasks
/// can be [added](Self::add).
///
/// # Fairness
///
/// A task that has had its turn goes to the back of the queue, so between two turns of one task
/// every other task has one. How long a turn takes is up to the task: an iterator that never yields keeps
/// all others from their turns.
///
/// # Source
///
/// The cheatsheet's `run(tasks)` in "Simple round-robin scheduler": generators in a `deque`.
///
/// # Examples
///
/// ```
/// use scheduler::{RoundRobin, Turn};
///
/// let mut tasks = RoundRobin::from_iter([1..=2, 7..=7]);
/// assert_eq!(tasks.next(), Some(Turn::Yielded(1)));
/// tasks.add(5..=5); // behind 7 and 2
/// let rest: Vec<_> = tasks.filter_map(Turn::yielded).collect();
/// assert_eq!(rest, [7, 2, 5]);
/// ```
///
/// An iterator that borrows cannot outlive what it borrows from:
///
/// ```compile_fail,E0505
/// let mut tasks = scheduler::RoundRobin::default();
/// let names = vec!["Ann", "Bob"];
/// tasks.add(names.iter());
/// drop(names); // error: `names` is still borrowed by its task
/// tasks.next();
/// ```
#[derive(Clone, Debug)]
#[must_use = "tasks that take turns do nothing until somebody asks for their turns"]
pub struct RoundRobin<I> {
    tasks: VecDeque<I>,
}

/// What came of a task's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn<T> {
    /// The task got as far as this value, and will have further turns.
    Yielded(T),
    /// The task has ended, and is gone.
    #[doc(alias = "StopIteration")]
    Ended,
}

impl<I> RoundRobin<I> {
    /// Adds a task: its first turn comes after the next one of every other task.
    pub fn add(&mut self, task: impl IntoIterator<IntoIter = I>) {
        self.tasks.push_back(task.into_iter());
    }

    /// How many tasks have not ended yet, as far as their turns have shown.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether all have ended.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl<I: Iterator> Iterator for RoundRobin<I> {
    type Item = Turn<I::Item>;

    #[inline]
    fn next(&mut self) -> Option<Turn<I::Item>> {
        // Taken out for its turn: a task that panics is gone, and the others go on.
        let mut task = self.tasks.pop_front()?;
        let Some(value) = task.next() else {
            return Some(Turn::Ended);
        };
        self.tasks.push_back(task);
        Some(Turn::Yielded(value))
    }
}

impl<T> Turn<T> {
    /// The value, if the task has not ended.
    pub fn yielded(self) -> Option<T> {
        match self {
            Turn::Yielded(value) => Some(value),
            Turn::Ended => None,
        }
    }
}

impl<I> Default for RoundRobin<I> {
    fn default() -> Self {
        RoundRobin { tasks: VecDeque::new() }
    }
}

impl<T: IntoIterator> FromIterator<T> for RoundRobin<T::IntoIter> {
    /// The tasks get their first turns in the order in which they come.
    fn from_iter<Tasks: IntoIterator<Item = T>>(tasks: Tasks) -> Self {
        RoundRobin { tasks: tasks.into_iter().map(T::into_iter).collect() }
    }
}
