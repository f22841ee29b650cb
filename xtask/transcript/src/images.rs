//! Lanes that are each other's image: swap two of them, together with what only they touch, and
//! the transcript stays the same. Situations that differ by such a swap have equally many outputs
//! behind them, so one of them is counted for all.

use crate::{
    letters::{Effect, Letters},
    mark::Mark,
    order::Order,
    place::Place,
    rows::Mode,
};
use std::collections::HashMap;

pub(crate) struct Images {
    /// For each block: groups of lanes that read exactly the same lines.
    twins: HashMap<usize, Vec<Vec<usize>>>,
    /// Groups of lanes that read the same but for names of their own.
    groups: Vec<Vec<Image>>,
}

/// A lane through all blocks: its place in each, and its steps with the block of each.
#[derive(Default)]
struct Whole {
    in_block: HashMap<usize, usize>,
    steps: Vec<(usize, usize)>,
}

/// A lane that has others like it.
struct Image {
    /// Its place in each block, by number of the block.
    in_block: HashMap<usize, usize>,
    /// The entries that only its lines touch, in the order in which they do first.
    own: Vec<usize>,
}

/// A step of a lane with what is the lane's own numbered in the order in which it is met: equal
/// in lanes that are each other's image. The line is none for `...`.
type Outline = (usize, Mode, Option<Named>, Vec<(Option<Named>, Option<Named>)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Named {
    Own(usize),
    Common(usize),
}

impl Images {
    pub(crate) fn new(order: &Order, letters: &Letters) -> Images {
        let mut twins = HashMap::new();
        let mut lanes: HashMap<&str, Whole> = HashMap::new();
        for (begun, block) in (1..).zip(&order.out) {
            let mut classes: HashMap<Mark, Vec<usize>> = HashMap::new();
            for (at, lane) in block.iter().enumerate() {
                classes.entry(lane.spots[0].class).or_default().push(at);
                let whole = lanes.entry(&order.steps[lane.steps[0]].lane).or_default();
                whole.in_block.insert(begun, at);
                whole.steps.extend(lane.steps.iter().map(|step| (begun, *step)));
            }
            twins.insert(begun, classes.into_values().filter(|class| class.len() > 1).collect());
        }
        // Each `~` row is in no lane: taken for one lane, they would be the image of a lane in order.
        lanes.remove("~");

        let owners = Owners::new(order, letters, |lane| lanes.contains_key(lane));
        let mut groups: HashMap<Vec<Outline>, Vec<Image>> = HashMap::new();
        for (lane, Whole { in_block, steps }) in &lanes {
            let (mut own_letters, mut own) = (Vec::new(), Vec::new());
            let outline = steps.iter().map(|(begun, step)| {
                let letter = letters.of[*step];
                let effects = letters.effects.iter().map(|effects| {
                    let Effect { a, b } =
                        letter.map_or(Effect::default(), |letter| effects[letter]);
                    let mut name = |entry| name(&owners.entries, lane, &mut own, entry);
                    (a.map(&mut name), b.map(&mut name))
                });
                let effects = effects.collect();
                let letter =
                    letter.map(|letter| name(&owners.letters, lane, &mut own_letters, letter));
                (*begun, order.steps[*step].mode, letter, effects)
            });
            let outline = outline.collect();
            groups.entry(outline).or_default().push(Image { in_block: in_block.clone(), own });
        }
        Images { twins, groups: groups.into_values().filter(|group| group.len() > 1).collect() }
    }

    /// Of twins the one that stands first is the one that is less far.
    pub(crate) fn sort_twins(&self, place: &mut Place) {
        for group in self.twins.get(&place.begun).into_iter().flatten() {
            let mut gone_by: Vec<u32> = group.iter().map(|at| place.lanes[*at]).collect();
            gone_by.sort_unstable();
            group.iter().zip(gone_by).for_each(|(at, gone_by)| place.lanes[*at] = gone_by);
        }
    }

    /// Puts the lanes of each group in the order of how far they are and how their entries stand.
    pub(crate) fn rename(&self, place: &mut Place, entries: &mut [i64]) {
        for group in &self.groups {
            // All lanes of a group are in the same blocks.
            let at = |image: &Image| image.in_block.get(&place.begun).copied();
            let mut states: Vec<(Option<u32>, Vec<i64>)> = group
                .iter()
                .map(|image| {
                    (
                        at(image).map(|at| place.lanes[at]),
                        image.own.iter().map(|e| entries[*e]).collect(),
                    )
                })
                .collect();
            states.sort_unstable();
            for (image, (gone_by, own)) in group.iter().zip(states) {
                if let (Some(at), Some(gone_by)) = (image.in_block.get(&place.begun), gone_by) {
                    place.lanes[*at] = gone_by;
                }
                image.own.iter().zip(own).for_each(|(entry, value)| entries[*entry] = value);
            }
        }
    }
}

/// The lane that alone prints a letter or touches an entry; none where there are several.
#[derive(Default)]
struct Owners<'o> {
    letters: HashMap<usize, Option<&'o str>>,
    entries: HashMap<usize, Option<&'o str>>,
}

impl<'o> Owners<'o> {
    fn new(order: &'o Order, letters: &Letters, is_lane: impl Fn(&str) -> bool) -> Owners<'o> {
        let mut owners = Owners::default();
        for (step, letter) in order.steps.iter().zip(&letters.of) {
            let Some(letter) = letter else { continue };
            let lane = Some(step.lane.as_str()).filter(|lane| is_lane(lane));
            claim(&mut owners.letters, *letter, lane);
            for effects in &letters.effects {
                let Effect { a, b } = effects[*letter];
                a.into_iter().chain(b).for_each(|entry| claim(&mut owners.entries, entry, lane));
            }
        }
        owners
    }
}

fn claim<'o>(owners: &mut HashMap<usize, Option<&'o str>>, key: usize, lane: Option<&'o str>) {
    owners
        .entry(key)
        .and_modify(|owner| *owner = owner.filter(|o| Some(*o) == lane))
        .or_insert(lane);
}

fn name(
    owners: &HashMap<usize, Option<&str>>,
    lane: &str,
    own: &mut Vec<usize>,
    key: usize,
) -> Named {
    if owners.get(&key) != Some(&Some(lane)) {
        return Named::Common(key);
    }
    let at = own.iter().position(|k| *k == key).unwrap_or_else(|| {
        own.push(key);
        own.len() - 1
    });
    Named::Own(at)
}
