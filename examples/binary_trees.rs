//! Do two trees hold the same numbers? Two goroutines walk them, main compares as they come.
//!
//! Mirrors the exercise "Equivalent Binary Trees" of "A Tour of Go".

use goroutines::prelude::*;

#[derive(Default)]
struct Tree {
    value: Option<u32>,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

impl Tree {
    fn of(values: &[u32]) -> Tree {
        let mut tree = Tree::default();
        for &v in values {
            tree.insert(v);
        }
        tree
    }

    fn insert(&mut self, v: u32) {
        match self.value {
            None => self.value = Some(v),
            Some(here) if v < here => self.left.get_or_insert_default().insert(v),
            Some(_) => self.right.get_or_insert_default().insert(v),
        }
    }

    /// Sends the tree's values in order.
    #[goroutine]
    fn walk(&self, out: &Sender<u32>) {
        if let Some(left) = &self.left {
            left.walk(out);
        }
        if let Some(v) = self.value {
            out.send(v);
        }
        if let Some(right) = &self.right {
            right.walk(out);
        }
    }
}

fn walker(tree: Tree) -> Receiver<u32> {
    let (out, values) = chan::channel(0);
    go!({ tree.walk(&out) });
    values
}

fn same(a: Tree, b: Tree) -> bool {
    walker(a).iter().eq(walker(b).iter())
}

#[goroutine]
fn main() {
    let small = [3, 1, 2, 5, 4];
    println!(
        "same: {}",
        same(Tree::of(&small), Tree::of(&[1, 2, 3, 4, 5]))
    );
    println!("same: {}", same(Tree::of(&small), Tree::of(&[1, 2, 4, 5])));
}
