//! The steps that took the lines so far.

use std::rc::Rc;

/// A list that grows at its end; two that grew from one share what they have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Option<Rc<Node>>);

#[derive(Debug)]
struct Node {
    step: usize,
    before: Trail,
}

impl Trail {
    pub(crate) fn and(&self, step: usize) -> Trail {
        Trail(Some(Rc::new(Node { step, before: self.clone() })))
    }

    /// The steps, the first one first.
    pub(crate) fn steps(&self) -> Vec<usize> {
        let mut steps = Vec::new();
        let mut trail = self;
        while let Some(node) = &trail.0 {
            steps.push(node.step);
            trail = &node.before;
        }
        steps.reverse();
        steps
    }

    /// Where these trails, equally long, took the same line by different steps: those steps.
    pub(crate) fn differences<'t>(trails: impl Iterator<Item = &'t Trail>) -> Vec<usize> {
        let mut nodes: Vec<&Rc<Node>> = trails.filter_map(|trail| trail.0.as_ref()).collect();
        let mut differences = Vec::new();
        // Trails that meet go on as one, so this looks at each node once.
        while nodes.len() > 1 {
            nodes.sort_unstable_by_key(|node| Rc::as_ptr(node));
            nodes.dedup_by(|a, b| Rc::ptr_eq(a, b));
            if nodes.iter().any(|node| node.step != nodes[0].step) {
                differences.extend(nodes.iter().map(|node| node.step));
                differences.sort_unstable();
                differences.dedup();
            }
            nodes = nodes.iter().filter_map(|node| node.before.0.as_ref()).collect();
        }
        differences
    }
}

impl Drop for Trail {
    /// One node after the other: by itself, each node would drop the next from inside its own
    /// drop, and 10,000 lines would need as many stack frames.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut node) = next.and_then(Rc::into_inner) {
            next = node.before.0.take();
        }
    }
}
