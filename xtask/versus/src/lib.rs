#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod answer;
pub use answer::{Answer, Failure};

mod case;
pub use case::{Case, Point};

mod cases;
pub use cases::Cases;

mod role;
pub use role::Role;

mod clock;
pub use clock::{Clock, SystemClock, Time};

mod affinity;
pub use affinity::stay_on_core;

mod settings;
pub use settings::{Settings, Step, random_seed};

mod bench;

mod measure;
pub use measure::measure;

mod entry;
pub use entry::{Entry, Samples};

mod result;
pub use result::{CaseResult, Round};

mod interval;
pub use interval::{Interval, Ranks};

mod compare;
pub use compare::{Comparison, Speed};

mod report;
pub use report::Report;

mod machine;
pub use machine::Machine;

mod table;
pub use table::{circumstances, range_text, rate_text, ratio_text, time_text};

mod command;
pub use command::{main, run};
