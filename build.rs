//! Migrations are embedded: adding one must build the program again.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
