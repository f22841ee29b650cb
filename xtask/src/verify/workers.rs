//! The threads that build and run, and what they tell.

use super::plan::{Checked, Plan};
use super::queue::Queue;
use crate::course::Course;
use crate::{build, stop};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

/// What the other threads tell the one that keeps the ledger; with the index of the tally.
///
/// Sending cannot fail: the receiver lives until the last sender is dropped.
pub enum Event {
    /// A line of cargo's.
    Cargo(String),
    /// A run begins.
    Started(usize),
    /// The run of this round is over.
    Over(usize, u32, Box<Checked>),
    /// A run was stopped with the runner; how far it had come.
    Stopped(usize, String),
    /// There will be no run: it was not built.
    NotBuilt(usize),
    /// Not all was built, and why.
    Broken(String),
}

/// A plan, and the index of its tally.
pub type Planned<'a> = (usize, Plan<'a>);

/// Builds the sections. Whatever is there goes into the queue at once: while some sections are built,
/// others wait for their clocks and children.
pub fn build(course: &Course, plans: &[Planned<'_>], queue: &Queue, sender: &Sender<Event>) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    let alone = |at: usize| plans[at].1.facts.directives.alone;
    for (at, (_, plan)) in plans.iter().enumerate() {
        match &plan.python {
            Some(python) => queue.add(at, python, alone(at)),
            None => drop(left.insert(&plan.section.name, at)),
        }
    }
    let names: Vec<_> = left.keys().copied().collect();
    let built = |name: &str, program: PathBuf| {
        if let Some(at) = left.remove(name) {
            queue.add(at, &program, alone(at));
        }
    };
    let say = |line: &str| drop(sender.send(Event::Cargo(line.to_owned())));
    let all = build::build(&course.root, None, &names, built, say);
    queue.complete();
    // A build that was stopped is no failure.
    if !stop::requested() {
        let broken = match all {
            Ok(true) => None,
            Ok(false) => Some("cargo build failed; its message stands above".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        let events = left.values().map(|at| Event::NotBuilt(plans[*at].0));
        for event in events.chain(broken.map(Event::Broken)) {
            let _ = sender.send(event);
        }
    }
}

/// One of the workers: takes runs from the queue until none is left.
pub fn work(
    course: &Course,
    plans: &[Planned<'_>],
    queue: &Queue,
    mutate: bool,
    sender: &Sender<Event>,
) {
    while let Some(turn) = queue.next() {
        let (tally, plan) = &plans[turn.subject];
        let _ = sender.send(Event::Started(*tally));
        let event = match plan.check(course, &turn.program, mutate) {
            Ok(checked) => Event::Over(*tally, turn.round, Box::new(checked)),
            Err(so_far) => Event::Stopped(*tally, so_far),
        };
        queue.done(turn.subject);
        let _ = sender.send(event);
    }
}
