//! What the notation and the library promise, one test each.

mod counts;
mod failures;
mod mistakes;
mod mutants;
mod precedence;
mod rows;
mod rules;
mod sections;
mod support;
mod values;
