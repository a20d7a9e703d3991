//! Sorting by numbers, once in the program: each type that std sorts brings four kilobytes of its own into the Worker.

/// Brings items into the order of the numbers that `place` tells of each, the second one where the first ones are equal;
/// those with equal numbers stay in the order in which they are.
///
/// # Example
///
/// ```
/// # use miyabi_core::order::sort_by_place;
/// let mut words = vec!["three", "on", "to"];
/// sort_by_place(&mut words, |word| (word.len(), 0));
/// assert_eq!(words, ["on", "to", "three"]);
/// ```
pub fn sort_by_place<T>(items: &mut Vec<T>, place: impl Fn(&T) -> (usize, usize)) {
    let order = ordered(items.iter().map(place).zip(0..).collect());
    let mut unsorted: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|(_, at)| unsorted.get_mut(at)?.take()));
}

type Places = Vec<((usize, usize), usize)>;

fn ordered(mut places: Places) -> Places {
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_as_they_were() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        sort_by_place(&mut items, |(number, _)| (*number, 0));
        assert_eq!(items, [(1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
    }

    #[test]
    fn the_second_number_tells_where_the_first_does_not() {
        let mut ranges = vec![3..4, 1..2, 1..9];
        sort_by_place(&mut ranges, |range| (range.start, usize::MAX - range.end));
        assert_eq!(ranges, [1..9, 1..2, 3..4]);
    }
}
