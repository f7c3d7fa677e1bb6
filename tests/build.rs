//! Collects the twins of the lessons (`ui/TOPIC/NN_name.right.rs`) into one program, `twins.rs`: each
//! becomes a module, with a row in a table of their `main`s. One program links in seconds; a hundred
//! do not. And compiles the C functions of `elastic`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    c_frames();
    println!("cargo::rerun-if-changed=ui");
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("ui");
    let mut twins: Vec<PathBuf> = entries(&root)
        .flat_map(|topic| entries(&topic))
        .filter(|path| path.to_str().unwrap().ends_with(".right.rs"))
        .collect();
    twins.sort();

    let (mut modules, mut table) = (String::new(), String::new());
    for (number, path) in twins.iter().enumerate() {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let name = name.trim_end_matches(".right.rs");
        writeln!(
            modules,
            "mod twin{number} {{ include!({path:?}); pub(super) fn run() {{ let _ = main(); }} }}"
        )
        .unwrap();
        writeln!(table, "    ({name:?}, twin{number}::run),").unwrap();
    }
    let code = format!("{modules}\nconst TWINS: &[(&str, fn())] = &[\n{table}];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    fs::write(out.join("twins.rs"), code).unwrap();
}

/// Only where the tests run: type checks for other systems need no C compiler for them.
fn c_frames() {
    println!("cargo::rerun-if-changed=elastic/frames.c");
    if env::var_os("CARGO_CFG_TARGET_OS").is_none_or(|os| os != "linux") {
        return;
    }
    for (kind, flag) in [
        ("probed", "-fstack-clash-protection"),
        ("unprobed", "-fno-stack-clash-protection"),
    ] {
        cc::Build::new()
            .file("elastic/frames.c")
            .define("LARGE", &*format!("large_{kind}"))
            .define("DEEP", &*format!("deep_{kind}"))
            .flag_if_supported(flag)
            .compile(&format!("frames_{kind}"));
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    println!("cargo::rerun-if-changed={}", folder.display());
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
}
