//! Deaths of the program, at every effect of a flow.

use super::Order;
use super::database::sharing;

/// On which side of an effect the program dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// How one run dies.
#[derive(Debug, Clone, Copy)]
pub struct Death {
    /// In which order steps that run side by side are taken.
    pub order: Order,
    pub side: Side,
    /// The effect at which it dies, from 0.
    pub effect: u32,
}

/// Calls a test for each order of steps and each side of each effect, until a run has no such effect any
/// more. The test returns whether the program died, and no order may have fewer effects than `least`.
pub fn wherever_it_dies(least: u32, dies: impl Fn(Death) -> bool) {
    sharing(|| {
        for order in Order::ALL {
            for side in [Side::Before, Side::After] {
                let mut effect = 0;
                while dies(Death { order, side, effect }) {
                    effect += 1;
                }
                assert!(effect > least, "{order:?}: the flow has more effects than {effect}");
            }
        }
    });
}
