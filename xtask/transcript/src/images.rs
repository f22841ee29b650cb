//! Lanes that are each other's image: swap two of them, together with what only they touch, and
//! the transcript stays the same. Situations that differ by such a swap have equally many outputs
//! behind them, so one of them is counted for all.

use crate::{letters::Letters, mark::Mark, order::Order, place::Place, rows::Mode, steps::LaneKey};
use std::collections::HashMap;

pub(crate) struct Images {
    /// For each block: groups of lanes that read exactly the same lines.
    twins: HashMap<usize, Vec<Vec<usize>>>,
    /// Groups of lanes that read the same but for names of their own.
    groups: Vec<Vec<Image>>,
}

/// A lane through all blocks.
#[derive(Default)]
struct Image {
    /// Its place in each block, by number of the block.
    in_block: HashMap<usize, usize>,
    /// Its steps, each with its block.
    steps: Vec<(usize, usize)>,
    /// The entries that only its lines touch, in the order in which they do first.
    own: Vec<usize>,
}

/// A step of a lane with what is the lane's own numbered in the order in which it is met: equal
/// in lanes that are each other's image. The line is none for `...`.
type Outline = (usize, Mode, Option<Named>, Vec<[Option<Named>; 2]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Named {
    Own(usize),
    Common(usize),
}

impl Images {
    pub(crate) fn new(order: &Order, letters: &Letters) -> Images {
        let mut twins = HashMap::new();
        let mut lanes: HashMap<LaneKey, Image> = HashMap::new();
        let (mut of_letters, mut of_entries) = (Owners::default(), Owners::default());
        for (begun, block) in (1..).zip(&order.out) {
            let mut classes: HashMap<Mark, Vec<usize>> = HashMap::new();
            for (at, lane) in block.iter().enumerate() {
                classes.entry(lane.spots[0].class).or_default().push(at);
                let image = lanes.entry(lane.key).or_default();
                image.in_block.insert(begun, at);
                image.steps.extend(lane.steps.iter().map(|step| (begun, *step)));
                for letter in lane.steps.iter().filter_map(|step| letters.of[*step]) {
                    of_letters.claim(letter, lane.key);
                    let entries = letters.effects.iter().flat_map(|effects| effects[letter]);
                    entries.flatten().for_each(|entry| of_entries.claim(entry, lane.key));
                }
            }
            twins.insert(begun, classes.into_values().filter(|class| class.len() > 1).collect());
        }

        let mut groups: HashMap<Vec<Outline>, Vec<Image>> = HashMap::new();
        for (lane, Image { in_block, steps, mut own }) in lanes {
            let mut own_letters = Vec::new();
            let outline = steps.iter().map(|(begun, step)| {
                let letter = letters.of[*step];
                let effects = letters.effects.iter().map(|effects| {
                    let effect = letter.map_or([None; 2], |letter| effects[letter]);
                    effect.map(|entry| Some(of_entries.name(entry?, lane, &mut own)))
                });
                let effects = effects.collect();
                let letter = letter.map(|letter| of_letters.name(letter, lane, &mut own_letters));
                (*begun, order.steps[*step].mode, letter, effects)
            });
            let outline = outline.collect();
            groups.entry(outline).or_default().push(Image { in_block, steps, own });
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
            let begun = place.begun;
            let at = |image: &Image| image.in_block.get(&begun).copied();
            let states = group.iter().map(|image| {
                let own = image.own.iter().map(|entry| entries[*entry]);
                (at(image).map(|at| place.lanes[at]), own.collect::<Vec<_>>())
            });
            let mut states: Vec<_> = states.collect();
            states.sort_unstable();
            for (image, (gone_by, own)) in group.iter().zip(states) {
                if let (Some(at), Some(gone_by)) = (at(image), gone_by) {
                    place.lanes[at] = gone_by;
                }
                image.own.iter().zip(own).for_each(|(entry, value)| entries[*entry] = value);
            }
        }
    }
}

/// The lane that alone prints a letter, or touches an entry; none where there are several.
#[derive(Default)]
struct Owners(HashMap<usize, Option<LaneKey>>);

impl Owners {
    fn claim(&mut self, key: usize, lane: LaneKey) {
        let owner = self.0.entry(key).or_insert(Some(lane));
        *owner = owner.filter(|owner| *owner == lane);
    }

    /// What a lane would call this, which may be one of its own.
    fn name(&self, key: usize, lane: LaneKey, own: &mut Vec<usize>) -> Named {
        if self.0[&key] != Some(lane) {
            return Named::Common(key);
        }
        let known = own.iter().position(|known| *known == key);
        Named::Own(known.unwrap_or_else(|| {
            own.push(key);
            own.len() - 1
        }))
    }
}
