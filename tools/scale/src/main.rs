//! Prints the generated parts of `docs/design/scale.md`, and with `readme` the README's table, each
//! after a line with its name.

#![expect(clippy::print_stdout, reason = "a command line tool prints")]

use scale::report;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("readme") {
        print!("== money\n{}", report::readme());
        return;
    }
    for (name, text) in report::parts() {
        print!("== {name}\n{text}");
    }
}
