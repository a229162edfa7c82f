//! Which volunteer each case goes to, all at once: the best plan, exactly.
//!
//! In this order: most cases served; least total cost; least sum of squared loads, so that nobody carries it all; and of the
//! plans that are still equal the first by ids: the lowest volunteer for the first case, then for the second.
//!
//! *Served and cost.* A transport problem, solved by successive shortest paths with prices (Ahuja, Magnanti and Orlin,
//! *Network Flows*, 1993, § 9.7), on volunteers alone: from one to another leads the cheapest of his or her cases that could
//! change over, which is kept until that volunteer's cases change. A case left out is with a volunteer without limit who
//! costs more than any chain of changes.
//!
//! *Loads and ids.* At the final prices a case has few places that cost it the same, and every plan that is as good uses
//! those and no others (complementary slackness). Most cases have one: the rest is a small graph, in which chains of changes
//! that cost nothing are followed, first to even loads out, then to prefer low ids.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A volunteer who may take a case, at an integer cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arc {
    /// Index of the volunteer.
    pub volunteer: u32,
    /// What the published weights make of it.
    pub cost: u32,
}

/// Cases, volunteers and who may take whom. Index i is the i-th by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Free places of each volunteer.
    pub free: Vec<u32>,
    /// People whom each volunteer has already.
    pub loads: Vec<u32>,
    /// The arcs of case i are `arcs[starts[i]..starts[i + 1]]`, by volunteer, each volunteer at most once.
    pub starts: Vec<u32>,
    /// All arcs.
    pub arcs: Vec<Arc>,
}

impl Batch {
    /// How many cases.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Who may take a case.
    #[must_use]
    pub fn arcs_of(&self, case: usize) -> &[Arc] {
        &self.arcs[self.starts[case] as usize..self.starts[case + 1] as usize]
    }

    /// What a case costs that nobody takes: more than any chain that places one case more and changes every volunteer's
    /// cases on its way.
    fn unserved_cost(&self) -> i64 {
        let dearest = self.arcs.iter().map(|arc| i64::from(arc.cost)).max().unwrap_or(0);
        (dearest + 1) * (self.free.len() as i64 + 1)
    }
}

/// Who takes whom, with the proof that nothing costs less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// By case: the volunteer, or `None` for a case that nobody can take.
    pub volunteers: Vec<Option<u32>>,
    /// How many cases are served.
    pub served: usize,
    /// Sum of the costs.
    pub cost: u64,
    /// Sum over volunteers of (people whom they have then)².
    pub squares: u64,
    /// What one more place of each volunteer would save, at least; 0 where a place is left. The certificate that [`check`]
    /// reads.
    pub prices: Vec<i64>,
}

/// The best plan. O(cases × log) where places are plenty; one search over the volunteers nearby for each case that has to
/// make others change.
#[must_use]
pub fn assign(batch: &Batch) -> Plan {
    let mut search = Search::new(batch);
    for case in 0..batch.cases() {
        search.place(case as u32);
    }
    let mut ties = Ties::new(batch, search.at, &search.prices);
    ties.even_out();
    ties.first_by_ids();
    search.prices.truncate(batch.free.len());
    plan(batch, &ties.at, search.prices)
}

fn plan(batch: &Batch, at: &[u32], prices: Vec<i64>) -> Plan {
    let mut loads = batch.loads.clone();
    let (m, mut served, mut cost) = (loads.len(), 0, 0);
    for (case, &j) in at.iter().enumerate().filter(|(_, j)| (**j as usize) < m) {
        served += 1;
        loads[j as usize] += 1;
        cost += batch.arcs_of(case).iter().find(|arc| arc.volunteer == j).map_or(0, |arc| u64::from(arc.cost));
    }
    Plan {
        volunteers: at.iter().map(|&j| ((j as usize) < m).then_some(j)).collect(),
        served,
        cost,
        squares: squares(loads.into_iter()),
        prices,
    }
}

fn squares(loads: impl Iterator<Item = u32>) -> u64 {
    loads.map(|load| u64::from(load).pow(2)).sum()
}

const NOBODY: u32 = u32::MAX;

/// The cheapest case of a volunteer that could go over to another.
#[derive(Debug, Clone, Copy)]
struct Change {
    to: u32,
    case: u32,
    cost: i64,
}

/// Most served at least cost. The volunteer past the last stands for "unserved".
struct Search<'a> {
    batch: &'a Batch,
    unserved_cost: i64,
    /// By case: who has it, where in that list, and at what cost.
    at: Vec<u32>,
    slot: Vec<u32>,
    cost: Vec<i64>,
    /// By volunteer: cases, in no order.
    members: Vec<Vec<u32>>,
    /// By volunteer: what a place costs beside the case's own cost; each case is where both together are least.
    prices: Vec<i64>,
    changes: Vec<Vec<Change>>,
    stale: Vec<bool>,
    /// By volunteer: where in the list of changes that is being made, plus one.
    place: Vec<u32>,
    // Of one search.
    reached: Vec<i64>,
    via: Vec<(u32, u32)>,
    settled: Vec<u32>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
}

impl<'a> Search<'a> {
    fn new(batch: &'a Batch) -> Self {
        let (n, m) = (batch.cases(), batch.free.len());
        Self {
            batch,
            unserved_cost: batch.unserved_cost(),
            at: vec![NOBODY; n],
            slot: vec![0; n],
            cost: vec![0; n],
            members: vec![Vec::new(); m + 1],
            prices: vec![0; m + 1],
            changes: vec![Vec::new(); m + 1],
            stale: vec![false; m + 1],
            place: vec![0; m + 1],
            reached: vec![i64::MAX; m + 1],
            via: vec![(NOBODY, NOBODY); m + 1],
            settled: Vec::new(),
            touched: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    fn unserved(&self) -> u32 {
        self.batch.free.len() as u32
    }

    fn has_place(&self, j: u32) -> bool {
        self.batch.free.get(j as usize).is_none_or(|free| self.members[j as usize].len() < *free as usize)
    }

    /// Finds a place for a case, along the cheapest chain of changes.
    fn place(&mut self, case: u32) {
        let (batch, unserved) = (self.batch, self.unserved());
        // Without any change; what a chain must beat.
        let (mut best, mut end) = (self.unserved_cost, unserved);
        for arc in batch.arcs_of(case as usize) {
            if i64::from(arc.cost) < best && self.has_place(arc.volunteer) {
                (best, end) = (i64::from(arc.cost), arc.volunteer);
            }
        }
        for arc in batch.arcs_of(case as usize) {
            let cost = i64::from(arc.cost) + self.prices[arc.volunteer as usize];
            if cost < best && batch.free[arc.volunteer as usize] > 0 {
                self.offer(arc.volunteer, cost, (NOBODY, case));
            }
        }
        if self.heap.is_empty() {
            self.put(case, end);
            return;
        }
        self.offer(end, best, (NOBODY, case));
        while let Some(Reverse((cost, j))) = self.heap.pop() {
            if cost > self.reached[j as usize] {
                continue;
            }
            if self.has_place(j) {
                (best, end) = (cost, j);
                break;
            }
            self.settled.push(j);
            self.renew(j);
            let base = cost - self.prices[j as usize];
            for i in 0..self.changes[j as usize].len() {
                let change = self.changes[j as usize][i];
                let cost = base + change.cost + self.prices[change.to as usize];
                if cost < best {
                    self.offer(change.to, cost, (j, change.case));
                }
            }
        }
        self.heap.clear();
        for j in self.settled.drain(..) {
            self.prices[j as usize] += best - self.reached[j as usize];
        }
        let mut j = end;
        while j != NOBODY {
            let (from, moved) = self.via[j as usize];
            self.put(moved, j);
            j = from;
        }
        for j in self.touched.drain(..) {
            self.reached[j as usize] = i64::MAX;
        }
    }

    fn offer(&mut self, j: u32, cost: i64, via: (u32, u32)) {
        let reached = &mut self.reached[j as usize];
        if *reached == i64::MAX {
            self.touched.push(j);
        }
        if cost < *reached {
            *reached = cost;
            self.via[j as usize] = via;
            self.heap.push(Reverse((cost, j)));
        }
    }

    fn put(&mut self, case: u32, j: u32) {
        let from = self.at[case as usize];
        if from != NOBODY {
            let at = self.slot[case as usize] as usize;
            let members = &mut self.members[from as usize];
            members.swap_remove(at);
            if let Some(&moved) = members.get(at) {
                self.slot[moved as usize] = at as u32;
            }
            self.stale[from as usize] = true;
        }
        let arcs = self.batch.arcs_of(case as usize);
        let arc = arcs.binary_search_by_key(&j, |arc| arc.volunteer);
        self.cost[case as usize] = arc.map_or(self.unserved_cost, |arc| i64::from(arcs[arc].cost));
        self.at[case as usize] = j;
        self.slot[case as usize] = self.members[j as usize].len() as u32;
        self.members[j as usize].push(case);
        self.stale[j as usize] = true;
    }

    /// Finds the cheapest changes of a volunteer's cases again, if these are others than when they were last found.
    fn renew(&mut self, j: u32) {
        if !std::mem::take(&mut self.stale[j as usize]) {
            return;
        }
        let mut changes = std::mem::take(&mut self.changes[j as usize]);
        changes.clear();
        let (batch, unserved) = (self.batch, self.unserved());
        for &case in &self.members[j as usize] {
            let here = self.cost[case as usize];
            let there = batch.arcs_of(case as usize).iter().filter(|arc| batch.free[arc.volunteer as usize] > 0);
            let there = there.map(|arc| (arc.volunteer, i64::from(arc.cost)));
            for (to, cost) in there.chain([(unserved, self.unserved_cost)]).filter(|(to, _)| *to != j) {
                let change = Change { to, case, cost: cost - here };
                let place = &mut self.place[to as usize];
                if *place == 0 {
                    changes.push(change);
                    *place = changes.len() as u32;
                } else if change.cost < changes[*place as usize - 1].cost {
                    changes[*place as usize - 1] = change;
                }
            }
        }
        for change in &changes {
            self.place[change.to as usize] = 0;
        }
        self.changes[j as usize] = changes;
    }
}

/// The plans that cost the same, walked from one of them.
struct Ties<'a> {
    batch: &'a Batch,
    /// By case: who has it.
    at: Vec<u32>,
    /// People whom each volunteer has; the last, "unserved", has none.
    loads: Vec<u32>,
    /// Cases with a choice, in order, and the places among which they have it, in order.
    choices: Vec<(u32, Vec<u32>)>,
    /// By volunteer: those of `choices` that he or she has.
    members: Vec<Vec<u32>>,
    /// Volunteers among whom there is a choice and whose places cost nothing, in order: the others stay full in every best
    /// plan.
    between: Vec<u32>,
    // Of one search. After the volunteers come nodes for "somebody has so many people": whoever has so many may take one
    // more when somebody who has one more gives one away.
    seen: Vec<u32>,
    round: u32,
    queue: Vec<Step>,
}

/// A node that was reached, from which step, and by moving which choice there.
#[derive(Debug, Clone, Copy)]
struct Step {
    node: u32,
    before: u32,
    choice: u32,
}

impl<'a> Ties<'a> {
    fn new(batch: &'a Batch, at: Vec<u32>, prices: &[i64]) -> Self {
        let m = batch.free.len();
        let mut loads = batch.loads.clone();
        loads.push(0);
        let mut members = vec![Vec::new(); m + 1];
        let mut choices: Vec<(u32, Vec<u32>)> = Vec::new();
        let unserved_cost = batch.unserved_cost();
        for (case, &j) in at.iter().enumerate() {
            if (j as usize) < m {
                loads[j as usize] += 1;
            }
            let open = batch.arcs_of(case).iter().filter(|arc| batch.free[arc.volunteer as usize] > 0);
            let open = open.map(|arc| (arc.volunteer, i64::from(arc.cost) + prices[arc.volunteer as usize]));
            let open = open.chain([(m as u32, unserved_cost)]);
            let least = open.clone().map(|(_, cost)| cost).min();
            let equal: Vec<u32> = open.filter(|(_, cost)| Some(*cost) == least).map(|(to, _)| to).collect();
            if equal.len() > 1 {
                members[j as usize].push(choices.len() as u32);
                choices.push((case as u32, equal));
            }
        }
        let mut between: Vec<u32> = choices
            .iter()
            .flat_map(|(_, equal)| equal)
            .copied()
            .filter(|j| (*j as usize) < m && prices[*j as usize] == 0)
            .collect();
        between.sort_unstable();
        between.dedup();
        let most = loads.iter().max().map_or(0, |load| *load as usize) + choices.len();
        let seen = vec![0; m + 2 + most];
        Self { batch, at, loads, choices, members, between, seen, round: 0, queue: Vec::new() }
    }

    fn has_place(&self, j: u32) -> bool {
        self.batch.free.get(j as usize).is_some_and(|free| self.loads[j as usize] < self.batch.loads[j as usize] + free)
    }

    fn begin(&mut self) {
        self.round += 1;
        self.queue.clear();
    }

    fn push(&mut self, node: u32, before: u32, choice: u32) -> bool {
        let is_new = std::mem::replace(&mut self.seen[node as usize], self.round) != self.round;
        if is_new {
            self.queue.push(Step { node, before, choice });
        }
        is_new
    }

    /// Follows chains from `from` that cost nothing and move only choices from `first` on, until a node is `found`. With
    /// `even`, chains may end and begin again where that leaves the squares as they are. Answers the step that found it.
    fn follow(&mut self, from: u32, first: u32, even: bool, found: impl Fn(&Self, u32) -> bool) -> Option<u32> {
        let mut at = self.queue.len() as u32;
        if !self.push(from, NOBODY, NOBODY) {
            return None;
        }
        let levels = self.batch.free.len() as u32 + 1;
        while (at as usize) < self.queue.len() {
            let j = self.queue[at as usize].node;
            if j >= levels {
                for i in 0..self.between.len() {
                    let k = self.between[i];
                    if self.loads[k as usize] == j - levels + 1 && self.push(k, at, NOBODY) && found(self, k) {
                        return Some(self.queue.len() as u32 - 1);
                    }
                }
                at += 1;
                continue;
            }
            if even && self.has_place(j) {
                self.push(levels + self.loads[j as usize], at, NOBODY);
            }
            for i in 0..self.members[j as usize].len() {
                let choice = self.members[j as usize][i];
                for k in 0..if choice < first { 0 } else { self.choices[choice as usize].1.len() } {
                    let to = self.choices[choice as usize].1[k];
                    if self.push(to, at, choice) && found(self, to) {
                        return Some(self.queue.len() as u32 - 1);
                    }
                }
            }
            at += 1;
        }
        None
    }

    /// Makes the changes of the chain that ends with a step.
    fn change(&mut self, mut at: u32) {
        while at != NOBODY {
            let Step { node, before, choice } = self.queue[at as usize];
            if choice != NOBODY {
                self.put(choice, node);
            }
            at = before;
        }
    }

    fn put(&mut self, choice: u32, to: u32) {
        let case = self.choices[choice as usize].0;
        let from = std::mem::replace(&mut self.at[case as usize], to);
        self.members[from as usize].retain(|one| *one != choice);
        self.members[to as usize].push(choice);
        // "Unserved" has no people.
        let unserved = self.batch.free.len() as u32;
        self.loads[from as usize] -= u32::from(from != unserved);
        self.loads[to as usize] += u32::from(to != unserved);
    }

    /// Least squares: as long as a chain leads from somebody to one who has at least two people less.
    fn even_out(&mut self) {
        let mut moved = true;
        while std::mem::take(&mut moved) {
            let mut order = self.between.clone();
            order.sort_by_key(|j| Reverse(self.loads[*j as usize]));
            for from in order {
                self.begin();
                let less = |ties: &Self, to: u32| {
                    ties.has_place(to) && ties.loads[to as usize] + 2 <= ties.loads[from as usize]
                };
                while let Some(step) = self.follow(from, 0, false, less) {
                    self.change(step);
                    moved = true;
                    self.begin();
                }
            }
        }
    }

    /// Of all plans that are as good, the first: each choice in turn takes the lowest volunteer for whom later choices can
    /// make up.
    fn first_by_ids(&mut self) {
        for choice in 0..self.choices.len() as u32 {
            let j = self.at[self.choices[choice as usize].0 as usize];
            self.begin();
            for k in 0..self.choices[choice as usize].1.len() {
                let to = self.choices[choice as usize].1[k];
                if to >= j {
                    break;
                }
                // What was reached from a lower one in vain leads nowhere now either.
                if let Some(step) = self.follow(to, choice + 1, true, |_, node| node == j) {
                    self.change(step);
                    self.put(choice, to);
                    break;
                }
            }
        }
    }
}

/// Whether a plan is right and nothing is better: it keeps every limit and its figures are true; each case is where it costs
/// least at the plan's prices, which are 0 where a place is left (so nothing serves more, or as many at less cost); and no
/// chain of changes that cost nothing evens loads out. (That it is the first by ids is held by the tests.)
#[must_use]
pub fn check(batch: &Batch, found: &Plan) -> bool {
    let m = batch.free.len();
    if found.volunteers.len() != batch.cases() || found.prices.len() != m || found.prices.iter().any(|price| *price < 0)
    {
        return false;
    }
    let at: Vec<u32> = found.volunteers.iter().map(|j| j.unwrap_or(m as u32)).collect();
    let unserved_cost = batch.unserved_cost();
    let known = at.iter().enumerate().all(|(case, j)| {
        let price = |arc: &Arc| i64::from(arc.cost) + found.prices[arc.volunteer as usize];
        let arcs = batch.arcs_of(case).iter().filter(|arc| batch.free[arc.volunteer as usize] > 0);
        let least = arcs.clone().map(price).min().unwrap_or(i64::MAX).min(unserved_cost);
        let mut here = arcs.filter(|arc| arc.volunteer == *j).map(price);
        (if *j as usize == m { Some(unserved_cost) } else { here.next() }) == Some(least)
    });
    if !known || *found != plan(batch, &at, found.prices.clone()) {
        return false;
    }
    let mut prices = found.prices.clone();
    prices.push(0);
    let mut ties = Ties::new(batch, at, &prices);
    let within = (0..m).all(|j| {
        let has = ties.loads[j] - batch.loads[j];
        has <= batch.free[j] && (has == batch.free[j] || found.prices[j] == 0)
    });
    within && {
        ties.even_out();
        squares(ties.loads.iter().copied()) == found.squares
    }
}

#[cfg(test)]
mod tests;
