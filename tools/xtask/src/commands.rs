//! The commands, one file each.

pub mod ask;
pub mod bench;
pub mod build;
pub mod campaign;
pub mod check;
pub mod dead_letters;
pub mod dev;
pub mod doctor;
pub mod key;
pub mod page;
pub mod record;
pub mod register;
pub mod scale;
pub mod schema;
pub mod screenshots;
pub mod simulate;
pub mod size;
pub mod test;
pub mod tidy;
