#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

// What goes in and what comes out.
mod head;
pub use head::{Directives, Head};

mod transcript;
pub use transcript::Transcript;

mod source;
pub use source::ParseError;

mod verdict;
pub use verdict::{Ambiguity, Failure, Kind, Output, Reading, Status, Verdict};

mod count;
pub use count::Count;

mod mutants;
pub use mutants::Mutants;

// Reading a transcript: directives, rows, their texts and names, the order they state, the rules.
mod comments;

mod rows;

mod syntax;

mod kind;

mod text;

mod names;

mod lanes;

mod mark;

mod steps;

mod twins;

mod order;

mod rules;

mod bullets;

mod rule_syntax;

mod automaton;

mod possible;

// Checking an output: places in the order, sets of states, the verdict.
mod place;

mod trail;

mod state;

mod matcher;

mod case;

mod judge;

// Explaining a failure.
mod failures;

mod reader;

mod page;

mod signals;

// Counting: which lanes are each other's image.
mod images;

mod letters;
