//! The thread that owns a worker.

use crate::answer::{Answer, Failed, guarded};
use crate::frames::{self, ROOM};
use crate::job::{Job, JobError, Outcome};
use crate::queue::{Found, Queue, call};
use crate::remote::{ENDS, Remote, StartError};
use crate::worker::mark;
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::time::Duration;
use sync::primitives::Arc;

/// Jobs are sent in messages of about this size: small ones together, a large one alone.
const FULL: usize = 64 * 1024;

/// What the thread that owns a worker does: start it, give it jobs, and replace it when it is gone.
pub(crate) struct Keeper<J: Job> {
    worker: Option<Remote>,
    queue: Arc<Queue<J>>,
    limit: Option<Duration>,
    message: Vec<u8>,
}

impl<J: Job> Keeper<J> {
    /// Starts the worker. The calling thread has to be the one that [keeps](Keeper::keep) it.
    pub(crate) fn start(
        queue: Arc<Queue<J>>,
        limit: Option<Duration>,
    ) -> Result<Keeper<J>, StartError> {
        let mut keeper = Keeper { worker: None, queue, limit, message: Vec::new() };
        keeper.start_worker().map(|()| keeper)
    }

    fn start_worker(&mut self) -> Result<(), StartError> {
        self.worker = Some(Remote::start(&mark::<J>(), self.limit)?);
        self.queue.worker_started();
        Ok(())
    }

    /// Has jobs done until none will come, and lets the worker end.
    pub(crate) fn keep(mut self) {
        loop {
            if self.worker.is_none() && !self.queue.is_over() {
                let _a_job_will_be_told = self.start_worker();
            }
            match self.queue.next(self.worker.is_some()) {
                Found::One(job, done) => {
                    let mut done = Some(done);
                    let tell = |outcome| call(done.take().expect("one job, one outcome"), outcome);
                    self.run(VecDeque::from([job]), tell);
                }
                Found::Chunk(first, jobs, results) => {
                    let mut outcomes = Vec::with_capacity(jobs.len());
                    self.run(jobs, |outcome| outcomes.push(outcome));
                    let _nobody_wants_them = results.send((first, outcomes));
                }
                Found::Unwanted(map) => call(drop, map),
                Found::Retry => {}
                Found::End => break,
            }
        }
        if let Some(worker) = self.worker.take() {
            worker.close();
        }
    }

    /// Has the jobs done, in their order, and tells what comes of each.
    fn run(&mut self, mut jobs: VecDeque<J>, mut tell: impl FnMut(Outcome<J>)) {
        let mut again = true;
        while !jobs.is_empty() {
            if self.worker.is_none()
                && let Err(reason) = self.start_worker()
            {
                for job in jobs.drain(..) {
                    tell(Err(JobError::NoWorker { job, reason: reason.clone() }));
                }
                return;
            }
            let sent = self.write_message(&mut jobs, &mut tell);
            let unanswered = Cell::new(sent);
            let mut hear = |answer: &[u8]| {
                unanswered.set(unanswered.get() - 1);
                call(drop, jobs.pop_front());
                tell(outcome(answer));
            };
            let Err(error) = self.exchange(sent, &mut hear) else { continue };
            let Some(worker) = self.worker.take() else { continue };
            self.queue.worker_lost();
            let patience = match error.kind() {
                ErrorKind::TimedOut | ErrorKind::InvalidData => Duration::ZERO,
                _ => ENDS, // its socket is closed: it is about to end
            };
            let left = worker.end_within(patience);
            for answer in left.answers.iter().take(unanswered.get()) {
                hear(answer);
            }
            // The worker had gone before it had read the message, so none of its jobs has begun.
            // Once: there may be something about them that keeps workers from reading.
            if error.kind() == ErrorKind::BrokenPipe && again {
                again = false;
            } else if unanswered.get() > 0 {
                // Answers come in the order of the jobs: this one was running, those behind it were
                // not.
                call(drop, jobs.pop_front());
                tell(Err(match error.kind() {
                    ErrorKind::TimedOut => JobError::TimedOut,
                    ErrorKind::InvalidData => JobError::NoAnswer(error.to_string()),
                    _ => JobError::Died(left.exit),
                }));
            }
        }
    }

    /// Encodes as many of the jobs as fit into a message, and returns how many. One that cannot be
    /// encoded is handed back as soon as it is first.
    fn write_message(
        &mut self,
        jobs: &mut VecDeque<J>,
        tell: &mut impl FnMut(Outcome<J>),
    ) -> usize {
        let was_large = self.message.len() > ROOM;
        self.message.clear();
        if !was_large {
            self.message.shrink_to(ROOM); // what a large job before that needed
        }
        let start = frames::begin(&mut self.message);
        let mut sent = 0;
        while let Some(job) = jobs.get(sent)
            && self.message.len() < FULL
        {
            let before = self.message.len();
            match guarded(|| {
                frames::append(&mut self.message, &[], job).map_err(|it| it.to_string())
            }) {
                Ok(()) => sent += 1,
                Err(reason) => {
                    self.message.truncate(before);
                    if sent > 0 {
                        break;
                    }
                    if let Some(job) = jobs.pop_front() {
                        tell(Err(JobError::NotSent { job, reason }));
                    }
                }
            }
        }
        frames::end(&mut self.message, start);
        sent
    }

    /// Sends the message, which has so many jobs, and receives their answers.
    fn exchange(&mut self, sent: usize, hear: &mut impl FnMut(&[u8])) -> io::Result<()> {
        let Some(worker) = self.worker.as_mut().filter(|_| sent > 0) else { return Ok(()) };
        worker.limit(self.limit);
        worker.send(&self.message)?;
        for _ in 0..sent {
            hear(worker.answer()?);
        }
        Ok(())
    }
}

/// What an answer says.
fn outcome<J: Job>(answer: &[u8]) -> Outcome<J> {
    match guarded(|| frames::value(answer)) {
        Ok(Answer::Done(output)) => Ok(output),
        Ok(Answer::Failed(failed)) => Err(match *failed {
            Failed::Panicked { message, place } => JobError::Panicked { message, place },
            Failed::Unsent(reason) => JobError::NoAnswer(reason),
        }),
        Err(reason) => Err(JobError::NoAnswer(reason)),
    }
}
